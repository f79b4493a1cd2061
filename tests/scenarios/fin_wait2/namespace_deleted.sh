# In a namespace of its own, a client at the other end of a cable connects to
# 192.168.7.1 port 7000 and closes. With the first line of input it says how
# many FIN_WAIT2 there are; the second ends it, and so its namespace and the
# cable.
client='
  echo here
  read -r _
  ip address add 192.168.7.2/24 dev inner
  ip link set inner up
  echo 30 >/proc/sys/net/ipv4/tcp_fin_timeout
  exec 3<>/dev/tcp/192.168.7.1/7000
  exec 3>&-
  echo closed
  read -r _
  grep -c " 0107A8C0:1B58 05 " /proc/net/tcp
  read -r _
'
coproc CLIENT { exec unshare -n bash -c "$client"; }
inner=$CLIENT_PID                     # bash forgets it when the client has ended

read -r _ <&"${CLIENT[0]}"
ip link add outer type veth peer name inner netns "$inner"
ip address add 192.168.7.1/24 dev outer
ip link set outer up
echo >&"${CLIENT[1]}"

read -r _ <&"${CLIENT[0]}"
echo closed
read -r _
echo >&"${CLIENT[1]}"
read -r count <&"${CLIENT[0]}"
echo "in FIN_WAIT2: $count"
read -r _
echo >&"${CLIENT[1]}"
wait "$inner"
echo ended
