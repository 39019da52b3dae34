import t from 'tap';
import { builtInConfig } from './config/loadAuditdConfig.ts';
import { unservedWishes } from './unserved.ts';

t.test('An active plugin is named, others are not', async t => {
  const directory = t.testdir({
    'on.conf': '# a plugin\nActive = YES\npath = /sbin/x\n',
    'off.conf': 'active = no\n',
    'silent.conf': 'path = /sbin/x\n',
    'on.conf.bak': 'active = yes\n',
    'folder.conf': {},
  });
  const wishes = unservedWishes({ ...builtInConfig(), pluginDirectory: `${directory}/` });
  t.match(wishes, [/on\.conf: active = yes/]);
  t.equal(wishes.length, 1);
});

t.test('What is not asked for is not mentioned', async t => {
  t.strictSame(unservedWishes({ ...builtInConfig(), pluginDirectory: '/nonexistent/' }), []);
});
