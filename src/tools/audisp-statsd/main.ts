#!/usr/bin/env node
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { Plugin } from '../../auplugin/plugin.ts';
import { openSyslog, SYSLOG_PRIORITY } from '../../auplugin/syslog.ts';
import { isErrno } from '../../base/errors.ts';
import { AnswerError } from '../../control/answerError.ts';
import { openAuditControl } from '../../control/openAuditControl.ts';
import { runPluginCommand } from '../pluginCommand.ts';
import { run } from './run.ts';

const CONFIGURATION = '/etc/audit/audisp-statsd.conf';
const STATE = '/run/audit/auditd.state';
const HELP = `Usage: audisp-statsd
An audit plugin: counts the events on standard input and sends the counts to a statsd server, by UDP.
Where and how often: ${CONFIGURATION}
`;

runPluginCommand('audisp-statsd', HELP, async () => {
  if (process.geteuid?.() !== 0) {
    process.stderr.write('audisp-statsd: you must be root: the counters of the kernel need it\n');
    return 4;
  }
  const { control, close } = openAuditControl();
  const socket = createSocket('udp4').unref();
  // A server that is away, or a name that does not resolve: the next interval tries again.
  socket.on('error', () => undefined);
  try {
    return await run(CONFIGURATION, {
      openSyslog,
      openPlugin: () => new Plugin(),
      readState,
      kernelStatus: () => {
        try {
          return control.status();
        } catch (error) {
          // The kernel may refuse for a moment; its two gauges are left out of this datagram.
          if (error instanceof AnswerError || (error instanceof Error && 'syscall' in error)) return null;
          throw error;
        }
      },
      send: (message, { address, port }) => {
        socket.send(message, port, address, error => {
          if (error !== null) openSyslog('audisp-statsd').say(SYSLOG_PRIORITY.LOG_WARNING, `sending: ${error.message}`);
        });
      },
      every: (seconds, task) => {
        const timer = setInterval(task, seconds * 1000);
        return () => clearInterval(timer);
      },
    });
  } finally {
    socket.close();
    close();
  }
});

function readState(): string | null {
  try {
    return readFileSync(STATE, 'utf8');
  } catch (error) {
    // The daemon writes it when it is asked to, or by report_interval.
    if (!isErrno(error, 'ENOENT')) throw error;
    return null;
  }
}
