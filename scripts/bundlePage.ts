// Puts the page's script and style, and the chart library's, into one module of texts, so that `aureport --html` needs
// no file but its own code.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// dist/scripts/ → the package
const root = new URL('../../', import.meta.url);
const { resolve } = createRequire(import.meta.url);
const ofLibrary = (path: string) => readFileSync(resolve(`uplot/${path}`), 'utf8');
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

const licence = `/*! uPlot\n${ofLibrary('LICENSE')}\n*/`;
const library = ofLibrary('dist/uPlot.iife.min.js');
const view = read('dist/view/view.js').replace(/^\/\/# sourceMappingURL=.*$/m, '');
const script = `${licence}\n${library}\n${view}`;
const style = `${ofLibrary('dist/uPlot.min.css')}\n${read('src/tools/aureport/page/view/view.css')}`;
for (const [text, end] of [
  [script, /<\/script|<!--/i],
  [style, /<\/style/i],
] as const) {
  // It stands inside an element: nothing in it may end that.
  if (end.test(text)) throw new Error(`the page's texts hold ${end.source}`);
}
writeFileSync(
  new URL('dist/src/tools/aureport/page/assets.js', root),
  `export const SCRIPT = ${JSON.stringify(script)};\nexport const STYLE = ${JSON.stringify(style)};\n`,
);
