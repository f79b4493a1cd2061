# shared_descriptor.sh ADDRESS PORT: connects, and after a line of input shares
# the connection with a child and closes it. The child holds it until the next
# line.
exec 3<>"/dev/tcp/$1/$2" 4<&0
echo connected
read -r _ <&4
(read -r _ <&4) &
exec 3>&-
echo parent has closed
wait
echo child has ended
