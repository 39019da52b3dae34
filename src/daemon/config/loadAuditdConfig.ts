import { FieldError } from '../../base/errors.ts';
import { type Fault, type KeyValueEntry, readKeyValueLines } from '../../base/keyValueFile.ts';
import type { AuditdConfig, Transport } from './auditdConfig.ts';
import { auditdConfKeys, type ConfigKey, deprecatedKeys } from './auditdConfKeys.ts';
import { sanityFaults } from './sanityChecks.ts';
import type { SystemFacts } from './systemFacts.ts';
import { readTrustedFile } from './trustedFile.ts';
import { type ReadContext, Refusal } from './valueReaders.ts';

export interface LoadOptions {
  /** Whether the file itself may be a symbolic link (-l). */
  readonly allowsLinks: boolean;
  readonly facts: SystemFacts;
  /** Transports this build can speak. Another one's name is no value of `transport`. */
  readonly transports?: readonly Transport[];
}

export type ConfigLoad<Config> =
  /** `faults` has what is to be reported all the same; none is fatal. */
  | { readonly kind: 'loaded'; readonly config: Config; readonly faults: readonly Fault[] }
  /** At least one of `faults` is fatal. The daemon exits with `exitCode`, or keeps the configuration it has. */
  | { readonly kind: 'refused'; readonly faults: readonly Fault[]; readonly exitCode: 6 };

/**
 * Reads and checks auditd.conf. Every fault of the file comes back, in the order of its lines, not only the first.
 * Nothing is thrown for what a file holds. A missing file is a warning, and gives the built-in defaults unchecked.
 *
 * The one check left out is whether the domain of action_mail_acct exists, which can take the network a while:
 * see checkMailDomain.
 */
export function loadAuditdConfig(path: string, options: LoadOptions): ConfigLoad<AuditdConfig> {
  const file = readTrustedFile(path, options.allowsLinks, options.facts);
  switch (file.kind) {
    case 'refused':
      return { kind: 'refused', faults: file.faults, exitCode: 6 };
    case 'missing': {
      const expected = 'the file to exist; the built-in defaults are used';
      const error = new FieldError({ file: path, line: null, field: null, value: null, expected });
      return { kind: 'loaded', config: Object.freeze(builtInConfig()), faults: [{ severity: 'warning', error }] };
    }
    case 'read':
      return parseAuditdConfig(file.bytes, path, options);
  }
}

/** The same for a file's bytes. `file` is its name in the errors. */
export function parseAuditdConfig(
  bytes: Uint8Array,
  file: string,
  options: Omit<LoadOptions, 'allowsLinks'>,
): ConfigLoad<AuditdConfig> {
  const parse = new ConfigParse(file, options.facts, options.transports ?? BUILT_IN_TRANSPORTS);
  for (const line of readKeyValueLines(bytes, file)) {
    if (line.kind === 'fault') parse.add(line.fault);
    else parse.take(line.entry);
    if (parse.fatalFaults >= MAX_FAULTS) return parse.giveUp();
  }
  // An empty file says nothing that could contradict itself.
  if (bytes.length > 0) parse.checkSanity();
  return parse.result();
}

/** Kerberos is not among them: a file that asks for it is refused, and never served in clear text instead. */
const BUILT_IN_TRANSPORTS: readonly Transport[] = ['tcp', 'tls'];

/** Fatal ones that a file is given up after: nobody reads on, and a megabyte of nonsense has half a million. */
export const MAX_FAULTS = 100;

/** The configuration of a machine without auditd.conf. */
export function builtInConfig(): AuditdConfig {
  const values = Object.entries(auditdConfKeys).map(([property, key]) => [property, key.absent]);
  return Object.fromEntries(values) as AuditdConfig;
}

type Property = keyof AuditdConfig;

const propertyByName: ReadonlyMap<string, Property> = new Map(
  Object.entries(auditdConfKeys).map(([property, key]) => [key.name, property as Property]),
);

/** One pass over one file: what its lines came to so far, and what was wrong with them. */
class ConfigParse {
  fatalFaults = 0;
  readonly #faults: Fault[] = [];
  readonly #file: string;
  readonly #facts: SystemFacts;
  readonly #transports: readonly Transport[];
  readonly #config = builtInConfig() as { -readonly [P in Property]: AuditdConfig[P] };
  /** The last line of each key, for the checks that compare keys. */
  readonly #lines = new Map<Property, KeyValueEntry>();
  readonly #refused = new Set<Property>();

  constructor(file: string, facts: SystemFacts, transports: readonly Transport[]) {
    this.#file = file;
    this.#facts = facts;
    this.#transports = transports;
  }

  add(fault: Fault): void {
    this.#faults.push(fault);
    if (fault.severity === 'fatal') this.fatalFaults++;
  }

  take(entry: KeyValueEntry): void {
    const name = entry.key.toLowerCase();
    if (deprecatedKeys.includes(name)) {
      this.#report('warning', entry, 'no such key: it is deprecated and has no effect');
      return;
    }
    const property = propertyByName.get(name);
    if (property === undefined) this.#report('fatal', entry, 'a key that auditd.conf(5) names');
    else this.#set(property, entry);
  }

  #set<P extends Property>(property: P, entry: KeyValueEntry): void {
    const key: ConfigKey<AuditdConfig[P]> = auditdConfKeys[property];
    if (entry.options.length > 1) this.#report('err', entry, 'at most one word after the value');
    this.#lines.set(property, entry);
    const context: ReadContext = {
      option: entry.options[0] ?? null,
      facts: this.#facts,
      transports: this.#transports,
      soFar: this.#config,
      report: (severity, expected) => this.#report(severity, entry, expected),
    };
    const isTooLong = entry.options.length > 0 && !key.takesOption;
    const value = isTooLong ? new Refusal('one word as the value') : key.read(entry.value, context);
    if (value instanceof Refusal) {
      const isUsed = key.needs === null || this.#transports.includes(key.needs);
      this.#report(isUsed ? 'fatal' : 'err', entry, value.expected);
      this.#refused.add(property);
      return;
    }
    this.#refused.delete(property);
    this.#config[property] = value;
    Object.assign(this.#config, key.alsoSets(value, context));
  }

  checkSanity(): void {
    for (const { properties, severity, expected } of sanityFaults(this.#config, this.#transports)) {
      // A value that was refused left a default behind, and what follows from that would only mislead.
      if (properties.some(property => this.#refused.has(property))) continue;
      const [property] = properties;
      const entry = this.#lines.get(property);
      if (entry !== undefined) this.#report(severity, entry, expected);
      else this.#addNew(severity, null, auditdConfKeys[property].name, null, expected);
    }
  }

  giveUp(): ConfigLoad<AuditdConfig> {
    this.#addNew('fatal', null, null, null, `fewer than ${MAX_FAULTS} such faults; the rest of the file was not read`);
    return this.result();
  }

  result(): ConfigLoad<AuditdConfig> {
    const faults = this.#faults;
    if (this.fatalFaults > 0) return { kind: 'refused', faults, exitCode: 6 };
    return { kind: 'loaded', config: Object.freeze({ ...this.#config }), faults };
  }

  #report(severity: Fault['severity'], entry: KeyValueEntry, expected: string): void {
    this.#addNew(severity, entry.line, entry.key, [entry.value, ...entry.options].join(' '), expected);
  }

  #addNew(
    severity: Fault['severity'],
    line: number | null,
    field: string | null,
    value: string | null,
    expected: string,
  ): void {
    this.add({ severity, error: new FieldError({ file: this.#file, line, field, value, expected }) });
  }
}
