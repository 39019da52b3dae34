import { addon, native } from '../binding/addon.ts';
import { KEEPER } from '../binding/keeper.ts';
import { withoutNodeSettings } from './nodeEnvironment.ts';

/** A daemon that says nothing for so long while records wait is ended and started again. */
const WATCHDOG_MILLISECONDS = 60_000;

/**
 * This process becomes the keeper, which starts the daemon.
 *
 * @param daemon        The daemon's command line.
 * @param runDirectory  There; the keeper listens in it.
 * @returns             Never. @throws {SystemError} where the keeper was not built.
 */
export function becomeKeeper(daemon: readonly string[], runDirectory: string, inBackground: boolean): void {
  const own = [KEEPER, '--watchdog', String(WATCHDOG_MILLISECONDS), '--socket', `${runDirectory}/keeper.sock`];
  const environment = Object.entries(withoutNodeSettings(process.env)).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  const argv = [...own, ...(inBackground ? ['--background'] : []), '--', ...daemon];
  native(() => addon.execute(KEEPER, argv, environment, []));
}
