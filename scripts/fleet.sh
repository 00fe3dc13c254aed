# shellcheck shell=sh
#
# What the scripts of the fleet share: the inventory, ssh, and work on all machines at once.
#
# Sourced, never run. A script sets `usage`, calls `fleet_options "$@"` and shifts by `fleet_shift`,
# defines `per_host`, and calls `on_every_host`. In `per_host` these name the machine in hand:
# host_name, host_address, host_user, host_ports (blank-separated).

# shellcheck disable=SC2154 # usage is the script's

set -u

fleet_folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
inventory=${NOOBCASH_HOSTS:-$fleet_folder/hosts.txt}
only=
dry_run=
fleet_shift=0

# Where things are on every machine; remote/host.sh agrees.
host_script=/usr/local/lib/noobcash/host.sh

fail() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit "${2:-1}"
}

# Reads the options that every script has; the rest begins after `fleet_shift` arguments.
fleet_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --inventory | --only)
        [ $# -ge 2 ] || fail "Cannot read $1: got nothing, wanted a value" 2
        if [ "$1" = --inventory ]; then inventory=$2; else only=$2; fi
        fleet_shift=$((fleet_shift + 1))
        shift
        ;;
      --dry-run) dry_run=yes ;;
      -h | --help)
        printf '%s\n\n' "$usage"
        printf '%s\n' \
          "On every script:" \
          "  --inventory FILE  the machines (default: hosts.txt beside the scripts, or \$NOOBCASH_HOSTS)" \
          "  --only NAME,NAME  these machines alone" \
          "  --dry-run         print what would be run, and run nothing" \
          "NOOBCASH_SSH_OPTIONS holds more options for ssh, e.g. '-i ~/.ssh/fleet -p 2222'."
        exit 0
        ;;
      *) break ;;
    esac
    fleet_shift=$((fleet_shift + 1))
    shift
  done
  read_inventory
}

# Reads the inventory into `all_hosts`, and those that were chosen into `hosts`: one machine a line,
# fields separated by one blank.
read_inventory() {
  [ -r "$inventory" ] ||
    fail "Cannot read \"$inventory\": got no such file, wanted one like hosts.txt.example" 2

  all_hosts=$(tr -d '\r' <"$inventory" | awk '
    function bad(what) {
      printf "Cannot read line %d of the inventory: got %s\n", NR, what > "/dev/stderr"
      failed = 1
      exit
    }
    /^[ \t]*(#|$)/ { next }
    NF != 4 { bad(NF " fields, wanted name, address, user and ports") }
    $1 !~ /^[A-Za-z0-9][A-Za-z0-9.-]*$/ { bad("name \"" $1 "\", wanted letters, digits, dots and dashes") }
    $2 !~ /^[A-Za-z0-9][A-Za-z0-9.:%-]*$|^::1$/ { bad("address \"" $2 "\", wanted an address without brackets") }
    $3 !~ /^[A-Za-z_][A-Za-z0-9_.-]*$/ { bad("user \"" $3 "\"") }
    $4 !~ /^[0-9]+(,[0-9]+)*$/ { bad("ports \"" $4 "\", wanted numbers separated by commas") }
    $1 in seen { bad("name \"" $1 "\" a second time") }
    {
      seen[$1] = 1
      count = split($4, ports, ",")
      for (i = 1; i <= count; i++) {
        if (ports[i] < 1 || ports[i] > 65535) bad("port " ports[i] ", wanted 1 to 65535")
        if (($2, ports[i]) in used) bad("port " ports[i] " of " $2 " a second time")
        used[$2, ports[i]] = 1
      }
      gsub(",", "+", $4)
      print $1, $2, $3, $4
    }
    END { exit failed ? 2 : 0 }') || exit 2
  [ -n "$all_hosts" ] || fail "Cannot use \"$inventory\": got no machine, wanted at least one" 2

  hosts=$all_hosts
  [ -z "$only" ] || hosts=$(printf '%s\n' "$all_hosts" | awk -v only="$only" '
    BEGIN {
      count = split(only, names, ",")
      for (i = 1; i <= count; i++) wanted[names[i]] = 1
    }
    $1 in wanted { print; delete wanted[$1] }
    END {
      for (name in wanted) {
        printf "Cannot choose \"%s\": got no such machine in the inventory\n", name > "/dev/stderr"
        exit 2
      }
    }') || exit 2
}

# All nodes of the inventory, chosen or not: "name address port", the bootstrap node first.
all_nodes() {
  printf '%s\n' "$all_hosts" | while read -r name address _ ports; do
    for port in $(printf '%s' "$ports" | tr '+' ' '); do
      printf '%s %s %s\n' "$name" "$address" "$port"
    done
  done
}

# An address with a port, as URLs write it.
authority() {
  case $1 in
    *:*) printf '[%s]:%s' "$1" "$2" ;;
    *) printf '%s:%s' "$1" "$2" ;;
  esac
}

# Quotes a word for a shell on the other side.
quote() {
  printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
}

quote_all() {
  for word in "$@"; do
    quote "$word"
    printf ' '
  done
}

# Runs a command line on the machine in hand; its standard input goes there.
remote() {
  if [ -n "$dry_run" ]; then
    printf 'ssh %s@%s %s\n' "$host_user" "$host_address" "$1"
    return 0
  fi
  # shellcheck disable=SC2029,SC2086 # the line is made here; the options are several words
  ssh -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=15 ${NOOBCASH_SSH_OPTIONS:-} \
    "$host_user@$host_address" "$1"
}

# The same as root: by sudo, unless root logs in.
remote_as_root() {
  case $host_user in
    root) remote "$1" ;;
    *) remote "sudo -n $1" ;;
  esac
}

# Runs an order of remote/host.sh, as it was installed, as root.
host_order() {
  remote_as_root "sh $host_script $(quote_all "$@")"
}

# Runs `per_host` for every machine at the same time, then prints what each said under its name.
# Fails if any failed, and names those.
on_every_host() {
  fleet_work=$(mktemp -d "${TMPDIR:-/tmp}/noobcash-fleet.XXXXXX") || exit 1
  trap 'rm -rf "$fleet_work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM

  printf '%s\n' "$hosts" >"$fleet_work/hosts"
  while read -r host_name host_address host_user host_ports; do
    host_ports=$(printf '%s' "$host_ports" | tr '+' ' ')
    (
      per_host </dev/null >"$fleet_work/$host_name.out" 2>&1
      echo $? >"$fleet_work/$host_name.status"
    ) &
  done <"$fleet_work/hosts"
  wait

  failed=
  while read -r host_name _; do
    sed "s/^/$host_name: /" "$fleet_work/$host_name.out"
    status=$(cat "$fleet_work/$host_name.status" 2>/dev/null || echo none)
    [ "$status" = 0 ] || failed="$failed $host_name"
  done <"$fleet_work/hosts"
  rm -rf "$fleet_work"
  trap - EXIT INT TERM

  [ -z "$failed" ] || {
    printf '%s: failed on%s\n' "${0##*/}" "$failed" >&2
    return 1
  }
}
