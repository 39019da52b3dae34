import { escaped } from './escaped.ts';
import { outages } from './outages.ts';
import { clock, duration, unbrokenDates } from './pageClock.ts';
import type { PageCounts } from './pageCounts.ts';
import { visibleLabel } from './visibleLabel.ts';

/** Cells are plain text. */
interface TableRow {
  readonly cells: readonly string[];
  readonly isBad: boolean;
}

interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
  /** Of rows that there would be; all are not kept. */
  readonly count: number;
  /** What stands in the place of no rows. */
  readonly empty: string;
  readonly note?: string;
}

/**
 * What may be missing from the log, as HTML: outages, silences, serials, clocks that went back, the daemon's own words.
 *
 * @param hasEvents  Without any, nothing can be said to be whole.
 */
export function continuityTables(counts: PageCounts, hasEvents: boolean): string {
  const empty = (text: string) => (hasEvents ? text : 'There is no event to tell it by.');
  const down = outages(counts.daemonEvents).map(({ node, from, to, hasEnded }) => ({
    cells: [clock(from), to === null ? '' : clock(to), outageLength(from, to, hasEnded), visibleLabel(node)],
    isBad: !hasEnded,
  }));
  const silences = counts.silences.map(([from, to]) => row(clock(from), clock(to), duration(to - from)));
  const missing = counts.missing.map(([first, last, after, before, node]) => {
    const serials = last === first ? String(first) : `${first} to ${last}`;
    return row(number(last - first + 1), serials, clock(after), clock(before), visibleLabel(node));
  });
  const back = counts.backSteps.map(([from, to]) => row(clock(from), clock(to), duration(from - to)));
  const daemon = counts.daemonEvents.map(([seconds, type, node, text]) => ({
    cells: [clock(seconds), type, visibleLabel(text), visibleLabel(node)],
    isBad: /^DAEMON_(ABORT|ERR)$/.test(type),
  }));
  const nodes = counts.hasUnwatchedNodes ? ' The log has too many machines to follow the serials of each.' : '';
  const tables: Table[] = [
    {
      title: 'When the audit daemon was down',
      columns: ['From', 'To', 'How long', 'Machine'],
      rows: down,
      count: down.length,
      empty: empty('No daemon ended in this time.'),
    },
    {
      title: 'Longest times without a record',
      columns: ['From', 'To', 'How long'],
      rows: silences,
      count: silences.length,
      empty: empty('Never five minutes without a record.'),
    },
    {
      title: 'Serials that are missing',
      columns: ['How many', 'Serials', 'After', 'Before', 'Machine'],
      rows: missing,
      count: counts.missingRuns,
      empty: empty('Every serial is there.'),
      note: `Records that were taken out, rotated away, or lost on their way to the disk. What the kernel drops because its backlog is full has no serial.${nodes}`,
    },
    {
      title: 'Clock set back',
      columns: ['From', 'To', 'By'],
      rows: back,
      count: counts.backStepCount,
      empty: empty('Time went forward only.'),
    },
    {
      title: 'What the audit daemon says of itself',
      columns: ['When', 'Record', 'Text', 'Machine'],
      rows: daemon,
      count: counts.daemonEventCount,
      empty: 'Nothing.',
    },
  ];
  return `<div class="continuity">\n${tables.map(tableSection).join('\n')}\n</div>`;
}

function outageLength(from: number, to: number | null, hasEnded: boolean): string {
  if (to === null) return 'ended, and did not start again';
  return `${duration(to - from)}${hasEnded ? '' : ' at most: it did not say that it ended'}`;
}

function tableSection({ title, columns, rows, count, empty, note }: Table): string {
  if (rows.length === 0) return `<section><h2>${title}</h2><p class="empty">${empty}</p></section>`;
  // Most logs name no machine.
  const isShown = columns.map((_, column) => rows.some(({ cells }) => cells[column] !== ''));
  const shown = (cells: readonly string[]) => cells.filter((_, column) => isShown[column]);
  const head = shown(columns).map(column => `<th scope="col">${column}</th>`);
  const body = rows.map(({ cells, isBad }) => {
    const columnsOfRow = shown(cells).map(cell => `<td>${unbrokenDates(escaped(cell))}</td>`);
    return `<tr${isBad ? ' class="bad"' : ''}>${columnsOfRow.join('')}</tr>`;
  });
  const remark = note === undefined ? '' : `<p class="note">${note}</p>`;
  const cut = count > rows.length ? `<p class="more">${number(rows.length)} of ${number(count)}.</p>` : '';
  return `<section><h2>${title}</h2>${remark}<div class="scroll" tabindex="0" role="group" aria-label="${title}"><table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>${cut}</section>`;
}

const row = (...cells: string[]): TableRow => ({ cells, isBad: false });
const number = (value: number) => value.toLocaleString('en-US');
