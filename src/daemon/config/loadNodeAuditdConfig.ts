import { FieldError } from '../../base/errors.ts';
import type { Fault } from '../../base/keyValueFile.ts';
import { readIniLines } from './iniLines.ts';
import { type ConfigLoad, type LoadOptions, MAX_FAULTS } from './loadAuditdConfig.ts';
import { type NodeAuditdConfig, nodeAuditdConfKeys, type Setting } from './nodeAuditdConfKeys.ts';
import { readTrustedFile } from './trustedFile.ts';

/**
 * Reads and checks node-auditd.conf, as strictly as auditd.conf: an unknown section or key and a value out of its
 * limits are fatal, and all of them are reported. Without the file, every key has its default.
 */
export function loadNodeAuditdConfig(path: string, options: LoadOptions): ConfigLoad<NodeAuditdConfig> {
  const file = readTrustedFile(path, options.allowsLinks, options.facts);
  switch (file.kind) {
    case 'refused':
      return { kind: 'refused', faults: file.faults, exitCode: 6 };
    case 'missing':
      return { kind: 'loaded', config: Object.freeze(builtInNodeConfig()), faults: [] };
    case 'read':
      return parseNodeAuditdConfig(file.bytes, path);
  }
}

/** The same for a file's bytes. `file` is its name in the errors. */
export function parseNodeAuditdConfig(bytes: Uint8Array, file: string): ConfigLoad<NodeAuditdConfig> {
  const config = builtInNodeConfig();
  const faults: Fault[] = [];
  const refuse = (line: number, field: string | null, value: string | null, expected: string): void => {
    faults.push({ severity: 'fatal', error: new FieldError({ file, line, field, value, expected }) });
  };
  for (const said of readIniLines(bytes)) {
    if (faults.length >= MAX_FAULTS) {
      refuse(said.line, null, null, `fewer than ${MAX_FAULTS} such faults; the rest of the file was not read`);
      break;
    }
    if (said.kind === 'fault') refuse(said.line, null, said.text, '[section], or key = value');
    else if (said.kind === 'section') {
      if (!sections.includes(said.section)) refuse(said.line, null, `[${said.section}]`, `one of ${sectionList}`);
    } else if (said.section === null) {
      refuse(said.line, said.key, said.value, 'a section above the first key');
    } else if (sections.includes(said.section)) {
      const property = propertyOf(said.section, said.key);
      if (property === null) refuse(said.line, said.key, said.value, `a key of section [${said.section}]`);
      else if (!set(config, property, said.value)) {
        refuse(said.line, said.key, said.value, nodeAuditdConfKeys[property].accepts);
      }
    }
  }
  if (faults.length > 0) return { kind: 'refused', faults, exitCode: 6 };
  return { kind: 'loaded', config: Object.freeze(config), faults };
}

type Property = keyof NodeAuditdConfig;
type Draft = { -readonly [P in Property]: NodeAuditdConfig[P] };

const properties = Object.keys(nodeAuditdConfKeys) as Property[];
const sections: readonly string[] = [...new Set(properties.map(property => nodeAuditdConfKeys[property].section))];
const sectionList = sections.map(section => `[${section}]`).join(', ');

function builtInNodeConfig(): Draft {
  return Object.fromEntries(properties.map(property => [property, nodeAuditdConfKeys[property].absent])) as Draft;
}

function propertyOf(section: string, key: string): Property | null {
  const isIt = (property: Property) =>
    nodeAuditdConfKeys[property].section === section && nodeAuditdConfKeys[property].key === key;
  return properties.find(isIt) ?? null;
}

/** False when the text is no value of this key. */
function set<P extends Property>(config: Draft, property: P, text: string): boolean {
  const key: Setting<NodeAuditdConfig[P]> = nodeAuditdConfKeys[property];
  const value = key.read(text);
  if (value === null) return false;
  config[property] = value;
  return true;
}
