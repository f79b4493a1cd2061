# What the set-up scripts share. Sourced, after `set -euo pipefail`.
# shellcheck shell=bash
# shellcheck disable=SC2034  # as_root is for the scripts that source this

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

# need_root WHY: sets `as_root` to what a command needs in front of it to run
# as root; asks for the password, if any, now.
need_root() {
  as_root=()
  [[ $EUID -eq 0 ]] && return
  command -v sudo >/dev/null ||
    die "root is needed to $1, and there is no sudo: run this as root"
  printf 'sudo is needed to %s.\n' "$1"
  sudo true || die "sudo did not let you $1"
  as_root=(sudo)
}

# Sets `as_root` to what a command needs in front of it to make network
# namespaces: nothing, where the kernel lets users make user namespaces.
need_namespaces() {
  as_root=()
  unshare --user --map-root-user --net --mount true 2>/dev/null ||
    need_root 'make network namespaces: user namespaces are off here'
}
