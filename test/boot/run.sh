#!/bin/bash
# Boots a Debian guest with the package installed, and has it check itself: `npm run test:boot` (as root; minutes).
#
# What is emulated is slow: JavaScript some 12 times, fork and exec more. The guest waits for conditions, never for a
# time. KVM is not asked for: where it opens it may still not work, and the same machine everywhere is worth more.
# Needs the Debian packages that it names when they are missing, and a Debian mirror for the guest's own.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=$PWD/test/boot
work=$PWD/.work/boot
mkdir -p "$work"

missing=""
for pair in mmdebstrap:mmdebstrap qemu-system-x86_64:qemu-system-x86 mke2fs:e2fsprogs cpio:cpio xz:xz-utils python3:python3 dpkg-deb:dpkg; do
  command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair##*:}"
done
if [ -n "$missing" ]; then
  echo "test:boot: installing$missing" >&2
  apt-get update -qq
  # shellcheck disable=SC2086 # a list of words
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
fi

# The guest without us: made once.
if [ ! -e "$work/base.tar" ]; then
  echo "test:boot: making the guest" >&2
  mmdebstrap --variant=minbase --quiet --format=tar \
    --include=systemd-sysv,udev,linux-image-amd64,busybox-static,python3-minimal,libstdc++6,kmod \
    bookworm "$work/base.tar.part"
  mv "$work/base.tar.part" "$work/base.tar"
fi

sh scripts/setup.sh >&2
npm run --silent package:deb >&2
deb=$(ls -t build/node-auditd_*.deb | head -n 1)

root=$work/root
rm -rf "$root"
mkdir -p "$root"
trap 'rm -rf "$root"' EXIT
tar -xf "$work/base.tar" -C "$root"
kernel=$(basename "$root"/boot/vmlinuz-*)
release=${kernel#vmlinuz-}

# Debian 12 has an older Node.js than the package wants: a package of the one at hand.
node=$work/nodejs
rm -rf "$node"
mkdir -p "$node/DEBIAN" "$node/usr/bin"
cp "$(readlink -f "$(command -v node)")" "$node/usr/bin/node"
cat > "$node/DEBIAN/control" <<CONTROL
Package: nodejs
Version: $(node -p 'process.versions.node')-0
Architecture: $(dpkg --print-architecture)
Maintainer: the guest <root@localhost>
Description: the Node.js of the machine that made this guest
CONTROL
dpkg-deb --root-owner-group -Znone --build "$node" "$work/nodejs.deb" >/dev/null
rm -rf "$node"

cp "$work/nodejs.deb" "$deb" "$root/root/"
chroot "$root" find / -xdev -type f -o -xdev -type l | sort > "$work/before"
chroot "$root" dpkg -i /root/nodejs.deb >&2
chroot "$root" dpkg -i "/root/$(basename "$deb")" >&2
rm "$root/root/nodejs.deb"
mv "$root/root/$(basename "$deb")" "$root/root/node-auditd.deb"
cp "$here/guest.sh" "$here/numbered.py" "$root/root/"
sed -n '/^```ini$/,/^```$/p' systemd/README.md | grep -v '^```' > "$root/root/closed.conf"
# The log's partition has 64 MB: only a full disk is to end the writing.
sed -i 's/^space_left = .*/space_left = 8/; s/^admin_space_left = .*/admin_space_left = 4/
  s/^admin_space_left_action = .*/admin_space_left_action = SYSLOG/' "$root/etc/audit/auditd.conf"
echo '-a always,exit -F arch=b64 -F dir=/srv -F perm=wa -F key=boot-srv' > "$root/etc/audit/rules.d/50-srv.rules"
cp "$work/before" "$root/root/files-before"
cat > "$root/etc/systemd/system/boot-check.service" <<'UNIT'
[Unit]
Description=Checks the audit daemon of this boot
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/bash /root/guest.sh
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
ExecStopPost=/bin/systemctl --no-block poweroff
[Install]
WantedBy=multi-user.target
UNIT
chroot "$root" systemctl enable --quiet boot-check.service
chroot "$root" systemctl mask --quiet getty@tty1.service serial-getty@ttyS0.service apt-daily.timer apt-daily-upgrade.timer \
  dpkg-db-backup.timer e2scrub_all.timer fstrim.timer systemd-timesyncd.service
echo guest > "$root/etc/hostname"
printf '/dev/vda / ext4 rw,noatime 0 1\n/dev/vdb /var/log/audit ext4 rw,noatime 0 2\n' > "$root/etc/fstab"

# The kernel as an ELF file, entered by PVH: unpacking itself would take an emulated machine longer than booting.
python3 "$here/vmlinux.py" "$root/boot/$kernel" "$work/vmlinux"
# Just enough to mount the disk: what the distribution's initramfs holds takes minutes to unpack.
initramfs=$work/initramfs
rm -rf "$initramfs"
mkdir -p "$initramfs"/{bin,dev,proc,sys,root,modules}
cp "$root/bin/busybox" "$initramfs/bin/"
number=100
for module in virtio_pci virtio_blk ext4; do
  chroot "$root" modprobe -S "$release" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | awk '!seen[$0]++' | while read -r path; do
  cp "$root$path" "$initramfs/modules/$number-$(basename "$path")"
  number=$((number + 1))
done
cat > "$initramfs/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
for module in /modules/*; do /bin/busybox insmod "$module"; done
until [ -b /dev/vda ]; do /bin/busybox usleep 10000; done
/bin/busybox mount -t ext4 -o rw,noatime /dev/vda /root
exec /bin/busybox switch_root /root /sbin/init
INIT
chmod 755 "$initramfs/init"
(cd "$initramfs" && find . | cpio --quiet -o -H newc | gzip -1) > "$work/initramfs.gz"
rm -rf "$initramfs"

rm -f "$work/root.img"
mke2fs -q -t ext4 -d "$root" "$work/root.img" 3G
rm -rf "$root"
failed=0
passed=0
for append in '' 'audit=1'; do
  echo "== boot with ${append:-no word about audit}"
  cp --sparse=always "$work/root.img" "$work/disk.img"
  rm -f "$work/log.img"
  mke2fs -q -t ext4 "$work/log.img" 64M
  transcript=$work/transcript${append:+-audit1}.txt
  timeout -k 10 1500 qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 2048 -nodefaults -no-reboot -display none \
    -serial stdio -kernel "$work/vmlinux" -initrd "$work/initramfs.gz" \
    -append "console=ttyS0 root=/dev/vda rw quiet systemd.show_status=0 mitigations=off $append" \
    -drive "file=$work/disk.img,if=virtio,format=raw,cache=unsafe" \
    -drive "file=$work/log.img,if=virtio,format=raw,cache=unsafe" < /dev/null > "$transcript" 2>&1 || true
  tr -d '\r' < "$transcript" | grep -aE '^(ok|not ok|#) ' || true
  if ! grep -aq '^# end' "$transcript"; then
    echo "not ok - the guest did not come to its end: $transcript"
    failed=$((failed + 1))
  fi
  failed=$((failed + $(grep -ac '^not ok' "$transcript" || true)))
  passed=$((passed + $(grep -ac '^ok' "$transcript" || true)))
done
rm -f "$work/disk.img" "$work/log.img"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
