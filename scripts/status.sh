#!/bin/sh
# Tells how every node is.

usage='Usage: status.sh [OPTIONS]

Prints a line for every node: whether it runs, since when, its id, phase, peers, height and tip. Fails
if a node does not answer.'

# shellcheck source=scripts/fleet.sh
. "$(dirname -- "$0")/fleet.sh"
fleet_options "$@"
shift "$fleet_shift"
[ $# = 0 ] || fail "Cannot read \"$1\": wanted no argument" 2

per_host() {
  status=0
  for port in $host_ports; do
    host_order status "$port" || status=1
  done
  return "$status"
}

on_every_host
