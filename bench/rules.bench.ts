import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandFile } from '../src/base/commandFile.ts';
import { packageDirectory } from '../src/base/packageDirectory.ts';
import { type Bench, runIfMain, type Scene } from './bench.ts';
import { type DaemonName, installedDaemons } from './daemonUnderTest.ts';
import { atMost, type Row, row } from './report.ts';
import { runProcess } from './startedProcess.ts';

// How long auditctl takes: the largest set of sample rules, a thousand generated ones, and a look at the status. Wall
// time of the whole command, start of the process included.

const RUNS = 5;
const GENERATED_RULES = 1000;
const PROGRAM: Readonly<Record<DaemonName, readonly string[]>> = {
  ours: [process.execPath, commandFile('auditctl')],
  reference: ['/usr/sbin/auditctl'],
};

interface RulesResult {
  readonly subject: DaemonName;
  readonly sampleRules: number;
  /** One value a run. */
  readonly sampleMilliseconds: readonly number[];
  readonly generatedMilliseconds: readonly number[];
  readonly statusMilliseconds: readonly number[];
}

export const rulesBench: Bench<RulesResult> = {
  name: 'rules',
  url: import.meta.url,
  trials: installedDaemons,
  run: runTrial,
  report,
};

async function runTrial(trial: string, { workspace, undo }: Scene): Promise<RulesResult> {
  const subject = installedDaemons.find(name => name === trial);
  if (subject === undefined) throw new Error(`no trial ${trial}`);
  const auditctl = PROGRAM[subject];
  const reference = installedDaemons.includes('reference') ? PROGRAM.reference : PROGRAM.ours;
  if ((await runProcess([...reference, '-l'], undo)).trim() !== 'No rules')
    throw new Error('rules are loaded: delete them');
  const [program = '', ...programArgs] = reference;
  undo.add(() => void execFileSync(program, [...programArgs, '-D']));

  const sample = ospp();
  const files = { sample: join(workspace.path, 'sample.rules'), generated: join(workspace.path, 'generated.rules') };
  writeFileSync(files.sample, `${sample.join('\n')}\n`, { mode: 0o640 });
  writeFileSync(files.generated, `${generated().join('\n')}\n`, { mode: 0o640 });
  const timed = async (...args: string[]) => {
    const start = process.hrtime.bigint();
    await runProcess([...auditctl, ...args], undo);
    return Number(process.hrtime.bigint() - start) / 1e6;
  };
  const loads = async (file: string) => {
    const milliseconds: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      await runProcess([...reference, '-D'], undo);
      milliseconds.push(await timed('-R', file));
    }
    return milliseconds;
  };
  const sampleMilliseconds = await loads(files.sample);
  const generatedMilliseconds = await loads(files.generated);
  await runProcess([...reference, '-D'], undo);
  const statusMilliseconds: number[] = [];
  for (let run = 0; run < RUNS; run++) statusMilliseconds.push(await timed('-s'));
  return { subject, sampleRules: sample.length, sampleMilliseconds, generatedMilliseconds, statusMilliseconds };
}

/** System calls that are newer than the C tools of some distributions: both load the rules without them. */
const NEW_CALLS = new Set(['fchmodat2', 'setxattrat', 'removexattrat', 'file_setattr']);

/** All rules of the largest sample set, in the order of augenrules; settings stay out, they belong to the machine. */
function ospp(): string[] {
  const directory = join(packageDirectory, 'conf/rules');
  return readdirSync(directory)
    .filter(name => name.startsWith('30-ospp'))
    .sort()
    .flatMap(name => readFileSync(join(directory, name), 'utf8').split('\n'))
    .filter(line => /^-[aAw]/.test(line))
    .map(line =>
      line.replace(/(?<=-S )\S+/g, calls =>
        calls
          .split(',')
          .filter(call => !NEW_CALLS.has(call))
          .join(','),
      ),
    )
    .filter(line => !/-S\s+-/.test(line));
}

/** One in ten watches a path: taking such a rule away again waits 15 ms in the kernel. */
function generated(): string[] {
  return Array.from({ length: GENERATED_RULES }, (_, i) => {
    const where = i % 10 === 0 ? `-F path=/etc/generated-${i} -F auid>=1000` : `-F exit=-EACCES -F auid=${1000 + i}`;
    return `-a always,exit -F arch=b64 -S openat,unlinkat ${where} -F key=generated-${i % 40}`;
  });
}

function report(results: readonly RulesResult[]): Row[] {
  const of = (subject: DaemonName) => results.filter(run => run.subject === subject);
  const rows = installedDaemons.flatMap(subject => {
    const what = `rules: ${subject === 'ours' ? 'ours' : 'C'}`;
    const runs = of(subject);
    return [
      row(
        `${what}, ${runs[0]?.sampleRules ?? 0} sample rules`,
        runs.flatMap(run => run.sampleMilliseconds),
        'ms',
      ),
      row(
        `${what}, ${GENERATED_RULES} generated rules`,
        runs.flatMap(run => run.generatedMilliseconds),
        'ms',
      ),
      row(
        `${what}, auditctl -s`,
        runs.flatMap(run => run.statusMilliseconds),
        'ms',
        subject === 'ours' ? atMost(120) : null,
      ),
    ];
  });
  const ratios = (take: (run: RulesResult) => readonly number[]) =>
    of('ours').flatMap((run, round) => {
      const other = of('reference')[round];
      return other === undefined ? [] : [median(take(run)) / median(take(other))];
    });
  return [
    ...rows,
    row(
      'rules: ours / C, sample rules',
      ratios(run => run.sampleMilliseconds),
      '',
    ),
    row(
      'rules: ours / C, generated rules',
      ratios(run => run.generatedMilliseconds),
      '',
    ),
  ];
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

await runIfMain(import.meta.url, rulesBench);
