// Makes one file of each command in package.json's `bin`: finding, reading and linking some seventy modules takes longer
// than most commands run, and it is time in which a daemon that has died does not record. CommonJS starts 5 ms sooner
// than a module of the same text does. npm packages stay outside: they are brought, and mended, by npm.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { commandFiles } from '../src/base/commandFile.ts';
import { packageDirectory } from '../src/base/packageDirectory.ts';

/** Parts of Node that its own start leaves out: each takes 1 to 4 ms, and most runs of a command do without. */
const RARELY_NEEDED = /^node:(child_process|crypto|dns|dns\/promises|inspector|net|stream\/promises|tls|tty|zlib)$/;

/** What imports one of them gets an object that loads it when something of it is first asked for. */
const loadedWhenUsed: Plugin = {
  name: 'loaded when used',
  setup({ onResolve, onLoad }) {
    const require = createRequire(import.meta.filename);
    onResolve({ filter: RARELY_NEEDED }, ({ path, namespace }) =>
      namespace === 'builtin' ? { path, external: true } : { path, namespace: 'builtin', sideEffects: false },
    );
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => {
      const names = Object.keys(require(path)).map(name => JSON.stringify(name));
      const getters = names.map(name => `get ${name}() { return load()[${name}]; }`);
      return {
        contents: `let loaded;\nconst load = () => (loaded ??= require('${path}'));\nmodule.exports = { ${getters.join(', ')} };\n`,
      };
    });
  },
};

await build({
  entryPoints: Object.fromEntries(
    Object.keys(commandFiles(packageDirectory)).map(command => [
      command,
      join(packageDirectory, 'dist/src', moduleOf(command)),
    ]),
  ),
  outdir: join(packageDirectory, 'dist/bin'),
  outExtension: { '.js': '.cjs' },
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.17',
  packages: 'external',
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
  plugins: [loadedWhenUsed],
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
});

function moduleOf(command: string): string {
  return command === 'auditd' ? 'daemon/main.js' : `tools/${command}/main.js`;
}
