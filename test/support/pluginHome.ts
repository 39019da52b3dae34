import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditdConfig } from '../../src/daemon/config/auditdConfig.ts';
import { builtInConfig } from '../../src/daemon/config/loadAuditdConfig.ts';
import { parseNodeAuditdConfig } from '../../src/daemon/config/loadNodeAuditdConfig.ts';
import type { Configuration } from '../../src/daemon/configuration.ts';
import { type HandedPlugins, Plugins } from '../../src/daemon/plugins/plugins.ts';
import { SaidMessages } from './saidMessages.ts';

const USER = 1100;

/** A plugins.d of one test's own, with programs in shell, and plugins over it as the daemon has them. */
export class PluginHome {
  readonly directory: string;
  readonly messages = new SaidMessages();
  readonly runlevels: string[] = [];
  /** Of node-auditd.conf. */
  nodeSettings = '';

  constructor() {
    this.directory = mkdtempSync('/var/lib/node-auditd-test-');
    mkdirSync(this.path('plugins.d'));
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  read(name: string): string {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), 'latin1') : '';
  }

  /** A program in shell. `$1` and on are the plugin's arguments; there is no PATH. */
  program(name: string, script: string): string {
    const path = this.path(name);
    writeFileSync(path, `#!/bin/sh\nPATH=/bin:/usr/bin\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  plugin(name: string, lines: Readonly<Record<string, string>>): void {
    const text = Object.entries({ active: 'yes', ...lines }).map(([key, value]) => `${key} = ${value}\n`);
    writeFileSync(this.path(`plugins.d/${name}.conf`), text.join(''), { mode: 0o640 });
  }

  configuration(changes: Partial<AuditdConfig> = {}): Configuration {
    const node = parseNodeAuditdConfig(Buffer.from(this.nodeSettings), 'node-auditd.conf');
    if (node.kind === 'refused') throw new Error(node.faults[0]?.error.message);
    return { auditd: { ...builtInConfig(), pluginDirectory: this.path('plugins.d/'), ...changes }, node: node.config };
  }

  open(changes: Partial<AuditdConfig> = {}, handed: HandedPlugins | null = null): Plugins {
    return new Plugins({
      memory: null,
      form: { wholeLines: true, node: null },
      configuration: this.configuration(changes),
      messages: this.messages,
      changeRunlevel: level => this.runlevels.push(level),
      handed,
    });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A record's line by its number. */
export function numberedLine(number: number): string {
  return `type=USER msg=audit(1700000000.000:${number}): n=${number}\n`;
}

export function numberedLines(first: number, count: number): string {
  return Array.from({ length: count }, (_, i) => numberedLine(first + i)).join('');
}

export function dispatchNumbers(plugins: Plugins, first: number, count: number): void {
  for (let i = 0; i < count; i++) plugins.dispatch(USER, Buffer.from(numberedLine(first + i)));
}

/** The numbers of the lines in a text, in order. */
export function numbersOf(text: string): number[] {
  return [...text.matchAll(/:(\d+)\): n=\1\n/g)].map(match => Number(match[1]));
}

/** Settles when the condition holds; fails after half a minute. */
export async function eventually(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  do {
    if (Date.now() > deadline) throw new Error(`waited for ${what} in vain`);
    await new Promise(resolve => setTimeout(resolve, 5)); // always: who asks in a loop lets others have their turn
  } while (!condition());
}
