#!/bin/sh
# Takes the program off every machine.

usage='Usage: uninstall.sh [OPTIONS] [--purge]

Stops every node and removes program, units and service user. Chains, keys and logs stay, unless --purge
is given: then nothing is left.'

# shellcheck source=scripts/fleet.sh
. "$(dirname -- "$0")/fleet.sh"
fleet_options "$@"
shift "$fleet_shift"
case ${1:-} in
  '' | --purge) purge=${1:-} ;;
  *) fail "Cannot read \"$1\": wanted --purge or nothing" 2 ;;
esac

per_host() {
  if [ -n "$dry_run" ] || remote "test -e $host_script"; then
    host_order uninstall "$purge"
  else
    echo 'not installed'
  fi
}

on_every_host
