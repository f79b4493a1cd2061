# What the set-up scripts share. Sourced, after `set -euo pipefail`.
# shellcheck shell=bash
# shellcheck disable=SC2034  # what it sets is for the scripts that source it

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

# Can we make network namespaces, as we are?
have_namespaces() {
  unshare --net --mount true 2>/dev/null ||
    unshare --user --map-root-user --net --mount true 2>/dev/null
}

# Sets `as_root` to what a command needs in front of it to make network
# namespaces: nothing where we can, or nobody can. Then virtual kernels do, and
# `namespaces` is "no".
want_namespaces() {
  as_root=()
  namespaces=yes
  have_namespaces && return
  if [[ $EUID -ne 0 ]] && command -v sudo >/dev/null; then
    need_root 'make network namespaces: user namespaces are off here'
  else
    echo 'Network namespaces are forbidden here: using a virtual kernel.'
    namespaces=no
  fi
}

# The folder that finwait is built in by the chosen preset.
build_folder() {
  if [[ ${preset:-default} == sanitize ]]; then
    echo build-sanitize
  else
    echo build
  fi
}

# Builds the virtual kernel "uml" unless there is one.
need_kernel() {
  local finwait
  finwait=$(build_folder)/tools/finwait
  "$finwait" kernel list | grep -q '^uml ' && return
  "$finwait" kernel build --name uml debian:trixie-backports
}
