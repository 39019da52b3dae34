import { type Spread, spreadOf } from './statistics.ts';

/** One line of a bench's table. */
export interface Row {
  readonly what: string;
  readonly spread: Spread | null;
  readonly unit: string;
  readonly target: Target | null;
}

export interface Target {
  readonly text: string;
  readonly holds: (spread: Spread) => boolean;
}

/** The median is judged: one run on a machine that was busy elsewhere proves nothing. */
export const atLeast = (value: number): Target => ({ text: `>= ${value}`, holds: ({ median }) => median >= value });
export const atMost = (value: number): Target => ({ text: `<= ${value}`, holds: ({ median }) => median <= value });
export const below = (value: number): Target => ({ text: `< ${value}`, holds: ({ median }) => median < value });
/** Memory and losses are judged by the worst run. */
export const neverAbove = (value: number): Target => ({ text: `<= ${value}`, holds: ({ most }) => most <= value });
export const none: Target = { text: '0', holds: ({ most }) => most === 0 };

export function row(what: string, values: readonly number[], unit: string, target: Target | null = null): Row {
  return { what, spread: spreadOf(values), unit, target };
}

export function isMissed({ spread, target }: Row): boolean {
  return target !== null && spread !== null && !target.holds(spread);
}

/** Columns: what, median, least to most, target, and whether it was reached. */
export function formatRows(rows: readonly Row[]): string {
  const cells = [['', 'median', 'least .. most', 'target', ''], ...rows.map(cellsOf)];
  const widths = [0, 1, 2, 3, 4].map(column => Math.max(...cells.map(line => line[column]?.length ?? 0)));
  return cells
    .map(line => line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))))
    .map(line => `${line.join('  ').trimEnd()}\n`)
    .join('');
}

function cellsOf(row: Row): string[] {
  const { what, spread, unit, target } = row;
  if (spread === null) return [what, 'not measured', '', target?.text ?? '', ''];
  const { median, least, most } = spread;
  const verdict = target === null ? '' : isMissed(row) ? 'MISS' : 'pass';
  return [what, `${format(median)} ${unit}`.trim(), `${format(least)} .. ${format(most)}`, target?.text ?? '', verdict];
}

function format(value: number): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
