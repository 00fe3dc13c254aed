#!/bin/sh
# Noobcash @VERSION@ for @OS@ @ARCH@, as one file.
#
# This text is the head of a self-extracting program: behind it follow, each compressed with gzip, the
# Deno runtime and the program. The first start unpacks both into the user's cache folder; every start
# then becomes the runtime by exec, so signals, exit codes and ps behave as for any program.
#
#   NOOBCASH_CACHE_DIR, else $XDG_CACHE_HOME/noobcash, else $HOME/.cache/noobcash, and where none of
#   these can be written or run from, a private folder in $TMPDIR or /tmp
#
# Needs the commands of any Unix, and gzip. A folder comes to stand under its final name complete or not
# at all; one that was written to since is unpacked anew. Concurrent first starts wait for one of them.

set -u

id='@ID@'
os='@OS@'
arch='@ARCH@'
head_size=@HEAD_SIZE@
packed_runtime_size=@PACKED_RUNTIME_SIZE@
packed_app_size=@PACKED_APP_SIZE@
runtime_size=@RUNTIME_SIZE@
app_size=@APP_SIZE@

lock_seconds_max=60

case $0 in
  /*) self=$0 ;;
  */*) self=$PWD/$0 ;;
  *) self=$(command -v -- "$0") ;;
esac

refuse() {
  printf 'noobcash: %s\n' "$1" >&2
  exit 4
}

# Whether a folder holds what was unpacked: both files, their sizes, not written to since.
is_ready() {
  expected="$1/noobcash
$1/noobcash.js"
  found=$(find "$1/noobcash" "$1/noobcash.js" -type f ! -newer "$1/complete" \
    \( -name noobcash -size "${runtime_size}c" -o -name noobcash.js -size "${app_size}c" \) \
    2>/dev/null)
  [ "$found" = "$expected" ]
}

# Becomes the program, if the folder is ready.
run_from() {
  folder=$1/$id
  shift
  is_ready "$folder" || return 1

  # What was used last is pruned last.
  { true >"$folder/used"; } 2>/dev/null

  become "$folder" "$@"
}

# Becomes the program of a folder.
become() {
  folder=$1
  shift

  # The runtime looks into HOME, and takes offence where that is no folder, or another user's.
  [ -r "${HOME:-}/." ] || unset HOME

  export NOOBCASH_SELF="$self"
  export DENO_DIR="$folder/deno" DENO_NO_UPDATE_CHECK=1 DENO_NO_PACKAGE_JSON=1
  # A node that comes to rest may then have its memory trimmed.
  export DENO_USR2_MEMORY_TRIM=1
  # 16 MiB for young objects, as the cluster asks for its nodes: garbage would fill the 67 that simulations want.
  if [ "${1-}" = node ]; then
    export DENO_V8_FLAGS="${DENO_V8_FLAGS:+$DENO_V8_FLAGS,}--max-semi-space-size=8"
    # One heap of the C library for all threads: each of several would keep what lies free in it.
    export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}"
  fi
  exec "$folder/noobcash" run @RUN_FLAGS@ "$folder/noobcash.js" "$@"
}

# Folders in /tmp are shared: only one that is ours, and closed to others, may be run from.
is_private() {
  # shellcheck disable=SC2012 # ls -n is the portable way to owner and mode, the name is not read
  [ "$(ls -ldn "$1" 2>/dev/null | awk '{ print substr($1, 1, 10), $3 }')" = "drwx------ $(id -u)" ]
}

# Unpacks into a base folder, under a lock; 0 if the program can be run from there.
unpack_into() {
  base=$1
  mkdir -p "$base" 2>/dev/null && [ -w "$base" ] || return 1

  lock=$base/.lock-$id
  waited=0
  while ! mkdir "$lock" 2>/dev/null; do
    is_ready "$base/$id" && return 0
    holder=$(cat "$lock/pid" 2>/dev/null)
    if [ "$waited" -ge $((lock_seconds_max * 10)) ] ||
      { [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; } ||
      { [ -z "$holder" ] && [ "$waited" -ge 20 ]; }; then
      # Its holder is gone: one of those who wait moves it away, and all try again.
      mv "$lock" "$base/.stale-$$" 2>/dev/null && rm -rf "$base/.stale-$$"
      waited=0
    fi
    sleep 0.1 2>/dev/null || sleep 1
    waited=$((waited + 1))
  done
  echo "$$" 2>/dev/null >"$lock/pid"
  work=$base/.unpack-$$
  trap 'rm -rf "$work" "$lock"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM

  unpacked=1
  is_ready "$base/$id" || unpack_locked || unpacked=0

  rm -rf "$work" "$lock"
  trap - EXIT HUP INT TERM
  [ "$unpacked" = 1 ]
}

unpack_locked() {
  rm -rf "$work"
  (umask 077 && mkdir "$work") 2>/dev/null || return 1
  {
    tail -c "+$((head_size + 1))" "$self" | head -c "$packed_runtime_size" | gzip -dc \
      >"$work/noobcash" &&
      tail -c "$packed_app_size" "$self" | gzip -dc >"$work/noobcash.js"
  } 2>/dev/null || {
    reason="no room, or a damaged file \"$self\""
    return 1
  }
  chmod 755 "$work/noobcash" && chmod 755 "$work" || return 1
  "$work/noobcash" --version >/dev/null 2>&1 || {
    reason="a runtime that does not start from \"$base\" (a folder without exec, or a C library older than glibc 2.27)"
    return 1
  }

  # On disk before it gets its name: a machine that loses power never has half of it.
  sync 2>/dev/null
  echo "$id" >"$work/complete" || return 1
  is_ready "$work" || {
    reason="a damaged file \"$self\""
    return 1
  }

  folder=$base/$id
  [ ! -e "$folder" ] || rm -rf "${folder:?}" || return 1
  mv "$work" "$folder" 2>/dev/null || return 1

  # Should another host on the same disk have been first, ours came to lie inside: its is as good.
  rm -rf "${folder:?}/${work##*/}"
  warm
  prune
}

# Lets the runtime analyse the program once and keep what it found: a process that does this itself stays
# 60 MB larger for good. Where nothing can be kept, the program starts all the same.
warm() {
  (become "$folder" --version) >/dev/null 2>&1 </dev/null
}

# Leaves this version, the one used last before it, and those that run.
prune() {
  running=$(ps -A -o args= 2>/dev/null || ps 2>/dev/null)
  kept=0
  # shellcheck disable=SC2012 # order by time is what is wanted; the names are ours
  ls -t "$base"/*/used 2>/dev/null | while IFS= read -r used; do
    folder=${used%/used}
    [ "$folder" != "$base/$id" ] || continue
    kept=$((kept + 1))
    [ "$kept" -gt 1 ] || continue
    case $running in *"$folder/noobcash "*) continue ;; esac
    rm -rf "$folder"
  done
  find "$base/." ! -name . -prune -name '.*-*' -mtime +1 -exec rm -rf {} + 2>/dev/null
  return 0
}

# Where to unpack: the user's cache folder (empty if there is none), and the one in /tmp.
if [ -n "${NOOBCASH_CACHE_DIR:-}" ]; then
  cache=$NOOBCASH_CACHE_DIR
elif [ -n "${XDG_CACHE_HOME:-}" ]; then
  cache=$XDG_CACHE_HOME/noobcash
elif [ -n "${HOME:-}" ]; then
  cache=$HOME/.cache/noobcash
else
  cache=
fi
shared=${TMPDIR:-/tmp}/noobcash-$(id -u)

[ -z "$cache" ] || run_from "$cache" "$@"
[ ! -d "$shared" ] || { is_private "$shared" && run_from "$shared" "$@"; }

[ "$(uname -s) $(uname -m)" = "$os $arch" ] ||
  refuse "Cannot run this file: got $(uname -s) $(uname -m), wanted $os $arch"
[ -r "$self" ] || refuse "Cannot unpack \"$self\": got no permission to read it, wanted a readable file"
command -v gzip >/dev/null || refuse 'Cannot unpack: got no gzip, wanted it on PATH'

reason='no folder that can be written'
if [ -n "$cache" ] && unpack_into "$cache"; then
  run_from "$cache" "$@"
fi

[ -e "$shared" ] || (umask 077 && mkdir "$shared") 2>/dev/null
if is_private "$shared" && unpack_into "$shared"; then
  run_from "$shared" "$@"
fi

refuse "Cannot unpack: got $reason, wanted 110 MB in a folder to run from (NOOBCASH_CACHE_DIR names one)"
