import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The libraries of package.json's `exports`, and the rooms that they import. Commands have one file each in dist/bin. */
const LIBRARY_ROOMS = ['auparse', 'auplugin', 'base', 'binding', 'control', 'tables'];

/** Needed to build the addon, not to run it. */
const BUILD_ONLY = new Set(['node-addon-api', 'node-gyp']);

/** The notice that has to come along with each npm package. */
export const LICENSE = /\/LICEN[CS]E(\.\w+)?$/i;

/**
 * The files of an installed package that run: commands, libraries, the addon, configuration, and the npm packages they
 * import. Paths below the package's directory, sorted.
 */
export function packageFiles(packageDirectory: string): string[] {
  const files: string[] = ['package.json', 'LICENSE', 'CHANGELOG.md'];
  const add = (directory: string, isWanted: (name: string) => boolean) => {
    for (const item of readdirSync(join(packageDirectory, directory), { withFileTypes: true })) {
      const path = `${directory}/${item.name}`;
      if (item.isDirectory()) add(path, isWanted);
      else if (item.isFile() && isWanted(path)) files.push(path);
    }
  };
  // The addon, and programs built with it.
  for (const item of readdirSync(join(packageDirectory, 'build/Release'), { withFileTypes: true })) {
    const path = `build/Release/${item.name}`;
    const isProgram = item.isFile() && (lstatSync(join(packageDirectory, path)).mode & 0o100) !== 0;
    if (isProgram || item.name.endsWith('.node')) files.push(path);
  }
  add('dist/bin', name => name.endsWith('.cjs'));
  for (const room of LIBRARY_ROOMS) add(`dist/src/${room}`, name => name.endsWith('.js') && !name.endsWith('.test.js'));
  // The demo is for a clone: it builds, and nothing installed starts it.
  for (const directory of ['conf', 'man', 'systemd', 'legacy-actions'])
    add(directory, path => !path.includes('/demo/'));
  for (const name of runtimePackages(packageDirectory)) {
    add(
      `node_modules/${name}`,
      path =>
        LICENSE.test(path) ||
        (!/\.(map|md|ts|mts|cts|yml|html)$|\/\./.test(path) && !/\/(test|docs|examples?|benchmarks?)\//.test(path)),
    );
  }
  return files.sort();
}

/** Directories below node_modules of what the code imports, and of what those import in turn. */
function runtimePackages(packageDirectory: string): string[] {
  const found = new Set<string>();
  const visit = (name: string, from: string) => {
    // As Node resolves: nested first, then hoisted.
    const nested = `${from}/node_modules/${name}`;
    const path = from !== '' && isDirectory(join(packageDirectory, 'node_modules', nested)) ? nested : name;
    if (found.has(path)) return;
    found.add(path);
    for (const next of dependencies(join(packageDirectory, 'node_modules', path))) visit(next, path);
  };
  for (const name of dependencies(packageDirectory)) if (!BUILD_ONLY.has(name)) visit(name, '');
  return [...found].sort();
}

function dependencies(directory: string): string[] {
  const manifest: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  if (typeof manifest !== 'object' || manifest === null || !('dependencies' in manifest)) return [];
  return Object.keys(manifest.dependencies ?? {});
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
