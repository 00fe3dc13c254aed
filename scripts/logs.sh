#!/bin/sh
# Shows what the nodes have logged.

usage='Usage: logs.sh [OPTIONS] [LINES]

Prints the last LINES (default 20) of every node of the inventory.'

# shellcheck source=scripts/fleet.sh
. "$(dirname -- "$0")/fleet.sh"
fleet_options "$@"
shift "$fleet_shift"
lines=${1:-20}
case $lines in '' | *[!0-9]*) fail "Cannot show \"$lines\": wanted a number of lines" 2 ;; esac

per_host() {
  status=0
  for port in $host_ports; do
    host_order logs "$port" "$lines" || status=1
  done
  return "$status"
}

on_every_host
