import t from 'tap';
import { SaidMessages } from '../../../test/support/saidMessages.ts';
import type { LogAction, SpaceSettings } from './logSettings.ts';
import { SpaceWatch } from './spaceWatch.ts';

const MEGABYTE_BLOCKS = 256;
const megabytes = (value: number) => ({ kind: 'megabytes', value }) as const;
const percent = (value: number) => ({ kind: 'percent', value }) as const;
const action = (kind: Exclude<LogAction['kind'], 'exec'>): LogAction => ({ kind });

function settings(changes: Partial<SpaceSettings> = {}): SpaceSettings {
  return {
    spaceLeft: megabytes(75),
    spaceLeftAction: action('email'),
    adminSpaceLeft: megabytes(50),
    adminSpaceLeftAction: action('suspend'),
    diskFullAction: action('halt'),
    ...changes,
  };
}

const facts = (bavail: number, blocks = 1 << 20) => ({ bsize: 4096, blocks, bavail });
const free = (count: number) => facts(count * MEGABYTE_BLOCKS);

function watch(changes: Partial<SpaceSettings> = {}) {
  const messages = new SaidMessages();
  const space = new SpaceWatch(settings(changes), messages);
  const look = (count: number) =>
    space.look(free(count), 0).map(crossing => `${crossing.stage} ${crossing.action.kind}`);
  return { space, messages, look };
}

t.test('Each watermark is passed below its limit, not at it', async t => {
  const { look } = watch();
  t.strictSame(look(75), []);
  t.strictSame(look(74), ['space_left email']);
  t.strictSame(look(50), []);
  t.strictSame(look(49), ['admin_space_left suspend']);
});

t.test('Both are acted upon in order when both are passed at once', async t => {
  t.strictSame(watch().look(10), ['space_left email', 'admin_space_left suspend']);
});

for (const kind of ['ignore', 'email', 'suspend', 'single'] as const) {
  t.test(`${kind} is due once, until the warnings are cleared`, async t => {
    const { space, look } = watch({ spaceLeftAction: action(kind) });
    t.strictSame(look(60), [`space_left ${kind}`]);
    t.ok(space.spaceActionDone);
    t.strictSame([look(60), look(100), look(60)], [[], [], []], 'also after space came back');
    space.clearWarnings();
    t.notOk(space.spaceActionDone);
    t.strictSame(look(60), [`space_left ${kind}`]);
  });
}

t.test('syslog warns anew after space came back, for either watermark', async t => {
  const { look } = watch({ spaceLeftAction: action('syslog'), adminSpaceLeftAction: action('syslog') });
  t.strictSame(look(40), ['space_left syslog', 'admin_space_left syslog']);
  t.strictSame(look(40), []);
  t.strictSame(look(60), [], 'above the lower one');
  t.strictSame(look(40), ['admin_space_left syslog']);
  look(100);
  t.strictSame(look(40), ['space_left syslog', 'admin_space_left syslog']);
});

t.test('rotate repeats with every look and is never marked as done', async t => {
  const { space, look } = watch({ spaceLeftAction: action('rotate') });
  t.strictSame([look(60), look(60)], [['space_left rotate'], ['space_left rotate']]);
  t.notOk(space.spaceActionDone);
});

t.test('Fewer than five free blocks are a full disk, every time, and nothing else is looked at', async t => {
  const { space } = watch();
  t.strictSame(space.look(facts(5), 0).length, 2, 'five are not');
  space.clearWarnings();
  for (const blocks of [4, 0]) {
    t.strictSame(space.look(facts(blocks), 0), [{ stage: 'disk_full', action: action('halt') }]);
    t.notOk(space.hasSpace);
  }
  space.look(free(100), 0);
  t.ok(space.hasSpace, 'space that is back is noticed');
});

t.test('A disk that was full at a write is news once', async t => {
  const { space } = watch();
  t.ok(space.takeSpaceFlag());
  t.notOk(space.takeSpaceFlag());
  space.setSpaceFlag();
  t.ok(space.takeSpaceFlag());
});

t.test('Percentages are of the whole file system, rounded down twice', async t => {
  const { space, messages } = watch({ spaceLeft: percent(25), adminSpaceLeft: percent(10) });
  t.equal(space.spaceLeftMegabytes, 0, 'not known yet');
  space.measure(facts(0, 40_999)); // 160.15 MiB
  t.strictSame([space.spaceLeftMegabytes, space.adminSpaceLeftMegabytes], [40, 16]);
  t.strictSame(messages.take(), []);
  t.strictSame(space.look(facts(41 * MEGABYTE_BLOCKS, 40_999), 0), []);
  t.equal(space.look(facts(39 * MEGABYTE_BLOCKS, 40_999), 0).length, 1);
});

t.test('Percentages that end in the wrong order are told, and stand', async t => {
  const { space, messages } = watch({ spaceLeft: percent(10), adminSpaceLeft: megabytes(500) });
  space.measure(facts(0, 40_960));
  t.strictSame(messages.take(), ['error Error - space_left(16) must be larger than admin_space_left(500)']);
});

t.test('New settings make every warning due again', async t => {
  const { space, look } = watch();
  look(10);
  space.takeSpaceFlag();
  space.reconfigure(settings());
  t.ok(space.hasSpace);
  t.notOk(space.spaceActionDone || space.adminSpaceActionDone);
  t.equal(look(10).length, 2);
});

t.test('The first write looks, then a quarter of the way to the next watermark, or a second', async t => {
  const { space } = watch();
  t.ok(space.isDue(0));
  space.look(free(115), 0); // 40 MiB above space_left
  t.notOk(space.isDue(999));
  t.ok(space.isDue(1000));
  space.wrote((10 << 20) - 1);
  t.notOk(space.isDue(0));
  space.wrote(1);
  t.ok(space.isDue(0));
});

t.test('However fast the log grows, each watermark is passed by one run at most', async t => {
  const run = 1 << 20;
  const { space } = watch({ spaceLeft: megabytes(75), adminSpaceLeft: megabytes(50) });
  const seen: [string, number][] = [];
  for (let left = 5000 << 20; left > 30 << 20; left -= run) {
    space.wrote(run);
    if (!space.isDue(0)) continue; // the clock stands: nothing but bytes counts
    for (const { stage } of space.look(facts(Math.floor(left / 4096)), 0)) seen.push([stage, left >> 20]);
  }
  t.strictSame(seen, [
    ['space_left', 74],
    ['admin_space_left', 49],
  ]);
});

t.test('A full disk is looked at once a second, however much is tried', async t => {
  const { space } = watch();
  space.look(facts(0), 0);
  space.wrote(1 << 30);
  t.notOk(space.isDue(999));
  t.ok(space.isDue(1000));
});
