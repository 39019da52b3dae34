import t from 'tap';
import { HandClock } from '../../../test/support/handClock.ts';
import { SaidMessages } from '../../../test/support/saidMessages.ts';
import { SystemError } from '../../base/errors.ts';
import { type DiskOperation, LogFailure, LogSuspended } from '../../sinks/log/logFailure.ts';
import type { LogAction } from '../../sinks/log/logSettings.ts';
import { LogPolicy, type MachineActions, type PolicyLog, type PolicySettings } from './logPolicy.ts';

const EIO = 5;
const ENOSPC = 28;
const EDQUOT = 122;
const helper = { kind: 'exec', path: '/usr/bin/helper' } as const;
const action = (kind: Exclude<LogAction['kind'], 'exec'>): LogAction => ({ kind });

function failure(
  operation: DiskOperation,
  errno: number,
  changes: { isWritten?: boolean; failuresInRow?: number } = {},
) {
  const cause = new SystemError({ syscall: 'write', errno, path: null });
  return new LogFailure({ operation, cause, keptBytes: 0, isWritten: false, failuresInRow: 1, ...changes });
}

const passing = () => Promise.resolve();

/** A policy with a log and a machine that only note what is asked of them. */
function policy(changes: Partial<PolicySettings> = {}, pause: (milliseconds: number) => Promise<void> = passing) {
  const done: string[] = [];
  const messages = new SaidMessages();
  const clock = new HandClock();
  let hasSpace = true;
  const fails = new Map<string, LogFailure>();
  const note =
    (name: string, then: () => void = () => undefined) =>
    async () => {
      done.push(name);
      const error = fails.get(name);
      if (error !== undefined) throw error;
      then();
    };
  const state = { isSuspended: false, canRotate: true, hasArchives: true };
  const log: PolicyLog = {
    get isSuspended() {
      return state.isSuspended;
    },
    get canRotate() {
      return state.canRotate;
    },
    takeSpaceFlag() {
      const had = hasSpace;
      hasSpace = false;
      return had;
    },
    rotate: note('rotate'),
    suspend: note('suspend', () => {
      state.isSuspended = true;
    }),
    dropOldest: async () => {
      done.push('dropOldest');
      return state.hasArchives;
    },
    resume: note('resume', () => {
      state.isSuspended = false;
      hasSpace = true;
    }),
    reconfigure: note('reconfigure'),
    helperEnded: note('helperEnded'),
    tick: note('tick'),
    close: note('close'),
  };
  let endHelper: () => void = () => undefined;
  const actions: MachineActions = {
    mail: (account, subject, body) => void done.push(`mail ${account} ${subject}: ${body.join('|')}`),
    runHelper: path => {
      done.push(`run ${path}`);
      return new Promise(resolve => {
        endHelper = resolve;
      });
    },
    changeRunlevel: level => void done.push(`runlevel ${level}`),
    warnUsers: () => void done.push('wall'),
  };
  const decides = new LogPolicy({
    log,
    actions,
    messages,
    settings: {
      adminSpaceLeftAction: action('suspend'),
      diskFullAction: action('syslog'),
      diskErrorAction: action('syslog'),
      actionMailAccount: 'root',
      ...changes,
    },
    between: async step => {
      done.push('between');
      await step();
    },
    pause: milliseconds => {
      clock.pauses++;
      clock.pass(milliseconds);
      return pause(milliseconds);
    },
    now: clock.monotonic,
  });
  return { policy: decides, done, messages, clock, state, fails, endHelper: () => endHelper() };
}

const LOW = 'Audit daemon is low on disk space for logging.';
const ADMIN_NEXT =
  'If the admin space left threshold is reached, audit will suspend. If the disk becomes full, audit will syslog.';
const FULL_NEXT = 'If the disk becomes full, audit will syslog.';
const FULL = 'alert Audit daemon has no space left on logging partition';
const MAIL = 'The audit daemon is low on disk space for logging! Please take action|to ensure no loss of service.';
const ADMIN_MAIL =
  'The audit daemon is very low on disk space for logging! Immediate action|is required to ensure no loss of service.';

const crossings: {
  stage: 'space_left' | 'admin_space_left' | 'disk_full';
  action: LogAction;
  said: string[];
  done: string[];
}[] = [
  { stage: 'space_left', action: action('ignore'), said: [], done: [] },
  { stage: 'space_left', action: action('syslog'), said: [`alert ${LOW} ${ADMIN_NEXT}`], done: [] },
  { stage: 'admin_space_left', action: action('syslog'), said: [`alert ${LOW} ${FULL_NEXT}`], done: [] },
  { stage: 'space_left', action: action('rotate'), said: [], done: ['rotate'] },
  {
    stage: 'space_left',
    action: action('email'),
    said: [`alert ${MAIL.replace('|', ' ')} ${ADMIN_NEXT}`],
    done: [`mail root Audit Disk Space Alert: ${MAIL}|${ADMIN_NEXT}`],
  },
  {
    stage: 'admin_space_left',
    action: action('email'),
    said: [`alert ${ADMIN_MAIL.replace('|', ' ')} ${FULL_NEXT}`],
    done: [`mail root Audit Admin Space Alert: ${ADMIN_MAIL}|${FULL_NEXT}`],
  },
  { stage: 'space_left', action: helper, said: [], done: ['suspend', 'run /usr/bin/helper'] },
  {
    stage: 'space_left',
    action: action('suspend'),
    said: ['alert Audit daemon is suspending logging due to low disk space.'],
    done: ['suspend'],
  },
  { stage: 'admin_space_left', action: action('ignore'), said: [], done: [] },
  { stage: 'admin_space_left', action: action('rotate'), said: [], done: ['rotate'] },
  { stage: 'admin_space_left', action: helper, said: [], done: ['suspend', 'run /usr/bin/helper'] },
  {
    stage: 'admin_space_left',
    action: action('single'),
    said: ['alert The audit daemon is now changing the system to single user mode and exiting due to low disk space'],
    done: ['runlevel 1'],
  },
  {
    stage: 'admin_space_left',
    action: action('suspend'),
    said: ['alert Audit daemon is suspending logging due to low disk space.'],
    done: ['suspend'],
  },
  {
    stage: 'space_left',
    action: action('single'),
    said: ['alert The audit daemon is now changing the system to single user mode and exiting due to low disk space'],
    done: ['runlevel 1'],
  },
  {
    stage: 'admin_space_left',
    action: action('halt'),
    said: ['alert The audit daemon is now halting the system and exiting due to low disk space'],
    done: ['runlevel 0'],
  },
  { stage: 'disk_full', action: action('ignore'), said: [FULL], done: [] },
  { stage: 'disk_full', action: action('syslog'), said: [FULL], done: [] },
  { stage: 'disk_full', action: action('rotate'), said: [FULL], done: ['rotate'] },
  { stage: 'disk_full', action: helper, said: [FULL], done: ['suspend', 'run /usr/bin/helper'] },
  {
    stage: 'disk_full',
    action: action('suspend'),
    said: [FULL, 'alert Audit daemon is suspending logging due to no space left on logging partition.'],
    done: ['suspend'],
  },
  {
    stage: 'disk_full',
    action: action('single'),
    said: [
      FULL,
      'alert The audit daemon is now changing the system to single user mode and exiting due to no space left on logging partition',
    ],
    done: ['runlevel 1'],
  },
  {
    stage: 'disk_full',
    action: action('halt'),
    said: [
      FULL,
      'alert The audit daemon is now halting the system and exiting due to no space left on logging partition',
    ],
    done: ['runlevel 0'],
  },
];

for (const { stage, action, said, done } of crossings) {
  t.test(`${stage}_action ${action.kind} says and does what auditd.conf means by it`, async t => {
    const test = policy();
    await test.policy.crossed({ stage, action });
    t.strictSame(test.messages.take(), said);
    t.strictSame(test.done, done);
  });
}

t.test('Who is logged in is warned at a low disk where the next step would be a halt', async t => {
  for (const [changes, expected] of [
    [{ adminSpaceLeftAction: action('halt') }, ['wall']],
    [{ diskFullAction: action('halt') }, ['wall']],
    [{ diskErrorAction: action('halt') }, []],
  ] as const) {
    const test = policy(changes);
    await test.policy.crossed({ stage: 'space_left', action: action('ignore') });
    t.strictSame(test.done, expected);
  }
});

t.test('Without archives nothing is rotated for want of space', async t => {
  const test = policy({ diskFullAction: action('rotate') });
  test.state.canRotate = false;
  await test.policy.crossed({ stage: 'space_left', action: action('rotate') });
  t.equal(await test.policy.failed(failure('write', ENOSPC)), 'retry');
  t.strictSame(test.done, []);
  t.equal(test.clock.pauses, 1);
});

t.test('max_log_file_action', async t => {
  const stage = 'max_log_file';
  const test = policy();
  await test.policy.crossed({ stage, action: action('syslog') });
  t.strictSame(test.messages.take(), ['error Audit daemon log file is larger than max size']);
  await test.policy.crossed({ stage, action: action('suspend') });
  t.strictSame(test.messages.take(), ['error Audit daemon is suspending logging due to logfile size.']);
  t.strictSame(test.done.splice(0), ['suspend']);
});

t.test('The helper for a log that is too large runs beside the records, and the log hears of its end', async t => {
  const test = policy();
  await test.policy.crossed({ stage: 'max_log_file', action: helper });
  t.strictSame(test.done, ['rotate', 'run /usr/bin/helper']);
  t.notOk(test.state.isSuspended);
  test.endHelper();
  await new Promise(resolve => setImmediate(resolve));
  t.strictSame(test.done.slice(2), ['between', 'helperEnded']);
});

const operations: DiskOperation[] = ['write', 'fsync', 'rotate', 'rotate2', 'reopen', 'resume', 'reconfig'];
for (const operation of operations) {
  t.test(`A disk error in ${operation} is told by that name and answered by disk_error_action`, async t => {
    const test = policy({ diskErrorAction: action('suspend') });
    t.equal(await test.policy.failed(failure(operation, EIO)), 'discard');
    t.strictSame(test.messages.take(), [
      `alert ${operation}: Audit daemon detected an error writing an event to disk (Input/output error)`,
      'alert Audit daemon is suspending logging due to previously mentioned write error',
    ]);
    t.strictSame(test.done, ['suspend']);
  });
}

t.test('disk_error_action', async t => {
  const single =
    'alert The audit daemon is now changing the system to single user mode and exiting due to previously mentioned write error';
  const halt = 'alert The audit daemon is now halting the system and exiting due to previously mentioned write error.';
  const cases: [LogAction, string[], string[], 'retry' | 'discard'][] = [
    [action('ignore'), [], [], 'retry'],
    [action('syslog'), [], [], 'retry'],
    [helper, [], ['suspend', 'run /usr/bin/helper'], 'discard'],
    [action('single'), [single], ['runlevel 1'], 'retry'],
    [action('halt'), [halt], ['runlevel 0'], 'retry'],
  ];
  for (const [diskErrorAction, said, done, decision] of cases) {
    const test = policy({ diskErrorAction });
    t.equal(await test.policy.failed(failure('write', EIO)), decision, diskErrorAction.kind);
    t.strictSame(test.messages.take().slice(1), said);
    t.strictSame(test.done, done);
  }
});

t.test('A disk that goes on failing is told five times, and acted upon once', async t => {
  const syslog = policy();
  for (let row = 1; row <= 8; row++) await syslog.policy.failed(failure('write', EIO, { failuresInRow: row }));
  t.equal(syslog.messages.take().length, 5);
  const halt = policy({ diskErrorAction: action('halt') });
  for (let row = 1; row <= 8; row++) await halt.policy.failed(failure('write', EIO, { failuresInRow: row }));
  t.strictSame(halt.done, ['runlevel 0']);
  await halt.policy.resume();
  await halt.policy.failed(failure('write', EIO));
  t.strictSame(halt.done, ['runlevel 0', 'resume', 'runlevel 0'], 'SIGUSR2 re-arms it');
});

t.test('A full disk at a write is disk_full_action’s, once; the records are tried again', async t => {
  for (const errno of [ENOSPC, EDQUOT]) {
    const test = policy({ diskErrorAction: action('halt') });
    t.equal(await test.policy.failed(failure('write', errno)), 'retry');
    t.strictSame(test.messages.take(), [FULL]);
    t.equal(await test.policy.failed(failure('write', errno, { failuresInRow: 2 })), 'retry');
    t.strictSame(test.messages.take(), [], 'it has been said');
    t.strictSame(test.done, []);
    t.equal(test.clock.pauses, 2);
  }
});

t.test('A full disk while rotating is disk_full_action’s too; once that was told, disk_error_action’s', async t => {
  const test = policy();
  await test.policy.failed(failure('rotate', ENOSPC, { isWritten: true }));
  t.strictSame(test.messages.take(), [FULL]);
  await test.policy.failed(failure('rotate2', ENOSPC, { isWritten: true, failuresInRow: 2 }));
  t.match(test.messages.take(), [/^alert rotate2: .*No space left on device/]);
  const noInode = policy();
  await noInode.policy.failed(failure('reopen', ENOSPC, { isWritten: true }));
  t.match(noInode.messages.take(), [/^alert reopen: /], 'no inode is not a full disk');
});

t.test('disk_full_action rotate makes room and tries again at once', async t => {
  const test = policy({ diskFullAction: action('rotate') });
  t.equal(await test.policy.failed(failure('write', ENOSPC)), 'retry');
  t.strictSame(test.done.splice(0), ['rotate']);
  await test.policy.failed(failure('write', ENOSPC, { failuresInRow: 2 }));
  t.strictSame(test.done.splice(0), ['dropOldest'], 'one rotation, then archive after archive');
  t.equal(test.clock.pauses, 0);
  test.state.hasArchives = false;
  t.equal(await test.policy.failed(failure('write', ENOSPC, { failuresInRow: 3 })), 'retry');
  t.equal(test.clock.pauses, 1, 'nothing is left to give');
});

t.test('A rotation for space that fails is answered as a disk error, and ends there', async t => {
  const test = policy({ diskFullAction: action('rotate'), diskErrorAction: action('suspend') });
  test.fails.set('rotate', failure('rotate', ENOSPC));
  t.equal(await test.policy.failed(failure('write', ENOSPC)), 'discard');
  t.strictSame(test.done, ['rotate', 'suspend']);
});

t.test('Records that come while logging is suspended are given up without another word', async t => {
  const test = policy();
  test.state.isSuspended = true;
  t.equal(await test.policy.failed(new LogSuspended()), 'discard');
  t.strictSame([test.messages.take(), test.done, test.clock.pauses], [[], [], 0]);
});

t.test('What failed beside a write is answered without holding up the next', async t => {
  const test = policy();
  await test.policy.failed(failure('fsync', EIO, { isWritten: true }));
  t.equal(test.clock.pauses, 0);
  t.equal(test.messages.take().length, 1);
});

t.test('Anything else that a write throws is a disk error, too', async t => {
  const test = policy();
  t.equal(await test.policy.failed(new Error('surprise')), 'retry');
  t.strictSame(test.messages.take(), [
    'alert write: Audit daemon detected an error writing an event to disk (surprise)',
  ]);
});

t.test('Signals are answered with the configured action when the log cannot follow them', async t => {
  for (const [name, operation] of [
    ['rotate', 'rotate2'],
    ['resume', 'resume'],
    ['tick', 'rotate'],
  ] as const) {
    const test = policy({ diskErrorAction: helper });
    test.fails.set(name, failure(operation, EIO));
    await test.policy[name]();
    t.match(test.messages.take(), [new RegExp(`^alert ${operation}: `)]);
    t.strictSame(test.done, [name, 'suspend', 'run /usr/bin/helper']);
  }
});

t.test('A reload that fails is answered by the new disk_error_action', async t => {
  const test = policy({ diskErrorAction: action('ignore') });
  test.fails.set('reconfigure', failure('reconfig', EIO));
  const { logSettings } = await import('../../../test/support/logSettings.ts');
  await test.policy.reconfigure(logSettings(), {
    adminSpaceLeftAction: action('ignore'),
    diskFullAction: action('ignore'),
    diskErrorAction: action('single'),
    actionMailAccount: 'root',
  });
  t.strictSame(test.done, ['reconfigure', 'runlevel 1']);
});

t.test('A last fsync that fails is told, and nothing is done about it', async t => {
  const test = policy({ diskErrorAction: action('halt') });
  test.fails.set('close', failure('fsync', EIO));
  await test.policy.close();
  t.match(test.messages.take(), [/^alert fsync: /]);
  t.strictSame(test.done, ['close']);
});

t.test('A fault of our own is not taken for the disk’s', async t => {
  const test = policy();
  const broken = new Error('the log takes one call at a time');
  test.fails.set('rotate', broken as LogFailure);
  await t.rejects(test.policy.rotate(), { message: broken.message });
});

t.test('The pause before the next try ends when somebody may have mended the log', async t => {
  const { policy: waiting } = policy({}, () => new Promise(() => undefined));
  const decision = waiting.failed(failure('write', ENOSPC));
  await new Promise(resolve => setImmediate(resolve));
  waiting.hurry();
  t.equal(await decision, 'retry');
});

t.test('A daemon that stops waits a minute for its log, and not at all when it halts the machine', async t => {
  const patient = policy();
  patient.policy.stopping();
  let tries = 0;
  while ((await patient.policy.failed(failure('write', ENOSPC))) === 'retry') tries++;
  t.equal(tries, 60);
  const halts = policy({ diskErrorAction: action('halt') });
  await halts.policy.failed(failure('write', EIO));
  halts.policy.stopping();
  t.equal(await halts.policy.failed(failure('write', EIO)), 'discard');
});
