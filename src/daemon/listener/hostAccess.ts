import { promises as dns } from 'node:dns';
import { promises as fs } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { isErrno, reasonOf } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';

/** What host access control asks of the machine. */
export interface AccessFacts {
  /** The file's text; null when there is no such file. @throws {NodeJS.ErrnoException} */
  read(path: string): Promise<string | null>;
  namesOf(address: string): Promise<HostNames>;
}

/** The names of an address, and of them those which lead back to it: only these can be believed. */
export interface HostNames {
  readonly claimed: readonly string[];
  readonly confirmed: readonly string[];
}

export const ALLOW_FILE = '/etc/hosts.allow';
export const DENY_FILE = '/etc/hosts.deny';
/** The name under which the files know this daemon. */
const DAEMON = 'auditd';

/**
 * TCP wrappers: hosts.allow and hosts.deny, as hosts_access(5) has them, with allow and deny as options. Commands among
 * the options are not run. A pattern that cannot be decided here (a netgroup, a user, a file) lets nobody in.
 */
export class HostAccess {
  readonly #facts: AccessFacts;
  readonly #messages: Messages;

  constructor(facts: AccessFacts, messages: Messages) {
    this.#facts = facts;
    this.#messages = messages;
  }

  /** Whether a client may connect. Reads both files anew, as what is in them may have changed. */
  async allows(address: string): Promise<boolean> {
    const client = new AccessClient(address, () => this.#facts.namesOf(address));
    const allowed = await this.#decide(ALLOW_FILE, 'allow', client);
    return allowed ?? (await this.#decide(DENY_FILE, 'deny', client)) ?? true;
  }

  async #decide(path: string, kind: RuleKind, client: AccessClient): Promise<boolean | null> {
    let text: string | null;
    try {
      text = await this.#facts.read(path);
    } catch (error) {
      if (!(error instanceof Error && 'errno' in error)) throw error;
      this.#messages.error(`${path}: cannot be read (${reasonOf(error)}), so nobody may connect`);
      return false;
    }
    for (const rule of text === null ? [] : parseRules(text)) {
      if (!(await matchesList(rule.daemons, async pattern => isSame(pattern, DAEMON)))) continue;
      if (!(await matchesList(rule.clients, pattern => client.matches(pattern, kind)))) continue;
      return rule.verdict ?? kind === 'allow';
    }
    return null;
  }
}

type RuleKind = 'allow' | 'deny';

interface AccessRule {
  readonly daemons: readonly string[];
  readonly clients: readonly string[];
  /** By an option; null: what the file stands for. */
  readonly verdict: boolean | null;
}

function* parseRules(text: string): Generator<AccessRule> {
  for (const line of text.replace(/\\\n/g, '').split('\n')) {
    if (line.startsWith('#')) continue;
    const [daemons, clients, ...options] = splitFields(line);
    if (daemons === undefined || clients === undefined) continue;
    const words = options.map(option => option.trim().toLowerCase());
    const verdict = words.includes('deny') ? false : words.includes('allow') ? true : null;
    yield { daemons: splitList(daemons), clients: splitList(clients), verdict };
  }
}

/** At colons, but for those of an address in brackets. */
function splitFields(line: string): string[] {
  return line.match(/(?:\[[^\]]*\]|[^:])+/g) ?? [];
}

function splitList(text: string): string[] {
  return text.split(/[\s,]+/).filter(word => word !== '');
}

/** `a b EXCEPT c`: what the first list matches and the one after EXCEPT does not. */
async function matchesList(list: readonly string[], matches: (pattern: string) => Promise<boolean>): Promise<boolean> {
  for (const [index, pattern] of list.entries()) {
    if (pattern.toUpperCase() === 'EXCEPT') return false;
    if (pattern.toUpperCase() !== 'ALL' && !(await matches(pattern))) continue;
    const except = list.findIndex((word, at) => at > index && word.toUpperCase() === 'EXCEPT');
    return except === -1 || !(await matchesList(list.slice(except + 1), matches));
  }
  return false;
}

/** One client, with its names looked up once, when a pattern asks for them. */
class AccessClient {
  readonly #address: string;
  readonly #lookUp: () => Promise<HostNames>;
  #names: Promise<HostNames> | null = null;

  constructor(address: string, lookUp: () => Promise<HostNames>) {
    // What came over IPv4 is matched as IPv4, whatever socket took it.
    this.#address = address.replace(/^::ffff:(?=\d+\.)/i, '');
    this.#lookUp = lookUp;
  }

  async matches(pattern: string, kind: RuleKind): Promise<boolean> {
    if (/^[@/]|.@/.test(pattern)) return kind === 'deny';
    const network = /^\[?([0-9a-fA-F:.]+)\]?(?:\/([\d.]+))?$/.exec(pattern);
    if (network?.[1] !== undefined && isIP(network[1]) !== 0) return this.#isIn(network[1], network[2] ?? null);
    if (/^[\d.]+\.$/.test(pattern)) return this.#address.startsWith(pattern);
    if (/^[\d.*?]+$/.test(pattern)) return isSame(pattern, this.#address);
    return this.#matchesName(pattern);
  }

  #isIn(network: string, mask: string | null): boolean {
    const family = isIP(network) === 4 ? 'ipv4' : 'ipv6';
    const whole = family === 'ipv4' ? 32 : 128;
    const prefix = mask === null ? whole : prefixLength(mask);
    if (prefix === null || prefix > whole) return false;
    const list = new BlockList();
    list.addSubnet(network, prefix, family);
    return list.check(this.#address, isIP(this.#address) === 4 ? 'ipv4' : 'ipv6');
  }

  async #matchesName(pattern: string): Promise<boolean> {
    this.#names ??= this.#lookUp();
    const { claimed, confirmed } = await this.#names;
    switch (pattern.toUpperCase()) {
      case 'KNOWN':
        return confirmed.length > 0;
      case 'UNKNOWN':
        return confirmed.length === 0;
      case 'PARANOID':
        return claimed.length > 0 && confirmed.length === 0;
      case 'LOCAL':
        return confirmed.some(name => !name.includes('.'));
      default:
        return confirmed.some(name =>
          pattern.startsWith('.') ? name.toLowerCase().endsWith(pattern.toLowerCase()) : isSame(pattern, name),
        );
    }
  }
}

/** 24 of `24` and of `255.255.255.0`; null for a mask with holes. */
function prefixLength(mask: string): number | null {
  if (/^\d{1,3}$/.test(mask)) return Number(mask);
  if (isIP(mask) !== 4) return null;
  const bits = mask
    .split('.')
    .map(byte => Number(byte).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : null;
}

/** In any case; `*` stands for any text and `?` for one character. */
function isSame(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 'i').test(text);
}

const NAME_SERVER_MILLISECONDS = 2000;

/** This machine. */
export const machineAccess: AccessFacts = {
  async read(path) {
    try {
      return await fs.readFile(path, 'utf8');
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return null;
      throw error;
    }
  },
  async namesOf(address) {
    // Not getnameinfo(3): it waits in a thread that the log's writes need, for a name server that the client chose.
    const resolver = new dns.Resolver({ timeout: NAME_SERVER_MILLISECONDS, tries: 1 });
    const bare = address.replace(/^::ffff:(?=\d+\.)/i, '');
    const claimed = await answers(resolver.reverse(bare));
    const confirmed: string[] = [];
    for (const name of claimed.slice(0, MOST_NAMES)) {
      const addresses = isIP(bare) === 4 ? resolver.resolve4(name) : resolver.resolve6(name);
      if ((await answers(addresses)).includes(bare)) confirmed.push(name);
    }
    return { claimed, confirmed };
  },
};

/** Whoever runs a reverse zone can put any number of names there. */
const MOST_NAMES = 4;

async function answers(asked: Promise<string[]>): Promise<string[]> {
  try {
    return await asked;
  } catch (error) {
    // No name, or a name server that does not answer: either way the client has none that can be believed.
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}
