#!/bin/sh
# Boots systemd as PID 1 of a machine of its own: namespaces of this one, whose file system it shares until it writes.
#   boot-machine.sh FOLDER CHECKOUT [ROOT]    as root; with the file system under ROOT in place of this machine's
# Whatever the machine writes lies in memory and is gone with it. It sees the checkout under /mnt, read-only.
# Kill it, and the machine is gone.
set -eu
folder=$1
checkout=$2
lower=${3:-/}
if [ "${4-}" != inside ]; then
  hierarchy=$(findmnt -t cgroup2 -n -o TARGET | head -n 1)
  group=$hierarchy/chirpd-test-$$
  mkdir "$group"
  echo $$ >"$group/cgroup.procs"
  echo "$group" >"$folder/cgroup"
  exec unshare --pid --mount --ipc --uts --cgroup --fork --kill-child --propagation private "$0" "$folder" "$checkout" "$lower" inside
fi

root=$folder/root
mkdir -p "$folder/layer" "$root"
mount -t tmpfs tmpfs "$folder/layer"
mkdir "$folder/layer/upper" "$folder/layer/work"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$folder/layer/upper,workdir=$folder/layer/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/sys/fs" -o mode=755
mkdir "$root/sys/fs/cgroup"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs tmpfs "$root/run" -o mode=755
mount -t tmpfs tmpfs "$root/tmp" -o mode=1777
mount -t tmpfs tmpfs "$root/dev" -o mode=755
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/shm"
mount -t tmpfs tmpfs "$root/dev/shm" -o mode=1777
ln -s /proc/self/fd "$root/dev/fd"
mount --rbind -o ro "$checkout" "$root/mnt"
# Nothing of this machine's own services starts there.
rm -rf "$root"/etc/systemd/system/* "$root"/var/lib/chirpd "$root"/etc/chirpd
cat >"$root/etc/systemd/system/machine.target" <<UNIT
[Unit]
Description=A machine for a test
Requires=systemd-journald.service
After=systemd-journald.service
UNIT
# A root of its own, and no chroot: the sandboxes of units are made from it.
mkdir "$root/run/outside"
cd "$root"
pivot_root . run/outside
umount -l /run/outside
rmdir /run/outside
# As a machine has it: credentials are mounted in another namespace, from which they spread.
mount --make-rshared /
exec env -i container=chirpd-test PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system --unit=machine.target --log-target=journal --show-status=0
