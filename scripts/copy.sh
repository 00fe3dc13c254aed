#!/bin/sh
# Copies a file or a folder to every machine.

usage='Usage: copy.sh [OPTIONS] SOURCE [FOLDER]

Copies SOURCE (a file or a folder) into FOLDER on every machine, with the rights of the user who logs
in there. FOLDER is made if it is not there; the default is the home folder.'

# shellcheck source=scripts/fleet.sh
. "$(dirname -- "$0")/fleet.sh"
fleet_options "$@"
shift "$fleet_shift"
case $# in
  1 | 2) ;;
  *) fail "Cannot copy: got $# arguments, wanted SOURCE and FOLDER" 2 ;;
esac
source=$1
folder=${2:-.}
[ -e "$source" ] || fail "Cannot copy \"$source\": got no such file or folder" 2

source_folder=$(CDPATH='' cd -- "$(dirname -- "$source")" && pwd)
source_name=$(basename -- "$source")

per_host() {
  command="mkdir -p $(quote "$folder") && tar -xf - -C $(quote "$folder")"
  if [ -n "$dry_run" ]; then
    remote "$command"
    return
  fi
  tar -cf - -C "$source_folder" -- "$source_name" | remote "$command" &&
    echo "copied $source_name to $folder"
}

on_every_host
