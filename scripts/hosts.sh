#!/bin/sh
# Writes the machines' names into /etc/hosts of every machine.

usage='Usage: hosts.sh [OPTIONS] [--remove]

Writes name and address of every machine of the inventory into /etc/hosts on every machine, between two
marks. Run again, it replaces what stands between them; --remove takes it away.'

# shellcheck source=scripts/fleet.sh
. "$(dirname -- "$0")/fleet.sh"
fleet_options "$@"
shift "$fleet_shift"
case $*: in
  :) remove= ;;
  --remove:) remove=yes ;;
  *) fail "Cannot read \"$*\": wanted --remove or nothing" 2 ;;
esac

block=
if [ -z "$remove" ]; then
  block=$(
    echo '# noobcash begin'
    all_nodes | awk '!seen[$1]++ { print $2 "\t" $1 }'
    echo '# noobcash end'
  )
fi

# Written over, not moved over: in containers /etc/hosts is a mount of its own. Only between a begin and
# its end is anything taken out, so that a damaged block never eats what stands below it.
# shellcheck disable=SC2016 # expanded on the other side
script='
set -eu
new=$(mktemp)
trap "rm -f \"$new\"" EXIT
awk "
  /^# noobcash begin\$/ { printf \"%s\", held; held = \"\"; inside = 1 }
  inside { held = held \$0 \"\\n\" }
  inside && /^# noobcash end\$/ { held = \"\"; inside = 0; next }
  !inside { print }
  END { printf \"%s\", held }
" /etc/hosts >"$new"
cat >>"$new"
cmp -s "$new" /etc/hosts || cat "$new" >/etc/hosts
'

per_host() {
  { [ -z "$block" ] || printf '%s\n' "$block"; } | remote_as_root "sh -c $(quote "$script")" || return
  [ -n "$dry_run" ] || { [ -n "$remove" ] && echo 'names removed'; } || echo 'names written'
}

on_every_host
