import { copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commandFiles } from '../../base/commandFile.ts';
import { MANIFEST, type Manifest, manifestText, readManifest } from './manifest.ts';
import type { Options } from './options.ts';
import { packageFiles } from './packageFiles.ts';
import { Placement, type Step, writeWhole } from './placement.ts';
import { type Entry, installationPlan } from './plan.ts';

/** Where the package lies in an image, and in a Debian package. */
export const PACKAGE_TARGET = '/usr/lib/node-auditd';

export interface Surroundings {
  /** Where package.json lies. */
  readonly packageDirectory: string;
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
  /** Runs a command of the machine; its exit code, null when it is not there. */
  readonly command: (program: string, args: readonly string[]) => number | null;
}

/** @returns The exit code: 0 done, 1 when something is in the way: then nothing was changed. */
export function run(options: Options, around: Surroundings): number {
  const isImage = options.root !== '/';
  const packageTarget = isImage ? PACKAGE_TARGET : around.packageDirectory;
  const manifestPath = join(options.root, MANIFEST);
  const manifest = readManifest(manifestPath);
  const placement = new Placement(options.root, around.packageDirectory, packageTarget, manifest);
  const say = (action: string, target: string, note: string) =>
    around.say(`${action.padEnd(8)}${join(options.root, target)}${note === '' ? '' : `: ${note}`}`);

  if (options.action === 'uninstall') {
    const steps = placement.planRemoval(target => !options.isConfigurationOnly || target.startsWith('/etc/'));
    if (isImage && !options.isDryRun && !options.isConfigurationOnly) {
      rmSync(join(options.root, PACKAGE_TARGET), { recursive: true, force: true });
    }
    for (const step of steps) say(step.action, step.target, step.note);
    if (options.isDryRun) return 0;
    // Until everything else is gone, the manifest must say what is there: its own directories go last.
    const holdsManifest = (step: Step) => MANIFEST.startsWith(`${step.target}/`);
    for (const step of steps) if (!holdsManifest(step)) placement.apply(step);
    if (options.isConfigurationOnly) writeManifest(options.root, manifest);
    else rmSync(manifestPath, { force: true });
    for (const step of steps) if (holdsManifest(step)) placement.apply(step);
    reloadSystem(options, around);
    return 0;
  }

  const problems = isImage ? [] : unsafeDirectories(around.packageDirectory);
  const entries = installationPlan(around.packageDirectory, commandFiles(around.packageDirectory)).filter(
    entry => !options.isConfigurationOnly || entry.role === 'configuration',
  );
  const plan = placement.plan(entries);
  problems.push(...plan.problems);
  if (problems.length > 0) {
    for (const problem of problems) around.complain(`node-auditd: ${problem}`);
    around.complain('node-auditd: nothing was changed');
    return 1;
  }
  for (const step of plan.steps) if (step.action !== 'keep') say(step.action, step.target, step.note);
  if (options.isDryRun) return 0;
  // An image may begin with nothing.
  if (isImage) mkdirSync(options.root, { recursive: true });
  try {
    for (const step of plan.steps) placement.apply(step);
    if (isImage && !options.isConfigurationOnly) copyPackage(options.root, around.packageDirectory);
  } finally {
    // Also after a failure: what was placed until then can be taken away again.
    writeManifest(options.root, manifest);
  }
  reloadSystem(options, around);
  return 0;
}

/** Copies what runs; commands are links into the copy. */
export function copyPackage(root: string, packageDirectory: string): void {
  const commands = new Set(Object.values(commandFiles(packageDirectory)));
  for (const name of packageFiles(packageDirectory)) {
    const target = join(root, PACKAGE_TARGET, name);
    mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
    if (commands.has(name)) writeWhole(target, readFileSync(join(packageDirectory, name)), 0o755, false);
    else copyFileSync(join(packageDirectory, name), target);
  }
}

export function entriesFor(packageDirectory: string): Entry[] {
  return installationPlan(packageDirectory, commandFiles(packageDirectory));
}

/** Root is about to run what lies there: nobody else may be able to write to it, or to rename it away. */
function unsafeDirectories(packageDirectory: string): string[] {
  const unsafe: string[] = [];
  for (let path = packageDirectory; ; path = dirname(path)) {
    const { uid, mode } = lstatSync(path);
    const isSticky = (mode & 0o1000) !== 0;
    if (uid !== 0) unsafe.push(`${path}: belongs to uid ${uid}: expected root, who will run what lies there`);
    else if ((mode & 0o022) !== 0 && !isSticky)
      unsafe.push(`${path}: others may write to it: root will run what lies there`);
    if (path === '/') return unsafe;
  }
}

/** Has systemd read its new units. Starting the daemon is the administrator's decision. */
function reloadSystem(options: Options, around: Surroundings): void {
  if (options.root !== '/' || options.isConfigurationOnly || !existsSync('/run/systemd/system')) return;
  const steps: [string, ...string[]][] = [['systemctl', 'daemon-reload']];
  if (options.action === 'install') steps.unshift(['systemd-tmpfiles', '--create', '/usr/lib/tmpfiles.d/audit.conf']);
  for (const [program, ...args] of steps) {
    const code = around.command(program, args);
    if (code !== 0)
      around.complain(
        `node-auditd: ${program} ${args.join(' ')}: ${code === null ? 'not there' : `exit code ${code}`}`,
      );
  }
  if (options.action === 'install') {
    around.say('Now: systemctl enable --now auditd audit-rules');
  }
}

function writeManifest(root: string, manifest: Manifest): void {
  const path = join(root, MANIFEST);
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeWhole(path, Buffer.from(manifestText(manifest)), 0o644, root === '/');
}
