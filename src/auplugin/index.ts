/** node-auditd/auplugin: for people who write audit plugins. docs/plugins.md is the guide. */
export { MOST_RECORD_BYTES } from './lineCutter.ts';
export { Plugin, type PluginOptions, type PluginStatistics } from './plugin.ts';
