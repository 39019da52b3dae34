import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { commandFile } from '../src/base/commandFile.ts';
import { Browser } from './support/browser.js';

// The page of `aureport --html` as a browser shows it. Needs chromium: scripts/setup.sh --test installs it.

const AUREPORT = commandFile('aureport');
const AUSEARCH = commandFile('ausearch');
const home = mkdtempSync(join(tmpdir(), 'page-'));
t.teardown(() => rmSync(home, { recursive: true, force: true }));

const DAY = fileURLToPath(new URL('../../docs/guide/day.log', import.meta.url));
const bin = join(home, 'bin');
mkdirSync(bin);
writeFileSync(join(bin, 'ausearch'), `#!/bin/sh\nexec '${process.execPath}' '${AUSEARCH}' "$@"\n`, { mode: 0o755 });

/** What an attacker calls files, programs and keys. */
const NAMES = [
  '<script>document.title="run"</script>',
  '</script><!-- <img src=x onerror=document.title="run">',
  '"\'><svg onload=document.title="run">&amp;',
  '\x1b[31mred\x1b[0m\x07',
  '\u202egnp.exe\u202c\u200b\u2066',
  "it's $(touch ran) `touch ran` \\ !x ; *",
  'new\nline',
  'A'.repeat(4000),
  'B'.repeat(8192),
  '-rf',
  'plain',
].map(name => Buffer.from(name, 'utf8'));
NAMES.push(Buffer.from([0x62, 0xff, 0xfe, 0x80]));

const START = 1_700_000_000;

function hostileLog(): string {
  let serial = 0;
  const lines: string[] = [];
  for (const [index, name] of NAMES.entries()) {
    const hex = name.toString('hex').toUpperCase();
    for (let count = 0; count <= index; count++) {
      serial++;
      const head = `msg=audit(${START + serial}.000:${serial}):`;
      const result = count === 0 ? 'success=no exit=-13' : 'success=yes exit=3';
      const ids = 'uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=1';
      lines.push(
        `type=SYSCALL ${head} arch=c000003e syscall=257 ${result} a0=0 a1=0 a2=0 a3=0 items=1 ppid=1 pid=7 auid=1000 ${ids} comm="x" exe="/bin/x" key=${name.length > 256 ? '"long"' : hex}`,
        `type=PATH ${head} item=0 name=${name.length > 4096 ? `"${name.toString()}"` : hex} inode=1 dev=fe:00 mode=0100644 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL`,
      );
    }
  }
  lines.push(`type=<b>EVIL</b> msg=audit(${START + serial + 1}.000:${serial + 1}): x=1`);
  return `${lines.join('\n')}\n`;
}

const log = join(home, 'a log');
writeFileSync(log, hostileLog());
const page = join(home, 'page.html');

function aureport(args: readonly string[], input?: string) {
  return spawnSync(process.execPath, [AUREPORT, ...args], {
    encoding: 'latin1',
    cwd: home,
    ...(input === undefined ? {} : { input }),
  });
}

t.test('The page appears whole under its name, for those alone who may read the log', async t => {
  t.match(aureport(['-if', log, '--html', page]), { status: 0, stdout: '', stderr: '' });
  t.equal(statSync(page).mode & 0o777, 0o640);
  writeFileSync(page, 'old');
  chmodSync(page, 0o666);
  const link = join(home, 'link.html');
  symlinkSync(page, link);
  t.equal(aureport(['-if', log, '--html', link]).status, 0);
  t.match(readFileSync(page, 'utf8'), /^<!DOCTYPE html>/);
  t.equal(statSync(page).mode & 0o777, 0o640);
  t.strictSame(
    readdirSync(home).filter(name => name.startsWith('.')),
    [],
  );
});

t.test('What cannot be written or read is told, and leaves what was there', async t => {
  mkdirSync(join(home, 'directory'));
  const before = readFileSync(page, 'utf8');
  for (const [args, says] of [
    [['-if', log, '--html', '/dev/null'], '/dev/null: it is there, and is no file\n'],
    [['-if', log, '--html', 'directory'], 'directory: it is there, and is no file\n'],
    [['-if', log, '--html', 'none/page'], 'none/page: No such file or directory\n'],
  ] as const) {
    t.match(aureport(args), { status: 1, stderr: says });
  }
  t.equal(aureport(['-if', join(home, 'directory'), '--html', page]).status, 1);
  t.equal(readFileSync(page, 'utf8'), before);
});

/** How many events a search finds, typed as it is into a shell. */
function foundBy(search: string): number {
  const { stdout } = spawnSync(
    'bash',
    ['-c', `${search.replace('ausearch -i', 'ausearch --format json')} < /dev/null`],
    {
      encoding: 'latin1',
      cwd: home,
      env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` },
    },
  );
  return stdout.split('\n').length - 1;
}

/** What a page counts: labels, counts and the shares of its bars, and the figures above. */
const counted = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/<dd>.*?<\/dd>|<bdi class="label">.*?<\/svg>|"intervals":[^a-z]*/g)].join(
    '\n',
  );

t.test('A compressed file and a pipe give the same page', async t => {
  const other = join(home, 'other.html');
  const expected = counted(page);
  t.match(expected, '<dd>79</dd>');
  writeFileSync(join(home, 'log.gz'), gzipSync(readFileSync(log)));
  t.equal(aureport(['-if', join(home, 'log.gz'), '--html', other]).status, 0);
  t.ok(counted(other) === expected);
  execFileSync('sh', ['-c', 'cat "$3" | "$0" "$1" --html "$2"', process.execPath, AUREPORT, other, log]);
  t.ok(counted(other) === expected);
  t.match(readFileSync(other, 'utf8'), 'This was read from a pipe');
});

t.test('A time and a result narrow the page and its searches', async t => {
  const part = join(home, 'part.html');
  t.equal(aureport(['-if', log, '--failed', '--html', part]).status, 0);
  t.match(readFileSync(part, 'utf8'), ' -sv no -ul 1000</code>');
  t.match(counted(part), `<dd>${NAMES.length}</dd>`);
});

t.test('A log without events makes a page that says so', async t => {
  writeFileSync(join(home, 'empty'), '');
  const empty = join(home, 'empty.html');
  t.equal(aureport(['-if', join(home, 'empty'), '--html', empty]).status, 0);
  const text = readFileSync(empty, 'utf8');
  t.match(text, 'No event names a program.');
  t.match(text, 'There is no event to tell it by.');
  t.notMatch(text, 'Every serial is there.');
  t.match(text, '<div class=""><dt>Failed</dt><dd>0</dd>', 'no alarm without a failure');
});

t.test('One event among thousands has a bar that is seen', async t => {
  const rare = join(home, 'rare');
  const record = (type: string, serial: number) =>
    `type=${type} msg=audit(${START}.000:${serial}): pid=1 uid=0 auid=0 ses=1 msg='unit=x exe="/x" hostname=? addr=? terminal=? res=success'\n`;
  const many = Array.from({ length: 5000 }, (_, serial) => record('SERVICE_START', serial + 2));
  writeFileSync(rare, record('SERVICE_STOP', 1) + many.join(''));
  t.equal(aureport(['-if', rare, '--html', page]).status, 0);
  t.match(readFileSync(page, 'utf8'), />SERVICE_STOP<.*?<rect class="all" width="0.60"/);
  t.equal(aureport(['-if', log, '--html', page]).status, 0);
});

const hasBrowser = spawnSync('chromium', ['--version']).error === undefined;
t.setTimeout(240_000);
t.test('In a browser', { timeout: 180_000, skip: hasBrowser ? false : 'needs chromium' }, async t => {
  const browser = await Browser.start();
  t.teardown(() => browser.close());
  const texts = (selector: string) =>
    browser.evaluate(`[...document.querySelectorAll(${JSON.stringify(selector)})].map(one => one.textContent)`);
  const command = () => browser.evaluate('document.getElementById("command").textContent');
  const click = (selector: string) => browser.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
  /** The bars with the search of each; `failed`: of those that failed alone, where there are any. */
  const allBars = async (selector: string, failed = false) =>
    (await browser.evaluate(`(() => {
      const only = document.getElementById('failed');
      if (${failed}) only.click();
      const found = [...document.querySelectorAll(${JSON.stringify(selector)})].flatMap(bar => {
        const count = bar.querySelector(${failed} ? '.failures' : '.count');
        if (count === null) return [];
        bar.click();
        const [search, note] = ['command', 'note'].map(id => document.getElementById(id).textContent);
        bar.click();
        return [{ id: bar.id, count: parseInt((${failed} ? count : count.lastChild).textContent, 10), search, note }];
      });
      if (${failed}) only.click();
      return found;
    })()`)) as { id: string; count: number; search: string; note: string }[];
  await browser.open(`file://${page}`);
  await browser.evaluate('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))');

  await t.test('names of an attacker are text, and nothing of them runs', async t => {
    t.match(await browser.evaluate('document.title'), /^Audit report of /);
    const files = (await texts('#files .label')) as string[];
    t.ok(files.includes('<script>document.title="run"</script>'));
    t.ok(files.includes('\\x1b[31mred\\x1b[0m\\x07'));
    t.ok(files.includes('\\u{202e}gnp.exe\\u{202c}\\u{200b}\\u{2066}'));
    t.ok(files.includes('b\\xff\\xfe\\x80'));
    t.ok(files.includes(`${'A'.repeat(160)}… (4000 bytes)`));
    t.equal(await browser.evaluate('document.querySelectorAll("main script, main img, main svg[onload]").length'), 0);
    t.equal(
      await browser.evaluate(
        `/[\\u0000-\\u0008\\u000b-\\u001f\\u200b-\\u200f\\u202a-\\u202e\\u2066-\\u2069]/.test(document.body.textContent)`,
      ),
      false,
    );
  });

  await t.test('nothing is asked for, and nothing complains', async t => {
    t.strictSame(browser.requests, [`file://${page}`]);
    t.strictSame(browser.complaints, []);
    t.equal(await browser.evaluate('document.querySelectorAll("#chart canvas").length'), 1);
    await browser
      .evaluate('fetch("file:///etc/passwd").then(() => "read", () => "refused")')
      .then(got => t.equal(got, 'refused'));
  });

  await t.test('a bar is a filter', async t => {
    await browser.open(`file://${page}`);
    t.equal(await command(), `ausearch -i -if '${log}'`);
    await click('#users0');
    await click('#syscalls0');
    await click('#failed');
    t.equal(await command(), `ausearch -i -if '${log}' -sv no -ul 1000 --arch x86_64 -sc openat`);
    await click('#users0');
    t.equal(await command(), `ausearch -i -if '${log}' -sv no --arch x86_64 -sc openat`);
    await click('#clear');
    await click('#g0');
    t.equal(await command(), `ausearch -i -if '${log}' -m SYSCALL`);
    await click('#types0');
    t.equal(await browser.evaluate('document.getElementById("g0").getAttribute("aria-pressed")'), 'false');
    await click('#clear');
  });

  await t.test('keys choose a time', async t => {
    const press = (key: string) =>
      browser.evaluate(
        `document.getElementById('chart').dispatchEvent(new KeyboardEvent('keydown', { key: '${key}', bubbles: true }))`,
      );
    await press('ArrowRight');
    t.match(await browser.evaluate('document.getElementById("moment").textContent'), /1 events, 1 failed/);
    await press('Enter');
    t.equal(await command(), `ausearch -i -if '${log}' -ts 2023-11-14T22:13:21Z -te 2023-11-14T22:13:21Z`);
    await press('Escape');
    t.equal(await command(), `ausearch -i -if '${log}'`);
  });

  await t.test('each search finds as many events as its bar says', async t => {
    // Some seventy searches, each a program of its own.
    t.setTimeout(120_000);
    const day = join(home, 'day.html');
    t.equal(aureport(['-if', DAY, '--html', day]).status, 0);
    await browser.open(`file://${day}`);
    const lists = (await texts('#time h2, .list h2')) as string[];
    t.equal(lists.length, 9);
    const bars = [...(await allBars('.bar:enabled')), ...(await allBars('#users .bar, #logins .bar', true))];
    t.ok(bars.length > 40, `${bars.length} bars`);
    await browser.open(`file://${page}`);
    const hostile = await allBars('#files .bar:enabled, #keys .bar:enabled');
    t.ok(hostile.length >= 18, `${hostile.length} bars`);
    for (const { id, count, search, note } of [...bars, ...hostile]) {
      const found = foundBy(search);
      if (note.includes('too.') && !note.includes('events:')) t.ok(found >= count, `${id}: ${note}`);
      else t.equal(found, Number(/Finds (\d+) events/.exec(note)?.[1] ?? count), `${id}: ${search.slice(0, 200)}`);
    }
    t.notOk(readdirSync(home).includes('ran'));
    t.equal(
      await browser.evaluate('document.querySelectorAll("#files .bar:disabled").length'),
      2,
      'a value that begins with -, and one that is longer than a path',
    );
  });

  await t.test('names of 8 KB break no layout, on paper, a phone or a wide screen', async t => {
    for (const [width, media] of [
      [400, ''],
      [794, 'print'],
      [1600, ''],
    ] as const) {
      await browser.call('Emulation.setDeviceMetricsOverride', {
        width,
        height: 900,
        deviceScaleFactor: 1,
        mobile: false,
      });
      await browser.call('Emulation.setEmulatedMedia', { media });
      await browser.open(`file://${page}`);
      const wide = await browser.evaluate(`(() => {
        const named = bytes => [...document.querySelectorAll('#files .bar')].find(bar => bar.textContent.includes(bytes));
        named('(4000 bytes)').click();
        const edge = document.documentElement.clientWidth;
        return {
          isSearchable: !named('(8192 bytes)').disabled,
          search: document.getElementById('command').textContent.length,
          scrolls: document.documentElement.scrollWidth > edge,
          beyond: [...document.querySelectorAll('main *, footer *')].filter(one => one.closest('.u-wrap, .scroll') === null && one.getBoundingClientRect().right > edge + 1).map(one => one.outerHTML.slice(0, 80)),
          covers: document.querySelector('footer').getBoundingClientRect().height > innerHeight / 2,
          isWhole: document.getElementById('command').scrollHeight <= document.getElementById('command').clientHeight + 1,
        };
      })()`);
      t.match(
        wide,
        {
          isSearchable: false,
          scrolls: false,
          beyond: [],
          ...(media === 'print' ? { isWhole: true } : { covers: false }),
        },
        `${width} pixels ${media}`,
      );
      t.ok((wide as { search: number }).search > 4000, 'the whole name is searched for');
    }
    await browser.call('Emulation.clearDeviceMetricsOverride', {});
    await browser.call('Emulation.setEmulatedMedia', { media: '' });
  });

  await t.test('a log without events, and one of a time that no calendar has, have a page', async t => {
    const far = join(home, 'far log');
    writeFileSync(far, readFileSync(DAY, 'latin1').replaceAll('audit(17952', 'audit(900000017952'), 'latin1');
    for (const [from, says] of [
      [join(home, 'empty'), 'There is no event.'],
      [far, 'Events in each'],
    ] as const) {
      const file = join(home, 'edge.html');
      t.equal(aureport(['-if', from, '--html', file]).status, 0);
      await browser.open(`file://${file}`);
      await browser.evaluate('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))');
      const press = (key: string) =>
        browser.evaluate(
          `document.getElementById('chart').dispatchEvent(new KeyboardEvent('keydown', { key: '${key}', bubbles: true }))`,
        );
      await press('ArrowRight');
      await press('Enter');
      t.strictSame(browser.complaints, []);
      t.match(await browser.evaluate('document.getElementById("unit").textContent'), says);
      t.equal(await browser.evaluate('document.getElementById("chart").clientHeight > 0'), from === far);
      t.equal(await command(), `ausearch -i -if '${from}'`.replace(/'(.*)'/, from.includes(' ') ? "'$1'" : '$1'));
    }
  });

  await t.test('without scripts each bar has its search beside it', async t => {
    await browser.call('Emulation.setScriptExecutionDisabled', { value: true });
    await browser.open(`file://${page}`);
    await browser.call('Emulation.setScriptExecutionDisabled', { value: false });
    const [still] = (await texts('#users code.still')) as string[];
    t.equal(still, `ausearch -i -if '${log}' -ul 1000`);
    t.equal(await browser.evaluate('getComputedStyle(document.querySelector("#users code.still")).display'), 'block');
    t.ok(Number(await browser.evaluate('document.querySelectorAll("#still rect").length')) > 1);
  });
});
