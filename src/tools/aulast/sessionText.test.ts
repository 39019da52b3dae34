import t from 'tap';
import { newSession } from './session.ts';
import { proofText, sessionLine } from './sessionText.ts';

const times = {
  ctime: (seconds: number) => `Tue Nov 14 ${clock(seconds)}:00 2023`,
  dateTime: (seconds: number) => `11/14/23 ${clock(seconds)}:00`,
};
const clock = (seconds: number) => new Date(seconds * 1000).toISOString().slice(11, 16);
const session = (fields: object) => ({
  ...newSession({ id: 5, auid: 1000, pid: 9, start: 3600, name: 'alice' }),
  result: 'success' as const,
  ...fields,
});

t.test('Columns are cut at their width', async t => {
  const line = sessionLine(
    session({
      name: 'averylongname',
      terminal: '/dev/pts/12345678901',
      host: 'h'.repeat(20),
      state: 'crash',
      end: 7200,
    }),
    0,
    times,
  );
  t.equal(line, 'averylon pts/12345678 hhhhhhhhhhhhhhhh Tue Nov 14 01:00 - crash\n');
});

t.test('A session says how long it was, in days where it was that long', async t => {
  const ended = (seconds: number) => sessionLine(session({ state: 'loggedOut', end: 3600 + seconds }), 0, times);
  t.match(ended(61 * 60), '- 02:01  (01:01)\n');
  t.match(ended(2 * 86400 + 3600), '(2+01:00)\n');
});

t.test('The proof of what goes on ends now', async t => {
  t.match(proofText(session({ state: 'started' }), 7200, times), '--end 11/14/23 02:00:00\n');
});
