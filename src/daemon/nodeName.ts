import { lookup } from 'node:dns/promises';
import { hostname } from 'node:os';
import { reasonOf } from '../base/errors.ts';
import { addon } from '../binding/addon.ts';

/** What decides the `node=` prefix of records: the keys name_format and name. */
export interface NodeNameSettings {
  readonly nameFormat: 'none' | 'hostname' | 'fqd' | 'numeric' | 'user';
  readonly nodeName: string | null;
}

/** The machine's names, so that a test can be any machine. */
export interface MachineNames {
  hostname(): string;
  /** The canonical name of a host: getaddrinfo(3) with AI_CANONNAME. */
  canonicalName(host: string): Promise<string>;
  /** The first address of a host, in digits. */
  address(host: string): Promise<string>;
}

/** The name could not be found out. The daemon does not start: records without the node's name could be anybody's. */
export class NodeNameError extends Error {
  override readonly name = 'NodeNameError';
}

/**
 * The node name that records start with, or null for none.
 *
 * @throws {NodeNameError} with the reference's wording.
 */
export async function resolveNodeName(settings: NodeNameSettings, names: MachineNames): Promise<string | null> {
  switch (settings.nameFormat) {
    case 'none':
      return null;
    case 'user':
      if (settings.nodeName === null) throw new NodeNameError('User defined name missing');
      return settings.nodeName;
    case 'hostname': {
      const name = names.hostname();
      if (name === '') throw new NodeNameError('Unable to get machine name');
      // A blank would end the field.
      return name.replaceAll(' ', '_');
    }
    case 'fqd':
      return resolved(names.hostname(), host => names.canonicalName(host));
    case 'numeric':
      return resolved(names.hostname(), host => names.address(host));
  }
}

async function resolved(host: string, resolve: (host: string) => Promise<string>): Promise<string> {
  try {
    return await resolve(host);
  } catch (error) {
    throw new NodeNameError(`Cannot resolve hostname ${host} (${reasonOf(error)})`, { cause: error });
  }
}

export const machineNames: MachineNames = {
  hostname,
  canonicalName: async host => addon.canonicalName(host),
  async address(host) {
    const { address } = await lookup(host, { order: 'verbatim' });
    return address;
  },
};
