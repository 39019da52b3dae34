#!/usr/bin/env node
import { Plugin } from '../../auplugin/plugin.ts';
import { openSyslog } from '../../auplugin/syslog.ts';
import { runPluginCommand } from '../pluginCommand.ts';
import { run } from './run.ts';

const HELP = `Usage: audisp-syslog [LOG_PRIORITY] [LOG_FACILITY] [interpret]
An audit plugin: sends every record on standard input to the system log.
  LOG_DEBUG ... LOG_EMERG                    priority (LOG_INFO)
  LOG_LOCAL0 ... LOG_LOCAL7, LOG_AUTH, LOG_AUTHPRIV, LOG_DAEMON, LOG_SYSLOG, LOG_USER
                                             facility (LOG_USER)
  interpret                                  names instead of numbers, decoded text
`;

runPluginCommand('audisp-syslog', HELP, words => run(words, { openSyslog, openPlugin: () => new Plugin() }));
