#!/bin/sh
# Stops the nodes.

usage='Usage: stop.sh [OPTIONS]

Stops every node of the inventory, and waits until it has written what it must. Chain and keys stay:
start.sh goes on where they stood.'

# shellcheck source=scripts/fleet.sh
. "$(dirname -- "$0")/fleet.sh"
fleet_options "$@"
shift "$fleet_shift"
[ $# = 0 ] || fail "Cannot read \"$1\": wanted no argument" 2

per_host() {
  status=0
  for port in $host_ports; do
    host_order stop "$port" || status=1
  done
  return "$status"
}

on_every_host
