import t from 'tap';
import { type MachineNames, NodeNameError, resolveNodeName } from './nodeName.ts';

const names: MachineNames = {
  hostname: () => 'my host',
  canonicalName: async host => `${host}.example.org`,
  address: async () => '192.0.2.1',
};

t.test('Each name_format has its name', async t => {
  t.equal(await resolveNodeName({ nameFormat: 'none', nodeName: 'x' }, names), null);
  t.equal(await resolveNodeName({ nameFormat: 'user', nodeName: 'x' }, names), 'x');
  t.equal(await resolveNodeName({ nameFormat: 'hostname', nodeName: null }, names), 'my_host');
  t.equal(await resolveNodeName({ nameFormat: 'fqd', nodeName: null }, names), 'my host.example.org');
  t.equal(await resolveNodeName({ nameFormat: 'numeric', nodeName: null }, names), '192.0.2.1');
});

t.test('A name that cannot be found out stops the start with the reference’s words', async t => {
  const failing: MachineNames = {
    hostname: () => '',
    canonicalName: () => Promise.reject(new Error('Name or service not known')),
    address: () => Promise.reject(new Error('Name or service not known')),
  };
  const rejects = (nameFormat: 'user' | 'hostname' | 'fqd', message: string) =>
    t.rejects(resolveNodeName({ nameFormat, nodeName: null }, failing), new NodeNameError(message));
  await rejects('user', 'User defined name missing');
  await rejects('hostname', 'Unable to get machine name');
  await rejects('fqd', 'Cannot resolve hostname  (Name or service not known)');
});
