import { readFileSync } from 'node:fs';
import t from 'tap';
import { groupLookup, userLookup } from './accounts.ts';

t.test('Accounts have the numbers of passwd and group', async t => {
  const user = userLookup();
  for (const line of readFileSync('/etc/passwd', 'latin1').trimEnd().split('\n').slice(0, 5)) {
    const [name = '', , id] = line.split(':');
    t.equal(user(name), Number(id), name);
  }
  t.equal(groupLookup()('root'), 0);
});

t.test('What no account has is null, a number too', async t => {
  const user = userLookup();
  for (const name of ['nobody-has-this-name', '', '0', '--help', 'a:b', 'ro\0ot', '\xff'])
    t.equal(user(name), null, JSON.stringify(name).replace(/[^ -~]/g, '?'));
});
