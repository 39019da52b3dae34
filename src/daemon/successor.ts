import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { reasonOf } from '../base/errors.ts';
import { addon, native } from '../binding/addon.ts';
import { EXEC_VARIABLE, execValue, type HeldSocket } from './heldDescriptors.ts';
import { withoutNodeSettings } from './nodeEnvironment.ts';

/** The program to go back to, and why: set for a version that is being tried, or that has failed. */
const FALLBACK_VARIABLE = 'NODE_AUDITD_FALLBACK';
const FAILURE_VARIABLE = 'NODE_AUDITD_UPGRADE_FAILED';
const PREFLIGHT_MILLISECONDS = 20_000;
const MOST_SAID = 300;

/** Tells a preflight under which descriptor it finds the ring that it would have to read. */
export const PREFLIGHT_RING_VARIABLE = 'NODE_AUDITD_PREFLIGHT_RING';
const PREFLIGHT_RING_FD = 3;

/** How this process was started with respect to an upgrade. */
export interface Descent {
  /** The script of the version before, to go back to if this one does not come up. */
  readonly fallback: string | null;
  /** This is that version again: why the other did not come up. */
  readonly failure: string | null;
}

/** Takes both out of the environment. */
export function takeDescent(environment: NodeJS.ProcessEnv): Descent {
  const descent = {
    fallback: environment[FALLBACK_VARIABLE] ?? null,
    failure: environment[FAILURE_VARIABLE] ?? null,
  };
  delete environment[FALLBACK_VARIABLE];
  delete environment[FAILURE_VARIABLE];
  return descent;
}

/** Programs that this process can become, with the same pid. */
export class Successor {
  readonly #script: string;
  readonly #origin: string;
  readonly #args: readonly string[];
  readonly #manager: string | null;
  readonly #watchdogMilliseconds: number | null;

  /**
   * @param script  This daemon's script as it was started: a link that an upgrade turns to another version.
   * @param args    Its command line, with absolute paths and without going to the background again.
   */
  constructor(
    script: string,
    args: readonly string[],
    manager: { readonly socket: string | null; readonly watchdogMilliseconds: number | null },
  ) {
    this.#script = script;
    this.#origin = realpathSync(script);
    this.#args = args;
    this.#manager = manager.socket;
    this.#watchdogMilliseconds = manager.watchdogMilliseconds;
  }

  /**
   * Runs the installed version as a child that loads all of it, reads the configuration and looks at the ring's layout.
   *
   * @param ring  The ring's descriptor.
   * @returns     Null when it would come up, else why not.
   */
  preflight(ring: number): Promise<string | null> {
    return new Promise(resolve => {
      const child = spawn(process.execPath, [...process.execArgv, this.#script, ...this.#args, '--preflight'], {
        cwd: '/',
        env: { ...withoutNodeSettings(process.env), [PREFLIGHT_RING_VARIABLE]: String(PREFLIGHT_RING_FD) },
        stdio: ['ignore', 'pipe', 'pipe', ring],
        timeout: PREFLIGHT_MILLISECONDS,
        killSignal: 'SIGKILL',
      });
      let said = '';
      const hear = (text: Buffer) => {
        if (said.length < MOST_SAID) said += text.toString();
      };
      child.stdout?.on('data', hear);
      child.stderr?.on('data', hear);
      child.on('error', error => resolve(reasonOf(error)));
      child.on('close', (code, signal) => {
        if (code === 0) return resolve(null);
        const ending = signal === null ? `it exits with ${code}` : `it ends by ${signal}`;
        resolve(`${ending}: ${said.slice(0, MOST_SAID).trim().replaceAll(/\s+/g, ' ')}`);
      });
    });
  }

  /** Becomes the installed version. @returns Never. @throws {SystemError} Everything is then as it was. */
  becomeInstalled(descriptors: readonly HeldSocket[], others: readonly number[]): void {
    this.#execute(this.#script, descriptors, others, { [FALLBACK_VARIABLE]: this.#origin });
  }

  /** Goes back to the version before. @returns Never. @throws {SystemError} */
  becomeFallback(script: string, reason: string, descriptors: readonly HeldSocket[], others: readonly number[]): void {
    this.#execute(script, descriptors, others, { [FAILURE_VARIABLE]: reason.slice(0, MOST_SAID) });
  }

  #execute(
    script: string,
    descriptors: readonly HeldSocket[],
    others: readonly number[],
    variables: Readonly<Record<string, string>>,
  ): void {
    const environment: Record<string, string | undefined> = {
      ...withoutNodeSettings(process.env),
      ...variables,
      [EXEC_VARIABLE]: execValue(descriptors),
    };
    if (this.#manager !== null) environment['NOTIFY_SOCKET'] = this.#manager;
    if (this.#watchdogMilliseconds !== null) environment['WATCHDOG_USEC'] = String(this.#watchdogMilliseconds * 1000);
    const pairs = Object.entries(environment).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${value}`],
    );
    const argv = [process.argv0, ...process.execArgv, script, ...this.#args];
    native(() => addon.execute(process.execPath, argv, pairs, [...descriptors.map(({ fd }) => fd), ...others]));
  }
}
