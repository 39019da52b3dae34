import type { PluginState } from '../../sinks/state/stateReport.ts';
import type { PluginsState } from './plugins.ts';

/** What the state report tells of the plugins. In its first lines the one that is furthest behind stands for all. */
export function pluginState(state: PluginsState | null): PluginState {
  const each = state?.plugins ?? [];
  return {
    active: each.length,
    backlog: Math.max(0, ...each.map(plugin => plugin.backlogRecords)),
    mostBacklog: Math.max(0, ...each.map(plugin => plugin.mostBacklogRecords)),
    backlogLimit: each.length === 0 ? 0 : (state?.limit ?? 0),
    hasOverflowed: each.some(plugin => plugin.hasOverflowed),
    isSuspended: each.some(plugin => plugin.isSuspended),
    slabBytes: state?.slabBytes ?? 0,
    each,
  };
}
