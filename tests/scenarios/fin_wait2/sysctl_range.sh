# Writes to tcp_fin_timeout what it may take and what not, and says what it
# reads then. Its end is INT_MAX / HZ; HZ is one of the four that Kconfig knows.
file=/proc/sys/net/ipv4/tcp_fin_timeout

# Writes $1 over the 60 of before, and says what became of it.
try() {
  echo 60 >$file
  answer=''
  sh -c "echo $1 >$file" 2>/dev/null || answer=' refused,'
  echo "$1$answer reads $(cat $file)"
}

for value in 0 -1 0x10 1.5 abc 2147483648; do try $value; done

for hz in 100 250 300 1000; do
  last=$((2147483647 / hz))
  case "$(try $last) $(try $((last + 1)))" in
    "$last reads $last $((last + 1)) refused, reads 60")
      echo 'INT_MAX / HZ is the last' ;;
  esac
done
