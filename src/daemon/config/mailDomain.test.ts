import t from 'tap';
import { checkMailDomain } from './mailDomain.ts';

const rejects = (code: string, errno: number) => () => Promise.reject(Object.assign(new Error(code), { code, errno }));
const to = (actionMailAccount: string, verifiesEmail = true) => ({ actionMailAccount, verifiesEmail });
const unused = () => {
  throw new Error('nothing to look up');
};

t.test('The part after the @ is looked up', async t => {
  const asked: string[] = [];
  const resolve = async (domain: string) => asked.push(domain);
  t.equal(await checkMailDomain('auditd.conf', to('sec@example.com'), resolve), null);
  t.strictSame(asked, ['example.com']);
});

t.test('A local name, and verify_email = no, need no lookup', async t => {
  t.equal(await checkMailDomain('auditd.conf', to('root'), unused), null);
  t.equal(await checkMailDomain('auditd.conf', to('sec@example.com', false), unused), null);
});

t.test('A domain that does not exist is reported, and not fatal', async t => {
  const fault = await checkMailDomain('auditd.conf', to('sec@no.such'), rejects('ENOTFOUND', -3008));
  t.equal(fault?.severity, 'err');
  t.match(
    fault?.error.message,
    /^auditd\.conf: action_mail_acct = "sec@no\.such": expected a domain that can be looked up \(/,
  );
});

t.test('A temporary failure says nothing about the domain', async t => {
  t.equal(await checkMailDomain('auditd.conf', to('sec@example.com'), rejects('EAI_AGAIN', -3001)), null);
});
