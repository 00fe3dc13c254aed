#!/bin/sh
# Makes an authority for a fleet and a certificate for each of its machines, with openssl.
#
#   certificates.sh [--out FOLDER] [NAME=ADDRESS[,ADDRESS...] ...]
#
# Without names, those of the inventory (hosts.txt, or $NOOBCASH_HOSTS). FOLDER (default:
# certificates) gets ca.pem, which clients are given (--ca), and for each machine NAME.pem and
# NAME-key.pem (--tls-cert, --tls-key). An authority that is there signs again; its key, ca-key.pem,
# stays where it was made. Keys are readable by their owner alone.
set -eu

out=certificates
days=825
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2; shift 2 ;;
    -h | --help) sed -n '2,11p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;;
    *) break ;;
  esac
done

command -v openssl >/dev/null || { echo "Cannot make certificates: got no openssl, wanted one" >&2; exit 1; }
if [ $# -eq 0 ]; then
  inventory=${NOOBCASH_HOSTS:-$(dirname -- "$0")/hosts.txt}
  [ -r "$inventory" ] || { echo "Cannot read \"$inventory\": got no inventory, wanted one, or NAME=ADDRESS" >&2; exit 2; }
  # shellcheck disable=SC2046 # names and addresses have no blanks
  set -- $(awk '!/^[ \t]*(#|$)/ { print $1 "=" $2 "," $1 }' "$inventory")
fi

umask 077
mkdir -p "$out"
if [ ! -s "$out/ca-key.pem" ]; then
  openssl ecparam -name prime256v1 -genkey -noout -out "$out/ca-key.pem"
  openssl req -x509 -new -key "$out/ca-key.pem" -sha256 -days $days -subj "/CN=Noobcash fleet" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign -out "$out/ca.pem"
fi

for machine in "$@"; do
  name=${machine%%=*}
  names=
  for address in $(echo "${machine#*=}" | tr ',' ' '); do
    case $address in
      *:* | *[0-9].[0-9]*.[0-9]*.[0-9]*) kind=IP ;;
      *) kind=DNS ;;
    esac
    names="${names:+$names,}$kind:$address"
  done
  openssl ecparam -name prime256v1 -genkey -noout -out "$out/$name-key.pem"
  printf '%s\n' "subjectAltName=$names" basicConstraints=CA:FALSE extendedKeyUsage=serverAuth >"$out/$name.ext"
  openssl req -new -key "$out/$name-key.pem" -subj "/CN=$name" |
    openssl x509 -req -sha256 -days $days -CA "$out/ca.pem" -CAkey "$out/ca-key.pem" -CAcreateserial \
      -extfile "$out/$name.ext" -out "$out/$name.pem" 2>/dev/null
  rm "$out/$name.ext"
  echo "$out/$name.pem ($names)"
done
