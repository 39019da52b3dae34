import t from 'tap';
import { SaidMessages } from '../../../test/support/saidMessages.ts';
import type { Plugin } from '../../sinks/dispatch/plugin.ts';
import type { OverflowAction } from '../config/auditdConfig.ts';
import { OverflowPolicy } from './overflowPolicy.ts';

function policyOf(kind: OverflowAction['kind']) {
  const messages = new SaidMessages();
  const levels: string[] = [];
  const calls: string[] = [];
  const plugin: Pick<Plugin, 'name' | 'suspend'> = { name: 'slow', suspend: () => calls.push('suspend') };
  const policy = new OverflowPolicy(messages, level => levels.push(level), { kind });
  const overflow = (isFirst = true) => policy.overflowed(plugin as Plugin, isFirst);
  return { policy, messages, levels, calls, overflow };
}

t.test('overflow_action ignore says and does nothing', async t => {
  const { messages, overflow } = policyOf('ignore');
  overflow();
  t.strictSame(messages.said, []);
});

t.test('overflow_action syslog names the plugin once an overflow, five times until a reload', async t => {
  const { policy, messages, overflow } = policyOf('syslog');
  for (let i = 0; i < 3; i++) overflow(i === 0);
  t.strictSame(messages.said, ['error queue to plugins is full - dropping event (plugin slow)']);
  for (let i = 0; i < 10; i++) overflow();
  t.equal(messages.said.length, 6);
  t.equal(messages.said.at(-1), 'error auditd queue full reporting limit reached - ending dropped event notifications');
  policy.reconfigure({ kind: 'syslog' });
  overflow();
  t.equal(messages.said.length, 7);
});

t.test('overflow_action suspend suspends the plugin that overflowed', async t => {
  const { messages, calls, overflow } = policyOf('suspend');
  overflow();
  t.strictSame(calls, ['suspend']);
  t.match(messages.said, [/^alert Auditd is suspending event passing to plugins due to overflowing its queue\./]);
});

t.test('overflow_action single and halt change the runlevel once', async t => {
  for (const [kind, level, what] of [
    ['single', '1', 'changing the system to single user mode'],
    ['halt', '0', 'halting the system'],
  ] as const) {
    const { messages, levels, overflow } = policyOf(kind);
    overflow();
    overflow();
    t.strictSame(levels, [level]);
    t.strictSame(messages.said, [`alert Auditd is now ${what} due to overflowing its queue`]);
  }
});
