import { lookup } from 'node:dns/promises';
import { FieldError, isErrno, reasonOf } from '../../base/errors.ts';
import type { Fault } from '../../base/keyValueFile.ts';
import type { AuditdConfig } from './auditdConfig.ts';

/** Rejects when the name has no address; the code EAI_AGAIN says that nobody could tell just now. */
export type DomainLookup = (domain: string) => Promise<unknown>;

/**
 * Whether mail to action_mail_acct has somewhere to go: null, or a fault to report. It is never fatal, since the mail
 * may be years away and the network may not be up yet. Apart from the loader because it waits for the network.
 *
 * @param file  Name of the configuration file, for the error.
 */
export async function checkMailDomain(
  file: string,
  config: Pick<AuditdConfig, 'actionMailAccount' | 'verifiesEmail'>,
  resolve: DomainLookup = lookup,
): Promise<Fault | null> {
  const account = config.actionMailAccount;
  const at = account.indexOf('@');
  if (!config.verifiesEmail || at === -1) return null;
  const domain = account.slice(at + 1);
  try {
    await resolve(domain);
    return null;
  } catch (error) {
    if (isErrno(error, 'EAI_AGAIN')) return null;
    const expected = `a domain that can be looked up (${reasonOf(error)})`;
    const fields = { file, line: null, field: 'action_mail_acct', value: account, expected };
    return { severity: 'err', error: new FieldError(fields) };
  }
}
