#!/bin/sh
# The first process of a test machine: `fleet_host.sh FOLDER NAME`, in namespaces of its own.
#
# The machine sees this one's files with changes of its own over them (kept in FOLDER, so that they
# outlive a reboot), but no Deno, no Node, no home folders, and no checkout; and an ssh server.

set -eu
folder=$1
root=$folder/root

mkdir -p "$folder/upper" "$folder/work" "$root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$root"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/root"
source=$(cd "$(dirname "$0")/../.." && pwd)
[ ! -d "$root$source" ] || mount -t tmpfs tmpfs "$root$source"
rm -f "$root/usr/local/bin/deno" "$root/usr/bin/deno" "$root/usr/bin/node" "$root/usr/bin/npx"
mkdir -p "$root/run/sshd"
hostname "$2"

exec chroot "$root" /usr/sbin/sshd -D -e -f /etc/ssh/fleet_sshd_config
