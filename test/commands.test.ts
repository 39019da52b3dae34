import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { commandFile, commandFiles } from '../src/base/commandFile.ts';
import { packageDirectory } from '../src/base/packageDirectory.ts';

// Each command of package.json is one file (scripts/bundleCommands.ts). Here it is run as an installed one is: by a link.

const directory = mkdtempSync(join(tmpdir(), 'commands-'));
t.teardown(() => rmSync(directory, { recursive: true }));

const commands = Object.keys(commandFiles(packageDirectory));
t.ok(commands.includes('auditd') && commands.includes('auditctl'));
for (const command of commands) {
  t.test(`${command} is there and says what it is`, async t => {
    const file = commandFile(command);
    accessSync(file, constants.X_OK);
    const link = join(directory, command);
    symlinkSync(file, link);
    for (const option of ['--help', '--version']) {
      const { status, stdout, stderr } = spawnSync(link, [option], { cwd: '/', encoding: 'utf8' });
      t.match({ status, stderr }, { status: 0, stderr: '' }, option);
      t.match(stdout, option === '--help' ? /^usage: /i : new RegExp(`^${command} (version )?\\d+\\.\\d+\\.\\d+\\b`));
    }
  });
}
