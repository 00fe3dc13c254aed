#!/bin/sh
# Installs, or upgrades, the program on every machine.

usage='Usage: install.sh [OPTIONS] [FILE]

Puts FILE (default: dist/noobcash, as "deno task pack" or "deno task compile" makes it) on every machine
as /usr/local/bin/noobcash, makes the service user and its folders, and installs the systemd unit
noobcash@PORT.service, or, where there is no systemd, a supervisor that does the same work.

Run again, it upgrades: nodes that run go on as they are until they are started again. Makes the join
token that all nodes of the fleet share, in a file beside the inventory, unless it is there.'

# shellcheck source=scripts/fleet.sh
. "$(dirname -- "$0")/fleet.sh"
fleet_options "$@"
shift "$fleet_shift"
[ $# -le 1 ] || fail "Cannot install: got $# arguments, wanted FILE or nothing" 2
program=${1:-$fleet_folder/../dist/noobcash}
[ -f "$program" ] ||
  fail "Cannot install \"$program\": got no such file, wanted the one that \"deno task pack\" makes" 2

token_file=$(dirname -- "$inventory")/join-token
if [ ! -s "$token_file" ] && [ -z "$dry_run" ]; then
  (umask 077 && od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$token_file") ||
    fail "Cannot write \"$token_file\""
fi

per_host() {
  staging=/tmp/noobcash-install-$$
  unpack="rm -rf $staging && mkdir -m 700 $staging && tar -xf - -C $staging"
  if [ -n "$dry_run" ]; then
    remote "$unpack"
  else
    # Two archives on one line of tar's: the program comes from its own folder, under its own name.
    stage=$(mktemp -d "${TMPDIR:-/tmp}/noobcash-stage.XXXXXX") || return 1
    cp "$program" "$stage/noobcash" &&
      cp "$fleet_folder/remote/host.sh" "$fleet_folder/remote/noobcash@.service" "$stage/" &&
      tar -cf - -C "$stage" . | remote "$unpack"
    status=$?
    rm -rf "$stage"
    [ "$status" = 0 ] || return 1
  fi
  remote_as_root "sh $staging/host.sh install $staging" && remote "rm -rf $staging"
}

on_every_host
