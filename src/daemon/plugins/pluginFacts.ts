import { addon } from '../../binding/addon.ts';
import { systemFacts } from '../config/systemFacts.ts';
import type { PluginFacts } from './pluginFile.ts';

/** What the files of plugins.d are checked against: this machine. */
export const pluginFacts: PluginFacts = {
  ...systemFacts(name => addon.groupNumber(name)),
  userByName: name => addon.userNumber(name),
};
