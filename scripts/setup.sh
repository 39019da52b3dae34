#!/bin/sh
# Makes a fresh clone ready to run: the Debian packages that are missing, the npm packages, the build.
#
#   scripts/setup.sh          what the daemon needs
#   scripts/setup.sh --test   and what its tests need
#
# Runs again in a second when nothing changed.
set -eu
cd "$(dirname "$0")/.."

if ! command -v node >/dev/null || ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(+a > 20 || (+a === 20 && +b >= 17) ? 0 : 1)'; then
  echo "setup: Node.js 20.17 or newer is needed: https://nodejs.org" >&2
  exit 1
fi

# command:package pairs; a package is asked for when its command is not there.
needed="g++:g++ make:make python3:python3"
if [ "${1:-}" = --test ]; then
  needed="$needed clang++:clang clang-format:clang-format clang-tidy:clang-tidy fsfreeze:util-linux mkfs.ext4:e2fsprogs
    ausearch:auditd audisp-remote:audispd-plugins flock:util-linux setpriv:util-linux unshare:util-linux
    systemd-analyze:systemd chromium:chromium"
fi
missing=""
for pair in $needed; do
  command -v "${pair%%:*}" >/dev/null || PATH="$PATH:/usr/sbin:/sbin" command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair##*:}"
done
if [ "${1:-}" = --test ] && command -v dpkg-query >/dev/null; then
  # clang's sanitizer runtimes are a package of their own, named after its version.
  version=$(clang++ -dumpversion 2>/dev/null | cut -d. -f1) || version=""
  if [ -z "$version" ]; then version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*clang-\([0-9]*\)$/\1/p' | head -n 1) || version=""; fi
  if [ -n "$version" ] && ! dpkg-query -s "libclang-rt-$version-dev" >/dev/null 2>&1; then missing="$missing libclang-rt-$version-dev"; fi
  # The addon finds zlib in Node; test programs link their own.
  if ! dpkg-query -s zlib1g-dev >/dev/null 2>&1; then missing="$missing zlib1g-dev"; fi
fi
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "setup: installing$missing" >&2
    apt-get update -qq
    # A daemon that a package starts would take the kernel's audit from the one under test.
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d.node-auditd
    chmod 755 /usr/sbin/policy-rc.d.node-auditd
    [ -e /usr/sbin/policy-rc.d ] || { mv /usr/sbin/policy-rc.d.node-auditd /usr/sbin/policy-rc.d; made=yes; }
    # shellcheck disable=SC2086 # a list of words
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2 || status=$?
    rm -f /usr/sbin/policy-rc.d.node-auditd
    [ "${made:-no}" = no ] || rm -f /usr/sbin/policy-rc.d
    [ "${status:-0}" = 0 ] || exit "$status"
  else
    echo "setup: these Debian packages are needed; as root: apt-get install$missing" >&2
    exit 1
  fi
fi

# npm writes this file last, so an interrupted installation is done again.
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-fund --no-audit
fi
npm run --silent build
