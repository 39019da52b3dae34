/**
 * What a shell may have set for other programs of Node's: preloaded code, a debugger, and certificates, which take Node
 * longer to read than all else that it does before it runs a program. auditd.service unsets the same.
 */
const NODE_VARIABLES = [
  'NODE_OPTIONS',
  'NODE_PATH',
  'NODE_EXTRA_CA_CERTS',
  'NODE_V8_COVERAGE',
  'NODE_REPL_EXTERNAL_MODULE',
  'NODE_DEBUG',
];

/** The environment for a daemon, as a service manager would give it: without what is meant for others. */
export function withoutNodeSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = { ...environment };
  for (const name of NODE_VARIABLES) delete own[name];
  return own;
}
