import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import t from 'tap';
import type { Messages } from '../../base/messages.ts';
import { StateFile } from './stateFile.ts';

function messages() {
  const said: string[] = [];
  const say = (text: string) => said.push(text);
  const all: Messages = {
    emergency: say,
    alert: say,
    critical: say,
    error: say,
    warning: say,
    notice: say,
    info: say,
    debug: say,
  };
  return { said, all };
}

t.test('The report replaces the one before, whole, readable by its group and nobody else', async t => {
  const directory = t.testdir({ 'auditd.state.new': 'left by a killed daemon' });
  const { said, all } = messages();
  const file = new StateFile(`${directory}/auditd.state`, all);
  await file.write('first\n', '{}\n', 0);
  const before = statSync(`${directory}/auditd.state`).ino;
  await file.write('second\n', '{"a":1}\n', 0);
  t.equal(readFileSync(`${directory}/auditd.state`, 'utf8'), 'second\n');
  t.not(statSync(`${directory}/auditd.state`).ino, before, 'a reader of the old one keeps it');
  t.equal(statSync(`${directory}/auditd.state`).mode & 0o777, 0o640);
  t.equal(readFileSync(`${directory}/auditd.state.json`, 'utf8'), '{"a":1}\n');
  t.strictSame(readdirSync(directory), ['auditd.state', 'auditd.state.json']);
  if (process.getuid?.() === 0) t.strictSame(said, []);
  await file.remove();
  await file.remove();
  t.strictSame(readdirSync(directory), []);
});

t.test('A report beside it comes and goes with it, and never takes its place', async t => {
  const directory = t.testdir();
  const { all } = messages();
  const file = new StateFile(`${directory}/auditd.state`, all);
  await file.writeBeside('af_unix', 'socket\n', 0);
  await file.writeBeside('auditd', 'socket\n', 0);
  await file.write('own\n', '{}\n', 0);
  t.equal(readFileSync(`${directory}/af_unix.state`, 'utf8'), 'socket\n');
  t.equal(readFileSync(`${directory}/auditd.state`, 'utf8'), 'own\n');
  await file.remove();
  t.strictSame(readdirSync(directory), []);
});

t.test('A report that cannot be written is a message, not the end', async t => {
  const directory = t.testdir({ file: '' });
  const { said, all } = messages();
  await new StateFile(`${directory}/file/auditd.state`, all).write('report\n', '', 0);
  t.match(said, [/^Cannot write the state report .*auditd\.state \(Not a directory\)$/, /auditd\.state\.json/]);
});

t.test('A report that cannot be removed at the end is a message, too', async t => {
  const directory = t.testdir({ file: '' });
  const { said, all } = messages();
  await new StateFile(`${directory}/file/auditd.state`, all).remove();
  t.match(said, [/^Cannot remove the state report .*auditd\.state \(Not a directory\)$/, /auditd\.state\.json/]);
});

t.test('A link in the place of the new report is not followed', async t => {
  const directory = t.testdir({ 'auditd.state.new': t.fixture('symlink', 'victim') });
  writeFileSync(`${directory}/victim`, 'precious');
  await new StateFile(`${directory}/auditd.state`, messages().all).write('report\n', '', 0);
  t.equal(readFileSync(`${directory}/victim`, 'utf8'), 'precious');
  t.equal(readFileSync(`${directory}/auditd.state`, 'utf8'), 'report\n');
});
