#!/bin/sh
# Makes a service of an installed chirpd, or takes it away again. README.md beside it says what goes where.
set -eu

usage() {
  cat <<TEXT
usage: install.sh [--no-start] [--root FOLDER]
       install.sh --uninstall [--purge] [--root FOLDER]

Makes chirpd a service of systemd that starts with the machine. Run it again after each upgrade: it keeps the config.

  --no-start     install and enable, and start nothing
  --uninstall    stop the service and remove it; the config, the data and the account stay
  --purge        with --uninstall: remove them too, with every event and recording under /var/lib/chirpd
  --root FOLDER  install into the file system under FOLDER, where no systemd runs
TEXT
}

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

say() {
  echo "$1"
}

root=
start=yes
uninstall=no
purge=no
while [ $# -gt 0 ]; do
  case $1 in
    --root)
      [ $# -ge 2 ] || fail '--root needs a folder'
      root=${2%/}
      [ -d "$root/etc" ] || fail "$2 is no file system of a machine: it has no folder etc"
      shift
      ;;
    --no-start) start=no ;;
    --uninstall) uninstall=yes ;;
    --purge) purge=yes ;;
    --help | -h)
      usage
      exit 0
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
  shift
done
[ "$purge" = no ] || [ "$uninstall" = yes ] || fail '--purge goes with --uninstall'
[ "$(id -u)" = 0 ] || fail 'run it as root: sudo sh install.sh'

# Where systemd looks for programs.
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin
here=$(cd "$(dirname "$0")" && pwd)
units=$root/usr/local/lib/systemd/system
sysusers=$root/usr/local/lib/sysusers.d
documents=$root/usr/local/share/doc/chirpd
config=$root/etc/chirpd

# True where a systemd runs that is to be told.
runs_systemd() {
  [ -z "$root" ] && [ -d /run/systemd/system ]
}

# Without --root for the machine itself, with it for the one under FOLDER.
control() {
  if [ -n "$root" ]; then systemctl --root="$root" "$@"; else systemctl "$@"; fi
}

# Puts a file where it belongs; succeeds where that changed something.
put() {
  if [ -f "$2" ] && cmp -s "$1" "$2"; then return 1; fi
  install -D -m 644 "$1" "$2"
  say "  $2"
}

# The name of each instance of chirpd@ that there is or was, for what belongs to it.
instances() {
  find "$root/var/lib" "$root/var/log" -maxdepth 1 -name 'chirpd-*' 2>/dev/null || true
}

check_machine() {
  for program in systemctl systemd-notify systemd-sysusers; do
    command -v $program >/dev/null || fail "$program is missing: apt-get install systemd"
  done
  version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
  [ "${version:-0}" -ge 250 ] || fail "systemd 250 or newer is needed (Debian 12 has 252); this is ${version:-unknown}"
  [ -z "$root" ] || return 0
  program=$(PATH="$path" command -v chirpd) ||
    fail 'systemd would find no chirpd in /usr/local/bin or /usr/bin: npm install --global --ignore-scripts it as root, with a Node for all'
  case $(readlink -f "$program") in
    /home/* | /root/*) fail "$program leads into somebody's home folder, which a service does not see: install it as root" ;;
  esac
  node=$(PATH="$path" command -v node) ||
    fail 'systemd would find no node in /usr/local/bin or /usr/bin: install Node 20.11 or newer for all'
  "$node" -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 11) ? 0 : 1)' ||
    fail "$node is $("$node" --version), and chirpd needs 20.11 or newer"
  PATH="$path" "$program" --version >/dev/null || fail "$program does not run"
}

install_it() {
  check_machine
  say 'Installing:'
  changed=no
  for unit in chirpd.service chirpd@.service chirpd.target; do
    if put "$here/$unit" "$units/$unit"; then changed=yes; fi
  done
  put "$here/sysusers.conf" "$sysusers/chirpd.conf" || true
  put "$here/README.md" "$documents/README.md" || true
  put "$here/../daemon/config/example.yaml" "$documents/example.yaml" || true

  if [ -n "$root" ]; then systemd-sysusers --root="$root" "$sysusers/chirpd.conf"; else systemd-sysusers chirpd.conf; fi
  group=$(sed -n 's/^chirpd:[^:]*:\([0-9]*\):.*/\1/p' "$root/etc/group")
  [ -n "$group" ] || fail 'the account chirpd could not be made'
  install -d -m 750 -o 0 -g "$group" "$config"
  # Only systemd reads them, and hands them over.
  install -d -m 700 -o 0 -g 0 "$config/credentials"
  if [ -e "$config/chirpd.yaml" ]; then
    say "  $config/chirpd.yaml is kept as it is"
  else
    install -m 640 -o 0 -g "$group" "$here/chirpd.yaml" "$config/chirpd.yaml"
    say "  $config/chirpd.yaml"
  fi

  if runs_systemd; then systemctl daemon-reload; fi
  control enable --quiet chirpd.target chirpd.service
  if ! runs_systemd; then
    say 'Installed and enabled. It starts when the machine does.'
    return
  fi
  # As the account that will read it.
  if ! runuser -u chirpd -- env PATH="$path" chirpd check --config "$config/chirpd.yaml" >/dev/null; then
    fail "chirpd cannot use its config (see above): mend $config/chirpd.yaml, then: systemctl restart chirpd"
  fi
  if [ "$start" = no ]; then
    say 'Installed and enabled. To start it: systemctl start chirpd'
    return
  fi
  # What runs gets the new program; an instance that was stopped stays so.
  systemctl try-restart 'chirpd@*.service'
  if ! systemctl restart chirpd.service; then
    fail 'it does not start: journalctl -u chirpd -n 50 says why'
  fi
  systemctl start chirpd.target
  say "It runs: $(systemctl show chirpd.service -p StatusText --value)"
  say 'How it is: systemctl status chirpd; what it says: journalctl -u chirpd -f'
}

uninstall_it() {
  if runs_systemd; then
    systemctl stop chirpd.target chirpd.service 'chirpd@*.service' 2>/dev/null || true
    systemctl disable --quiet chirpd.target chirpd.service 2>/dev/null || true
  elif [ -d "$units" ]; then
    control disable --quiet chirpd.target chirpd.service 2>/dev/null || true
  fi
  # Also what enabled the instances.
  find "$root/etc/systemd/system" -type l -name 'chirpd@*.service' -delete 2>/dev/null || true
  rmdir "$root/etc/systemd/system/chirpd.target.wants" 2>/dev/null || true
  rm -f "$units/chirpd.service" "$units/chirpd@.service" "$units/chirpd.target" "$sysusers/chirpd.conf"
  rm -f "$documents/README.md" "$documents/example.yaml"
  # Folders that are only there for it.
  rmdir "$documents" "$root/usr/local/share/doc" "$sysusers" "$units" "$root/usr/local/lib/systemd" 2>/dev/null || true
  if runs_systemd; then
    systemctl daemon-reload
    systemctl reset-failed 'chirpd*' 2>/dev/null || true
  fi
  if [ "$purge" = yes ]; then
    rm -rf "$config" "$root/var/lib/chirpd" "$root/var/log/chirpd"
    instances | while read -r folder; do rm -rf "$folder"; done
    # userdel would look for processes of this machine.
    if [ -n "$root" ]; then
      sed -i '/^chirpd:/d' "$root/etc/passwd" "$root/etc/shadow" "$root/etc/group" "$root/etc/gshadow" 2>/dev/null || true
    else
      if getent passwd chirpd >/dev/null; then userdel chirpd; fi
      if getent group chirpd >/dev/null; then groupdel chirpd; fi
    fi
    say 'Removed, with config, data and account. Left: the program (npm uninstall --global chirpd), drop-ins that you made in'
    say '/etc/systemd/system, the journal, and recordings in folders of your own.'
    return
  fi
  say 'Removed: the service. Left:'
  for folder in "$config" "$root/var/lib/chirpd" "$root/var/log/chirpd" $(instances); do
    if [ -e "$folder" ]; then say "  $folder"; fi
  done
  say '  the account chirpd, which owns them'
  say '  the program: npm uninstall --global chirpd'
  say '--uninstall --purge removes all but the program.'
}

if [ "$uninstall" = yes ]; then uninstall_it; else install_it; fi
