import { join } from 'node:path';
import { packageDirectory } from '../base/packageDirectory.ts';

/** The program of native/keeper. */
export const KEEPER = join(packageDirectory, 'build/Release/auditd-keeper');
