# What the set-up scripts share. Sourced, after `set -euo pipefail`.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

die() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

# usage STATUS: prints the comment at the top of the calling script, which is
# its manual, and exits.
usage() {
  sed -n '2,/^[^#]/ { s/^# \{0,1\}//p }' "tools/${0##*/}"
  exit "$1"
}

# as_root WHY COMMAND...: runs the command as root, through sudo if need be.
as_root() {
  local why=$1
  shift
  if [[ $EUID -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    printf 'sudo is needed to %s.\n' "$why"
    sudo "$@"
  else
    die "to $why needs root, and there is no sudo: run this as root"
  fi
}

# Whether finwait can make its network namespaces as this user.
can_make_namespaces() {
  [[ $EUID -eq 0 ]] ||
    unshare --user --map-root-user --net --mount true 2>/dev/null
}

# with_namespaces COMMAND...: as this user if the kernel lets it, else as root.
with_namespaces() {
  if can_make_namespaces; then
    "$@"
  else
    as_root 'make network namespaces, as user namespaces are off here' "$@"
  fi
}
