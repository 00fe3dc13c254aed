#!/bin/sh
# What is done on one machine of the fleet, as root: installs the program, sets nodes up, starts and
# stops them, tells how they are. The scripts beside hosts.txt call it by ssh; so may you, there.
#
#   host.sh install FOLDER            from a folder with noobcash, host.sh and noobcash@.service
#   host.sh configure PORT OPTIONS    a new network; the join token comes on standard input
#   host.sh start|stop|status PORT
#   host.sh wait PORT SECONDS         until the node is ready
#   host.sh logs PORT LINES
#   host.sh client PORT ARGUMENTS...  `noobcash client` with the node's own token
#   host.sh replay PORT FOLDER ARGUMENTS...   the record comes on standard output
#   host.sh uninstall [--purge]
#
# With systemd the nodes are units, noobcash@PORT.service. Without it, `host.sh supervise PORT` stands
# behind each: it starts the node again if it fails, as the unit would, and ends it in good order.

set -u

user=noobcash
program=/usr/local/bin/noobcash
library=/usr/local/lib/noobcash
unit_file=/etc/systemd/system/noobcash@.service
settings=/etc/noobcash
state=/var/lib/noobcash
cache=/var/cache/noobcash
logs=/var/log/noobcash
run=/run/noobcash

# The node itself promises two seconds.
stop_seconds_max=15

fail() {
  printf '%s\n' "$1" >&2
  exit "${2:-1}"
}

has_systemd() {
  [ -d /run/systemd/system ]
}

# Runs a command as the service user.
as_service() {
  (become_service "$@")
}

# Becomes a command of the service user. What the environment holds (the join token) goes along unseen;
# as an argument everybody on the machine could read it.
become_service() {
  PATH=/usr/local/bin:/usr/bin:/bin HOME=$state NO_COLOR=1 NOOBCASH_CACHE_DIR=$cache
  export PATH HOME NO_COLOR NOOBCASH_CACHE_DIR
  cd "$state" || exit 1
  if setpriv --reuid="$user" --regid="$user" --init-groups true 2>/dev/null; then
    exec setpriv --reuid="$user" --regid="$user" --init-groups "$@"
  elif command -v runuser >/dev/null; then
    exec runuser -u "$user" -- "$@"
  else
    line=
    for word in "$@"; do
      line="$line '$(printf '%s' "$word" | sed "s/'/'\\\\''/g")'"
    done
    exec su -s /bin/sh "$user" -c "exec $line"
  fi
}

install_program() {
  from=$1
  [ "$(id -u)" = 0 ] || fail "Cannot install: got user $(id -un), wanted root"

  if ! id "$user" >/dev/null 2>&1; then
    if command -v useradd >/dev/null; then
      useradd --system --user-group --home-dir "$state" --shell /usr/sbin/nologin "$user" || exit 1
    else
      adduser -S -D -H -h "$state" -s /sbin/nologin "$user" || exit 1
    fi
  fi

  mkdir -p "$library" "$settings" "$state" "$cache" "$logs" "${program%/*}" || exit 1
  chmod 700 "$settings" && chmod 750 "$state" "$cache" "$logs" || exit 1
  chown "$user:" "$state" "$cache" "$logs" || exit 1

  # Moved into place, not written over: a node that runs keeps the file it was started from.
  place "$from/noobcash" "$program" 755
  place "$from/host.sh" "$library/host.sh" 755
  if [ -s "$from/node.pem" ]; then
    mkdir -p "$state/tls" && chmod 750 "$state/tls" && chown "$user:" "$state/tls" || exit 1
    for file in node.pem node-key.pem; do
      place "$from/$file" "$state/tls/$file" 400
      chown "$user:" "$state/tls/$file" || exit 1
    done
  fi
  if has_systemd; then
    place "$from/noobcash@.service" "$unit_file" 644
    systemctl daemon-reload || exit 1
  fi

  # The first start unpacks; better now than when five nodes wait for each other.
  version=$(as_service "$program" --version) || fail "Cannot start \"$program\" as $user"
  echo "installed $version"
}

place() {
  if ! { cp "$1" "$2.new" && chmod "$3" "$2.new" && chown 0:0 "$2.new" && mv -f "$2.new" "$2"; }; then
    fail "Cannot write \"$2\""
  fi
}

configure() {
  port=$1
  options=$2
  token=$(cat)
  stop "$port" >/dev/null || exit 1
  rm -rf "${state:?}/$port"

  (
    umask 077
    {
      printf '# Written by start.sh --new.\n'
      printf 'NOOBCASH_NODE_OPTIONS="%s --data-dir %s/%s"\n' "$options" "$state" "$port"
      printf 'NOOBCASH_JOIN_TOKEN="%s"\n' "$token"
    } >"$settings/$port.env.new"
  ) && mv -f "$settings/$port.env.new" "$settings/$port.env" || exit 1
}

start() {
  port=$1
  [ -r "$settings/$port.env" ] ||
    fail "Cannot start port $port: got no settings, wanted start.sh --new before"
  if has_systemd; then
    systemctl enable --quiet --now "noobcash@$port.service" || exit 1
    echo "port $port: started"
    return
  fi
  if supervisor_of "$port" >/dev/null; then
    echo "port $port: runs already"
    return
  fi

  mkdir -p "$run" && chown "$user:" "$run" || exit 1
  rm -f "$run/$port.pid" "$run/$port.node"
  log=$logs/$port.log
  if [ -n "$(find "$log" -size +20480 2>/dev/null)" ]; then mv -f "$log" "$log.1"; fi
  : >>"$log" && chown "$user:" "$log" || exit 1

  set -a
  # shellcheck source=/dev/null
  . "$settings/$port.env"
  set +a
  detach='setsid'
  command -v setsid >/dev/null || detach='nohup'
  (
    # Let go of everything that belongs to the login, which otherwise would not end.
    exec </dev/null >>"$log" 2>&1
    become_service "$detach" sh "$library/host.sh" supervise "$port"
  ) &

  tries=0
  until supervisor_of "$port" >/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 50 ] || fail "Cannot start port $port: see \"$log\""
    sleep 0.1 2>/dev/null || sleep 1
  done
  echo "port $port: started"
}

# The supervisor's process id, if it runs. Its number alone may be another's after a reboot.
supervisor_of() {
  pid=$(cat "$run/$1.pid" 2>/dev/null) && [ -n "$pid" ] || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q "supervise $1 " || return 1
  echo "$pid"
}

supervise() {
  port=$1
  node=
  stopping=
  trap 'stopping=yes; [ -z "$node" ] || kill -TERM "$node" 2>/dev/null' TERM INT
  echo "$$" >"$run/$port.pid"

  delay_seconds=1
  while [ -z "$stopping" ]; do
    since=$(date +%s)
    # shellcheck disable=SC2086 # several options
    "$program" node $NOOBCASH_NODE_OPTIONS &
    node=$!
    echo "$node" >"$run/$port.node"
    [ -z "$stopping" ] || kill -TERM "$node" 2>/dev/null

    # A signal ends `wait` before the node has ended.
    while :; do
      wait "$node"
      status=$?
      kill -0 "$node" 2>/dev/null || break
    done
    echo "supervisor: node on port $port ended with status $status" >&2

    # 0: done; 1: the network refused this node; 2: its options are wrong. None gets better by itself.
    if [ "$status" -le 2 ] || [ -n "$stopping" ]; then break; fi
    [ $(($(date +%s) - since)) -lt 60 ] || delay_seconds=1
    sleep "$delay_seconds" &
    wait $!
    delay_seconds=$((delay_seconds * 2))
    [ "$delay_seconds" -le 30 ] || delay_seconds=30
  done
  rm -f "$run/$port.pid" "$run/$port.node"
}

stop() {
  port=$1
  if has_systemd; then
    systemctl disable --quiet --now "noobcash@$port.service" || exit 1
    echo "port $port: stopped"
    return
  fi
  if ! supervisor=$(supervisor_of "$port"); then
    echo "port $port: does not run"
    return
  fi

  node=$(cat "$run/$port.node" 2>/dev/null)
  kill -TERM "$supervisor"
  tries=0
  while supervisor_of "$port" >/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -ge $((stop_seconds_max * 10)) ]; then
      kill -KILL "$supervisor" 2>/dev/null
      [ -z "$node" ] || kill -KILL "$node" 2>/dev/null
      rm -f "$run/$port.pid" "$run/$port.node"
      fail "port $port: did not stop within $stop_seconds_max seconds, was killed"
    fi
    sleep 0.1 2>/dev/null || sleep 1
  done
  echo "port $port: stopped"
}

# Asks the node as its own client would, as one line of JSON.
client() {
  port=$1
  shift
  as_service "$program" client --port "$port" --data-dir "$state/$port" "$@"
}

status_of() {
  client "$1" status --json 2>/dev/null | tr -d ' \n'
}

# Reads one field of a JSON text without blanks.
field() {
  printf '%s' "$1" | sed -n "s/.*\"$2\":\"\{0,1\}\([^\",}]*\).*/\1/p"
}

status() {
  port=$1
  status_text=$(status_of "$port")
  if [ -z "$(field "$status_text" phase)" ]; then
    if [ ! -e "$settings/$port.env" ]; then fail "port $port: not set up"; fi
    fail "port $port: does not answer"
  fi
  printf 'port %s: id %s, %s, %s peers, height %s, tip %.16s\n' "$port" \
    "$(field "$status_text" nodeId)" "$(field "$status_text" phase)" \
    "$(field "$status_text" peersConnected)" "$(field "$status_text" height)" \
    "$(field "$status_text" tipHash)"
}

wait_for() {
  port=$1
  end=$(($(date +%s) + $2))
  phase=
  while [ "$phase" != ready ]; do
    status_text=$(status_of "$port")
    phase=$(field "$status_text" phase)
    [ "$phase" != ready ] || break
    [ "$(date +%s)" -lt "$end" ] ||
      fail "port $port: not ready after $2 seconds: ${phase:-does not answer}"
    sleep 0.5 2>/dev/null || sleep 1
  done
  echo "port $port: ready, id $(field "$status_text" nodeId)"
}

logs_of() {
  if has_systemd; then
    journalctl --no-pager --quiet --output=cat --unit "noobcash@$1.service" --lines "$2"
  else
    tail -n "$2" "$logs/$1.log"
  fi
}

replay() {
  port=$1
  folder=$2
  shift 2
  record=$state/replay-$port.json
  rm -f "$record"
  as_service "$program" replay --port "$port" --data-dir "$state/$port" --directory "$folder" \
    --record "$record" "$@" >&2 || exit 1
  cat "$record" && rm -f "$record"
}

uninstall() {
  for file in "$settings"/*.env; do
    [ -e "$file" ] || continue
    port=${file##*/}
    stop "${port%.env}" || exit 1
  done
  rm -f "$program" "$unit_file"
  ! has_systemd || systemctl daemon-reload
  rm -rf "$library" "$cache" "$run" "$settings"
  if [ "${1:-}" = --purge ]; then
    rm -rf "$state" "$logs"
    if command -v userdel >/dev/null; then userdel "$user"; else deluser "$user"; fi 2>/dev/null
  fi
  echo "uninstalled${1:+, nothing left}"
}

order=${1:-}
[ $# = 0 ] || shift
case $order in
  install) install_program "$1" ;;
  configure) configure "$1" "$2" ;;
  start | stop | status | supervise | client | replay) "$order" "$@" ;;
  wait) wait_for "$1" "$2" ;;
  logs) logs_of "$1" "$2" ;;
  uninstall) uninstall "${1:-}" ;;
  *) fail "Cannot do \"$order\": wanted install, configure, start, stop, status, wait, logs or uninstall" 2 ;;
esac
