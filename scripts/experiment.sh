#!/bin/sh
# Replays a workload on all machines at the same time, and makes the report.

usage='Usage: experiment.sh [OPTIONS] WORKLOAD OUT [REPLAY OPTIONS]

Copies WORKLOAD (a folder of transactions<id>.txt) to every machine, has every node replay its own file,
all at once, collects what each has recorded, and adds it to the result folder OUT as one run; then
renders OUT/report.html. What stands behind OUT goes to "noobcash replay", for example --retry.

The network must run: start.sh --new for each run, with the capacity and the difficulty that are to be
measured. Run again with the same OUT, further cells and repetitions are added. The clocks of the machines
must agree (network time).

The report is made by dist/noobcash, or the program that the variable NOOBCASH names.'

# shellcheck source=scripts/fleet.sh
. "$(dirname -- "$0")/fleet.sh"
fleet_options "$@"
shift "$fleet_shift"
[ $# -ge 2 ] || fail "Cannot replay: got $# arguments, wanted WORKLOAD and OUT" 2
workload=$1
out=$2
shift 2
[ -d "$workload" ] || fail "Cannot read \"$workload\": got no such folder, wanted a workload" 2
program=${NOOBCASH:-$fleet_folder/../dist/noobcash}
[ -n "$dry_run" ] || [ -x "$program" ] ||
  fail "Cannot run \"$program\": got no such program, wanted the packed file, or \$NOOBCASH" 2

records=$(mktemp -d "${TMPDIR:-/tmp}/noobcash-records.XXXXXX") || exit 1
remote_folder=/tmp/noobcash-workload-$$
options=$(quote_all "$@")

copy_workload() {
  command="rm -rf $remote_folder && mkdir -m 755 $remote_folder && tar -xf - -C $remote_folder && chmod -R a+rX $remote_folder"
  if [ -n "$dry_run" ]; then
    remote "$command"
  else
    tar -cf - -C "$workload" . | remote "$command"
  fi
}

replay_host() {
  for port in $host_ports; do
    # The record comes on standard output, what is said on standard error.
    remote_as_root "sh $host_script replay $port $remote_folder $options" \
      >"$records/$host_name-$port.json" 2>"$records/$host_name-$port.said" &
  done
  wait
  status=0
  for port in $host_ports; do
    if [ -n "$dry_run" ]; then cat "$records/$host_name-$port.json"; fi
    sed "s/^/port $port: /" "$records/$host_name-$port.said"
    [ -s "$records/$host_name-$port.json" ] || status=1
  done
  remote "rm -rf $remote_folder" || status=1
  return "$status"
}

per_host() {
  if [ "$phase" = copy ]; then copy_workload; else replay_host; fi
}

phase=copy
on_every_host || exit 1
phase=replay
on_every_host || {
  echo "records are in $records" >&2
  exit 1
}

if [ -n "$dry_run" ]; then
  printf '%s report merge ... --out %s\n' "$program" "$out"
else
  "$program" report merge "$records"/*.json --out "$out" || exit
fi
rm -rf "$records"
