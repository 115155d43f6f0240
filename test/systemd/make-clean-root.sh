#!/bin/sh
# Makes the file system of a Debian machine that has nothing but systemd, Node and npm.
#   make-clean-root.sh ROOT    as root; does nothing where it is there already
# Packages come from where this machine's apt has its own.
set -eu
root=$1
release=trixie
[ -e "$root.made" ] && exit 0
command -v debootstrap >/dev/null || {
  echo 'debootstrap is missing: apt-get install debootstrap' >&2
  exit 1
}
site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Component: main' 'Origin: Debian' | grep '/debian/*$' | head -n 1)
[ -n "$site" ] || {
  echo "apt knows no archive of Debian here: apt-get update" >&2
  exit 1
}
rm -rf "$root"
debootstrap --variant=minbase --include=systemd,ca-certificates "$release" "$root" "$site"
if [ -f /etc/resolv.conf ]; then cp /etc/resolv.conf "$root/etc/resolv.conf"; fi
mount -t proc proc "$root/proc"
trap 'umount "$root/proc"' EXIT
DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -y --no-install-recommends nodejs npm
chroot "$root" apt-get clean
touch "$root.made"
