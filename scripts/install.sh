#!/bin/sh
# Installs, or upgrades, the program on every machine.

usage='Usage: install.sh [OPTIONS] [FILE]

Puts FILE (default: dist/noobcash, as "deno task pack" or "deno task compile" makes it) on every machine
as /usr/local/bin/noobcash, makes the service user and its folders, and installs the systemd unit
noobcash@PORT.service, or, where there is no systemd, a supervisor that does the same work.

Run again, it upgrades: nodes that run go on as they are until they are started again. Makes the join
token that all nodes of the fleet share, in a file beside the inventory, unless it is there, and, with
openssl, an authority and a certificate for each machine in the folder "certificates" beside it: the
nodes serve their API over TLS with them (start.sh --new), clients are given certificates/ca.pem (--ca).'

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

# A certificate that is there stays; delete it to have a new one.
certificates=$(dirname -- "$inventory")/certificates
if [ -n "$dry_run" ]; then
  :
elif command -v openssl >/dev/null; then
  missing=$(printf '%s\n' "$all_hosts" | while read -r name address _; do
    [ -s "$certificates/$name.pem" ] || printf '%s=%s,%s\n' "$name" "$address" "$name"
  done)
  # shellcheck disable=SC2086 # names and addresses have no blanks
  [ -z "$missing" ] || sh "$fleet_folder/certificates.sh" --out "$certificates" $missing ||
    fail "Cannot make certificates in \"$certificates\""
else
  printf '%s: no certificates: got no openssl; the nodes serve no TLS\n' "${0##*/}" >&2
fi

per_host() {
  staging=/tmp/noobcash-install-$$
  unpack="rm -rf $staging && mkdir -m 700 $staging && tar -xf - -C $staging"
  if [ -n "$dry_run" ]; then
    remote "$unpack"
  else
    # Two archives on one line of tar's: the program comes from its own folder, under its own name.
    stage=$(mktemp -d "${TMPDIR:-/tmp}/noobcash-stage.XXXXXX") || return 1
    if [ -s "$certificates/$host_name.pem" ]; then
      cp "$certificates/$host_name.pem" "$stage/node.pem" &&
        cp "$certificates/$host_name-key.pem" "$stage/node-key.pem" || return 1
    fi
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
