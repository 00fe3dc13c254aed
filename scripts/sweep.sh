#!/bin/sh
#
# Runs a sweep on the machines of the fleet with GNU parallel: a shard for each, brought back and merged.

# shellcheck disable=SC2034 # read by fleet.sh
usage="Usage: sweep.sh [options of the fleet] OUT NOOBCASH-WORDS...

  ./sweep.sh out simulate attack selfish --share 0.05:0.45:0.05 --repeat 20

Each machine of the inventory runs one shard; OUT/shard-<i> are brought back, and OUT/merged is made of
them. Run it again after a machine failed: what is done is not done twice. Needs GNU parallel here, and
noobcash on every machine (install.sh); NOOBCASH names the program here."

# shellcheck source=fleet.sh
. "$(dirname -- "$0")/fleet.sh"
fleet_options "$@"
shift "$fleet_shift"

[ $# -ge 2 ] || fail "Cannot sweep: got $# words, wanted OUT and a noobcash command" 2
command -v parallel >/dev/null || fail "Cannot sweep: got no GNU parallel, wanted it installed" 2
out=$1
shift
mkdir -p "$out" || fail "Cannot write \"$out\"" 2

machines=$(printf '%s\n' "$hosts" | grep -c .)
# Words reach the other shell as they stand here; what belongs together lies in one folder there.
words=$(quote_all "$@")
remote=noobcash-sweep-$(printf '%s' "$words" | cksum | tr ' ' '-')

# parallel fills in {1} to {4} and {#}, its shell the variables.
# shellcheck disable=SC2016
run_shard='
  mkdir -p "$OUT/shard-{#}" &&
  ssh $SSH_OPTIONS "{3}@{2}" "noobcash $WORDS --shard {#}/$MACHINES \
    --out $REMOTE/shard-{#} --resume" &&
  ssh $SSH_OPTIONS "{3}@{2}" "tar -C $REMOTE/shard-{#} -cf - ." | tar -C "$OUT/shard-{#}" -xf -'
export OUT="$out" WORDS="$words" MACHINES="$machines" REMOTE="$remote"
export SSH_OPTIONS="-n -o BatchMode=yes -o ConnectTimeout=10 ${NOOBCASH_SSH_OPTIONS:-}"

if [ -n "$dry_run" ]; then
  printf '%s\n' "$hosts" | parallel --will-cite --dry-run --colsep ' ' -j 0 "$run_shard"
  exit
fi
printf '%s\n' "$hosts" |
  parallel --will-cite --colsep ' ' -j 0 --joblog "$out/joblog" --tag --line-buffer "$run_shard" ||
  fail "Some machines failed; run it again to go on with them" 1
"${NOOBCASH:-noobcash}" report merge "$out"/shard-* -o "$out/merged"
