#!/usr/bin/env node
import { Plugin } from '../../auplugin/plugin.ts';
import { openSyslog } from '../../auplugin/syslog.ts';
import { runPluginCommand } from '../pluginCommand.ts';
import { run } from './run.ts';

const HELP = `Usage: audisp-filter allowlist|blocklist CONFIG PROGRAM [ARGUMENT...]
       audisp-filter --check CONFIG
An audit plugin: feeds the events on standard input to another plugin, but for some.
  allowlist  events that match an expression of CONFIG are dropped
  blocklist  only events that match one are passed on
  --check    say whether CONFIG can be used: exit code 0 or 1
CONFIG holds one expression a line: ausearch-expression(5).
`;

runPluginCommand('audisp-filter', HELP, words =>
  run(words, {
    openSyslog,
    openPlugin: options => new Plugin(options),
    complain: line => process.stderr.write(`${line}\n`),
  }),
);
