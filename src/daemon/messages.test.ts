import { spawnSync } from 'node:child_process';
import t from 'tap';

const MESSAGES = new URL('./messages.js', import.meta.url).href;

/** Runs lines of a program that has `messages`, and tells what came on both streams. */
function run(...lines: string[]): { stdout: string; stderr: string; status: number | null } {
  const program = `
    import { createRequire } from 'node:module';
    import { openMessages } from '${MESSAGES}';
    const { cache } = createRequire('${MESSAGES}');
    const tellWhetherLoaded = () => console.log(Object.keys(cache).some(path => path.includes('/pino/')));
    const messages = openMessages('stderr', 'info');
    ${lines.join('\n')}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
}

t.test('Messages are said in their order, from the level on that was set', async t => {
  const ended = run(
    'messages.info("a"); messages.debug("b"); messages.setLevel("warning"); messages.notice("c"); messages.warning("d");',
  );
  t.match(ended, { stderr: 'a\nd\n', status: 0 });
});

t.test('What is held waits for the release, and costs nothing until then', async t => {
  const ended = run(
    'messages.hold(); messages.notice("a"); messages.debug("b"); tellWhetherLoaded();',
    'process.stderr.write("c\\n"); messages.release(); tellWhetherLoaded(); messages.critical("d");',
  );
  t.match(ended, { stdout: 'false\ntrue\n', stderr: 'c\na\nd\n', status: 0 });
});

t.test('An error waits for nothing, and comes after what was said before it', async t => {
  const ended = run(
    'messages.hold(); messages.warning("a"); messages.error("b"); process.stderr.write("c\\n");',
    'messages.info("d"); messages.release(); messages.info("e");',
  );
  t.match(ended, { stderr: 'a\nb\nc\nd\ne\n', status: 0 });
});

t.test('A message stays one line, and cannot steer a terminal', async t => {
  t.match(run('messages.error("a\\nb\\x1b[31m");'), { stderr: 'a\\x0ab\\x1b[31m\n', status: 0 });
});
