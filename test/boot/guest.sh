#!/bin/bash
# Runs in the guest, once it has booted: one line for each thing that must hold.
set -u
log=/var/log/audit/audit.log

check() { # NAME COMMAND...: passes when the command succeeds
  local name=$1
  shift
  if "$@" >/tmp/said 2>&1; then
    echo "ok - $name"
  else
    echo "not ok - $name: $*"
    sed 's/^/# /' /tmp/said | tail -n 20
  fi
}

until_true() { # SECONDS COMMAND...: waits for a condition; the seconds only end a hopeless wait
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$end" ]; then
      "$@"
      return
    fi
    sleep 0.2
  done
}

refused() { ! "$@"; }
daemon_pid() { systemctl show --property MainPID --value auditd.service; }
is_another() { [ "$(daemon_pid)" != "$1" ] && [ "$(daemon_pid)" != 0 ] && systemctl is-active --quiet auditd.service; }
registered_pid() { auditctl -s | awk '$1 == "pid" {print $2}'; }
is_other_registered() { [ "$(registered_pid)" != "$1" ] && [ "$(registered_pid)" != 0 ]; }
# Not this grep itself.
is_running() { grep -qaE '[s]bin/auditd|[a]uditd-keeper' /proc/[0-9]*/cmdline; }
logged() { cat $log.[0-9] $log 2>/dev/null | grep -a "$@"; }

exactly_once() { # FROM TO: each number is in the log, once
  logged -o 'numbered=[0-9]*' | sed 's/.*=//' | sort -n | awk -v from="$1" -v to="$2" '
    $1 >= from && $1 < to { seen[$1]++ }
    END {
      for (n = from; n < to; n++) { if (!seen[n]) missing++; else if (seen[n] > 1) repeated++ }
      printf "%d of %d missing, %d repeated\n", missing, to - from, repeated
      exit (missing || repeated)
    }'
}

echo "# $(cut -d ' ' -f 1 /proc/uptime) s after boot; $(uname -r); $(cat /proc/cmdline)"
check 'the daemon is active when the boot ends' until_true 60 systemctl is-active auditd.service
echo "# active $(systemctl show --property ActiveEnterTimestampMonotonic --value auditd.service | awk '{print $1 / 1e6}') s after boot"
check 'it is registered with the kernel' [ "$(registered_pid)" = "$(daemon_pid)" ]
check 'its start is in the log' logged type=DAEMON_START
check "the boot's services are in the log" until_true 60 logged 'type=SERVICE_START'
check 'the rules service has loaded the rules' sh -c 'systemctl is-active audit-rules.service && auditctl -s | grep -q "^backlog_limit 8192"'
# Loaded by a unit with mounts of its own: the rule must see what the rest of the machine does.
touch /srv/written
check 'a rule on a directory sees what others do there' until_true 60 logged 'key="boot-srv"'
check 'systemctl stop is refused' refused systemctl stop auditd.service
check 'and the daemon goes on' systemctl is-active auditd.service

pid=$(daemon_pid)
kill -KILL "$pid"
check 'systemd restarts a daemon that was killed' until_true 120 is_another "$pid"

python3 /root/numbered.py 0 3000 4 >/dev/null &
sender=$!
for turn in 1 2 3; do
  until_true 120 logged "numbered=$((turn * 500))" >/dev/null
  pid=$(daemon_pid)
  kill -KILL "$pid"
  until_true 120 is_another "$pid" >/dev/null
  systemctl reset-failed auditd.service
done
wait $sender
until_true 120 logged numbered=2999 >/dev/null
check 'three kills amid 3,000 records lose and repeat none' exactly_once 0 3000

# The package's own script asks the daemon to become what has been installed, here the same version again.
pid=$(daemon_pid)
python3 /root/numbered.py 5000 100000 4 > /tmp/reached &
sender=$!
until_true 120 logged numbered=5100 >/dev/null
check 'the package is installed over itself' dpkg -i /root/node-auditd.deb
check 'the daemon becomes what was installed' until_true 120 logged 'op=upgrade.*res=success'
check 'and keeps its process' [ "$(daemon_pid)" = "$pid" ]
kill -TERM $sender
wait $sender
reached=$(cat /tmp/reached)
until_true 120 logged "numbered=$((reached - 1))" >/dev/null
check "an upgrade amid $((reached - 5000)) records loses and repeats none" exactly_once 5000 "$reached"

# The drop-in of systemd/README.md.
pid=$(daemon_pid)
mkdir -p /etc/systemd/system/auditd.service.d
cp /root/closed.conf /etc/systemd/system/auditd.service.d/
systemctl daemon-reload
check 'a restart is asked for' auditctl --signal restart
check 'systemd starts it, with the drop-in' until_true 120 is_another "$pid"
python3 /root/numbered.py 200000 200010 0 >/dev/null
check 'and it records' until_true 120 logged numbered=200009
rm -r /etc/systemd/system/auditd.service.d
systemctl daemon-reload

# As a login session does it: the login uid is set once, and children have it.
bash -c 'echo 1000 > /proc/self/loginuid && exec /usr/libexec/initscripts/legacy-actions/auditd/stop' >/dev/null
check 'a stop ends the daemon' until_true 60 refused systemctl is-active auditd.service
check 'the stop is recorded for the login uid that asked' logged 'type=DAEMON_END.*auid=1000'

# Where no systemd starts it again: its own keeper.
auditd --supervise
check 'a keeper starts the daemon' until_true 120 is_other_registered 0
python3 /root/numbered.py 300000 301000 4 >/dev/null &
sender=$!
until_true 120 logged numbered=300100 >/dev/null
pid=$(registered_pid)
kill -KILL "$pid"
check 'and again when it was killed' until_true 120 is_other_registered "$pid"
wait $sender
until_true 120 logged numbered=300999 >/dev/null
check 'its death amid 1,000 records loses and repeats none' exactly_once 300000 301000
auditctl --signal stop
check 'both end when the daemon is told to' until_true 60 refused is_running
check 'the daemon starts again' systemctl start auditd.service

free_bytes() { df --output=avail -B1 /var/log/audit | tail -n 1; }
dd if=/dev/zero of=/var/log/audit/ballast bs=64k 2>/dev/null
python3 /root/numbered.py 110000 114000 0 >/dev/null &
sender=$!
check 'a full disk takes the configured action' until_true 180 sh -c \
  "journalctl -b -u auditd.service --no-pager | grep 'suspending logging due to no space left'"
wait $sender
rm /var/log/audit/ballast
check 'logging is resumed' auditctl --signal resume
python3 /root/numbered.py 120000 120010 0 >/dev/null
check 'and goes on' until_true 120 logged numbered=120009
check 'and says how many records it could not take' until_true 120 logged 'op=lost-records.*log-discarded='
echo "# $(free_bytes) bytes free; of the records sent meanwhile $(exactly_once 110000 114000)"

# The guest's own.
rm -f /srv/written /etc/audit/rules.d/50-srv.rules
check 'the daemon runs until the package is removed' is_running
dpkg --purge node-auditd >/tmp/said 2>&1 || sed 's/^/# /' /tmp/said
check 'removing the package ends the daemon' refused is_running
# What the guest was before, but for the journal, the log and the caches of dpkg and ldconfig.
find / -xdev \( -type f -o -type l \) | sort > /tmp/files-after
check 'removing the package restores the machine' sh -c 'comm -13 /root/files-before /tmp/files-after |
  grep -vE "^/(tmp|run|var/(log|lib/(dpkg|systemd|private)|cache|tmp)|etc/(systemd/system|hostname|fstab|machine-id|mtab|resolv.conf|\.updated|\.pwd\.lock|ld\.so\.cache)|root|usr/bin/node$|usr/share/doc/nodejs)" > /tmp/left; cat /tmp/left; [ ! -s /tmp/left ]'
echo '# end'
