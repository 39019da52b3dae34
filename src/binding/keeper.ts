import { fileURLToPath } from 'node:url';

/** The program of native/keeper. Relative to dist/src/binding/. */
export const KEEPER = fileURLToPath(new URL('../../../build/Release/auditd-keeper', import.meta.url));
