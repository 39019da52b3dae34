// Gives numbered records to the plugins of a PluginHome's directory, as the daemon does, until it is killed:
// `node spoolingProcess.js DIRECTORY FIRST`. Prints the number of each hundredth record once the spool has it.
import { builtInConfig } from '../../src/daemon/config/loadAuditdConfig.ts';
import { parseNodeAuditdConfig } from '../../src/daemon/config/loadNodeAuditdConfig.ts';
import { Plugins } from '../../src/daemon/plugins/plugins.ts';
import { dispatchNumbers } from './pluginHome.ts';
import { SaidMessages } from './saidMessages.ts';

const [directory = '', first = '0'] = process.argv.slice(2);
const node = parseNodeAuditdConfig(
  Buffer.from(`[plugins]\nspool = all\nspool_directory = ${directory}/spool\n`),
  'node-auditd.conf',
);
if (node.kind === 'refused') throw new Error(node.faults[0]?.error.message);
const auditd = { ...builtInConfig(), pluginDirectory: `${directory}/plugins.d/` };
const plugins = new Plugins({
  memory: null,
  form: { wholeLines: true, node: null },
  configuration: { auditd, node: node.config },
  messages: new SaidMessages(),
  changeRunlevel: () => undefined,
  handed: null,
});
await plugins.start();
for (let number = Number(first); ; number += 100) {
  dispatchNumbers(plugins, number, 100);
  await plugins.dispatcher.advanceTo(0); // as the log does before it writes
  process.stdout.write(`${number + 99}\n`);
  await new Promise(resolve => setImmediate(resolve));
}
