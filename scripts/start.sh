#!/bin/sh
# Starts the nodes: a new network, or the one that was stopped.

usage='Usage: start.sh [OPTIONS] [--wait SECONDS] [--new [NODE OPTIONS]]

Starts every node of the inventory that does not run, as it was set up last, and waits until each of
them is ready (60 seconds unless --wait says otherwise).

--new begins a new network: every node is stopped, its old chain and keys are deleted, and what stands
behind --new goes to "noobcash node" on all machines, for example

    start.sh --new --capacity 10 --difficulty 4 --strict

The number of nodes, the addresses, the bootstrap node and the join token come from the inventory. A
machine that install.sh made a certificate for serves its API over TLS, too, on its port + 443.'

# shellcheck source=scripts/fleet.sh
. "$(dirname -- "$0")/fleet.sh"
fleet_options "$@"
shift "$fleet_shift"

wait_seconds=60
new=
while [ $# -gt 0 ]; do
  case $1 in
    --wait)
      [ $# -ge 2 ] || fail "Cannot read --wait: got nothing, wanted seconds" 2
      wait_seconds=$2
      shift
      ;;
    --new)
      new=yes
      shift
      break
      ;;
    *) fail "Cannot read \"$1\": wanted --wait or --new (node options stand behind --new)" 2 ;;
  esac
  shift
done
case $wait_seconds in '' | *[!0-9]*) fail "Cannot wait: got \"$wait_seconds\", wanted seconds" 2 ;; esac
for word in "$@"; do
  case $word in
    *[!A-Za-z0-9.,:/_=-]*) fail "Cannot hand on \"$word\": wanted letters, digits and . , : / _ = -" 2 ;;
    -p | --port | -n | --nodes | -b | --bootstrap | --bootstrap-url | --host | --advertise | --data-dir | --join-token | --tls-cert | --tls-key | --tls-port)
      fail "Cannot hand on \"$word\": it comes from the inventory" 2
      ;;
  esac
done

nodes=$(all_nodes)
node_count=$(printf '%s\n' "$nodes" | wc -l | tr -d ' ')
bootstrap=$(printf '%s\n' "$nodes" | head -n 1)
bootstrap_name=${bootstrap%% *}
bootstrap_port=${bootstrap##* }
bootstrap_address=${bootstrap#* }
bootstrap_address=${bootstrap_address% *}
token_file=$(dirname -- "$inventory")/join-token
if [ -n "$new" ]; then
  [ -z "$only" ] || fail "Cannot begin a new network on some machines: wanted --new without --only" 2
  [ -s "$token_file" ] || [ -n "$dry_run" ] ||
    fail "Cannot read \"$token_file\": got no such file, wanted the one that install.sh makes" 2
fi

certificates=$(dirname -- "$inventory")/certificates
# Where remote/host.sh puts them.
tls_folder=/var/lib/noobcash/tls

# Options of one node, from the inventory and the command line.
node_options() {
  case $host_address in
    *:*) printf -- '--host :: ' ;;
    *) printf -- '--host 0.0.0.0 ' ;;
  esac
  printf -- '--port %s --nodes %s --advertise %s ' "$1" "$node_count" "$(authority "$host_address" "$1")"
  if [ -s "$certificates/$host_name.pem" ]; then
    printf -- '--tls-cert %s/node.pem --tls-key %s/node-key.pem --tls-port %s ' \
      "$tls_folder" "$tls_folder" $(($1 + 443))
  fi
  if [ "$host_name" = "$bootstrap_name" ] && [ "$1" = "$bootstrap_port" ]; then
    printf -- '--bootstrap'
  else
    printf -- '--bootstrap-url http://%s' "$(authority "$bootstrap_address" "$bootstrap_port")"
  fi
}

new_options=$*

# Set up everywhere before the first one starts, so that no node of the old network is there to answer.
# The token goes through standard input: arguments can be seen by everybody on the machine.
configure_host() {
  for port in $host_ports; do
    { [ -n "$dry_run" ] || cat "$token_file"; } |
      host_order configure "$port" "$(node_options "$port")${new_options:+ $new_options}" || return 1
  done
}

start_host() {
  for port in $host_ports; do
    host_order start "$port" || return 1
  done
  for port in $host_ports; do
    host_order wait "$port" "$wait_seconds" || return 1
  done
}

per_host() {
  if [ "$phase" = configure ]; then configure_host; else start_host; fi
}

if [ -n "$new" ]; then
  phase=configure
  on_every_host || exit 1
fi
phase=start
on_every_host
