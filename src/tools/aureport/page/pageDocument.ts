import { createHash } from 'node:crypto';
import { recordTypeNumber } from '../../../tables/recordTypes.ts';
import { SCRIPT, STYLE } from './assets.js';
import { bins, type ChartRange, chartRange } from './bins.ts';
import { continuityTables } from './continuityTables.ts';
import { escaped } from './escaped.ts';
import { clock, unbrokenDates } from './pageClock.ts';
import type { ListName, PageCounts, TopList, TopValue } from './pageCounts.ts';
import { type SearchBase, type SearchOptions, searchOptions, typeOptions } from './searchOptions.ts';
import { visibleLabel } from './visibleLabel.ts';

/** What stands on a page beside the counts. Byte strings. */
export interface PageFacts {
  /** What was read, as a person would call it. */
  readonly source: string;
  readonly host: string;
  /** Seconds. */
  readonly made: number;
  readonly version: string;
  readonly search: SearchBase;
  /** Whether they count or not. */
  readonly eventsRead: number;
  /** What must be known to judge the numbers: damaged inputs, records left out. Plain text. */
  readonly remarks: readonly string[];
}

/** The order is that of EventGroup in native/report/timeline.h. */
const GROUPS = [
  'System calls',
  'Logins and sessions',
  'Commands and keystrokes',
  'Accounts',
  'Configuration',
  'Access denied',
  'Anomalies',
  'Services and machine',
  'Audit daemon',
  'Other',
] as const;

const LISTS: readonly { readonly name: ListName; readonly title: string; readonly empty: string }[] = [
  { name: 'executables', title: 'Programs', empty: 'No event names a program.' },
  { name: 'users', title: 'Users, as they logged in', empty: 'No event names a user.' },
  { name: 'files', title: 'Files', empty: 'No event names a file.' },
  { name: 'syscalls', title: 'System calls', empty: 'No system call was recorded.' },
  { name: 'keys', title: 'Keys of rules', empty: 'No event has a key.' },
  { name: 'types', title: 'Types of records', empty: 'No record has a type of its own.' },
  { name: 'logins', title: 'Logins by host', empty: 'Nobody logged in, or tried to.' },
  { name: 'anomalies', title: 'Anomalies', empty: 'No anomaly was recorded.' },
];

const STATIC_BINS = 120;
/** Of a bar's whole width, in percent. */
const LEAST_SHARE = 0.6;

/** The whole page: one file that asks for nothing and runs nothing but its own script. */
export function pageDocument(counts: PageCounts, facts: PageFacts): string {
  const range = chartRange(counts.intervals, counts.width);
  const data = JSON.stringify({
    width: counts.width,
    intervals: counts.intervals,
    range: [range.from, range.to],
    groups: GROUPS,
    zone: timeZone(),
    base: facts.search.command,
    times: facts.search.times,
  }).replaceAll('<', '\\u003c');
  const policy = [
    "default-src 'none'",
    `script-src '${hash(SCRIPT)}'`,
    `style-src '${hash(STYLE)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Audit report of ${escaped(facts.host)}${counts.events === 0 ? '' : `, ${escaped(clock(range.from))}`}</title>
<style>${STYLE}</style>
</head>
<body>
${header(counts, facts)}
<main>
${timeline(counts, range, facts)}
<div class="lists">
${LISTS.map(list => listCard(list, counts.lists[list.name], facts)).join('\n')}
</div>
${continuityTables(counts, facts.eventsRead > 0)}
</main>
<footer class="search" aria-label="The search">
<div class="found"><output id="command" aria-live="polite"><code>${escaped(commandOf(facts, null))}</code></output>
<p id="note" class="note" aria-live="polite"></p></div>
<span class="tools"><button type="button" id="failed" aria-pressed="false">Failed only</button>
<button type="button" id="clear">Clear</button> <button type="button" id="copy">Copy</button></span>
</footer>
<script type="application/json" id="data">${data}</script>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function header(counts: PageCounts, facts: PageFacts): string {
  const first = counts.intervals[0]?.[0];
  const last = counts.intervals.at(-1)?.[0];
  const when =
    first === undefined || last === undefined ? 'no events' : `${clock(first)} to ${clock(last + counts.width)}`;
  const remarks = facts.remarks.map(remark => `<li>${escaped(remark)}</li>`).join('');
  return `<header>
<h1>Audit report</h1>
<p>${escaped(visibleLabel(facts.source))} on ${escaped(facts.host)}: ${unbrokenDates(escaped(when))} (${escaped(timeZone())})</p>
<dl class="figures">
<div><dt>Events</dt><dd>${number(counts.events)}</dd></div>
<div class="${counts.failed > 0 ? 'bad' : ''}"><dt>Failed</dt><dd>${number(counts.failed)}</dd></div>
<div><dt>Programs</dt><dd>${different(counts.lists.executables)}</dd></div>
<div><dt>Users</dt><dd>${different(counts.lists.users)}</dd></div>
<div class="${counts.missingSerials > 0 ? 'bad' : ''}"><dt>Serials missing</dt><dd>${number(counts.missingSerials)}</dd></div>
</dl>
${remarks === '' ? '' : `<ul class="remarks">${remarks}</ul>`}
<p class="how">Choose bars, or a time in the chart: the search for these events stands at the foot of the page.
Made ${unbrokenDates(escaped(clock(facts.made)))} by aureport ${escaped(facts.version)}.</p>
</header>`;
}

function timeline(counts: PageCounts, range: ChartRange, facts: PageFacts): string {
  const bars = bins(counts.intervals, range, STATIC_BINS);
  const highest = Math.max(1, ...bars.map(bar => bar.all));
  const shapes = bars
    .map((bar, index) => {
      const height = (100 * bar.all) / highest;
      const failed = (100 * bar.failed) / highest;
      if (bar.all === 0) return '';
      const x = index * 10;
      return (
        `<rect class="all" x="${x}" y="${(100 - height).toFixed(2)}" width="9" height="${height.toFixed(2)}"/>` +
        (bar.failed === 0
          ? ''
          : `<rect class="failed" x="${x}" y="${(100 - failed).toFixed(2)}" width="9" height="${failed.toFixed(2)}"/>`)
      );
    })
    .join('');
  const outside =
    range.eventsOutside === 0
      ? ''
      : `<p class="note">${number(range.eventsOutside)} events are far outside this time: a clock that was wrong. Choose them in the lists.</p>`;
  const groups = GROUPS.map((title, group) => {
    const all = sumOf(counts, group, 1);
    if (all === 0) return '';
    const types = counts.groupTypes[group] ?? [];
    const options =
      types.length === 0 ? null : { ...typeOptions(types), note: groupNote(all, counts.groupFound[group] ?? 0) };
    return bar(title, `g${group}`, [title, all, sumOf(counts, group, 2), 0, 0], counts.events, options, facts, group);
  }).join('\n');
  return `<section id="time">
<h2>Events over time</h2>
<p id="unit" class="note">${counts.events === 0 ? 'There is no event.' : 'Red: failed.'}</p>
${outside}
<div id="chart"${counts.intervals.length === 0 ? ' hidden' : ''} tabindex="0" role="group" aria-label="Events over time. Left and right move, Shift extends, Enter chooses, Escape shows all.">
<svg id="still" viewBox="0 0 1200 100" preserveAspectRatio="none" role="img" aria-label="Events over time">${shapes}</svg>
<p class="ends"><span>${escaped(clock(range.from))}</span><span>${escaped(clock(range.to))}</span></p>
</div>
<p id="moment" aria-live="polite"></p>
<ul class="bars groups">${groups}</ul>
</section>`;
}

function groupNote(all: number, found: number): string | null {
  if (found === all) return null;
  const why =
    found > all ? 'events of other kinds have such records, too' : 'the others have no record with such a type';
  return `Finds ${number(found)} events: ${why}.`;
}

/** @param place  Among the numbers of a group: 1 is all, 2 is failed. */
function sumOf(counts: PageCounts, group: number, place: 1 | 2): number {
  let sum = 0;
  for (const interval of counts.intervals) {
    for (let index = 1; index < interval.length; index += 3) {
      if (interval[index] === group) sum += interval[index + place] ?? 0;
    }
  }
  return sum;
}

function listCard(
  { name, title, empty }: { name: ListName; title: string; empty: string },
  list: TopList,
  facts: PageFacts,
): string {
  const isType = (type: string) => recordTypeNumber(type) !== null;
  const most = Math.max(1, ...list.values.map(value => value[1]));
  const rows = list.values.map((value, index) =>
    bar(labelOf(name, value[0]), `${name}${index}`, value, most, searchOptions(name, value[0], isType), facts, null),
  );
  const cut = list.isCut
    ? `<p class="note">There are too many to count them all: each number may be too low by ${number(list.mostMissing)}.</p>`
    : '';
  const more = list.different > list.values.length ? `<p class="more">${different(list)} in all.</p>` : '';
  const body = rows.length === 0 ? `<p class="empty">${empty}</p>` : `<ul class="bars">${rows.join('\n')}</ul>`;
  return `<section class="list" id="${name}"><h2>${title}</h2>${cut}${body}${more}</section>`;
}

function labelOf(list: ListName, text: string): string {
  if (list === 'users') {
    const [id = '', ...name] = text.split(' ');
    const known = name.join(' ');
    return known === '' ? id : known === 'unset' ? 'unset (no login)' : `${visibleLabel(known)} (${id})`;
  }
  if (list === 'syscalls') {
    const [machine = '', call = '', name = ''] = text.split(' ');
    return `${name === '' ? `number ${call}` : name}${machine === '?' ? '' : ` on ${machine}`}`;
  }
  if (text === '') return list === 'logins' ? 'no host' : '(empty)';
  return visibleLabel(text);
}

/** One line of a list. Widths are attributes of SVG: the policy lets no style through. */
function bar(
  label: string,
  id: string,
  [, all, failed, first, last]: TopValue,
  most: number,
  search: SearchOptions | null,
  facts: PageFacts,
  group: number | null,
): string {
  // One among thousands is still seen.
  const share = (part: number) => (part === 0 ? 0 : Math.max(LEAST_SHARE, (100 * part) / Math.max(1, most))).toFixed(2);
  const span = first === 0 && last === 0 ? '' : `${clock(first)} to ${clock(last)}`;
  const failures = failed === 0 ? '' : `<span class="failures">${number(failed)} failed</span>`;
  const attributes =
    search === null
      ? ' disabled title="ausearch has no way to ask for this value"'
      : ` data-slot="${escaped(search.slot)}" data-options="${escaped(search.options)}"${search.isWord ? ' data-word' : ''}${search.note === null ? '' : ` data-note="${escaped(search.note)}"`}`;
  return `<li><button type="button" class="bar${group === null ? '' : ` g${group}`}" id="${id}" aria-pressed="false"${attributes}${
    span === '' || search === null ? '' : ` title="${escaped(span)}"`
  }><bdi class="label">${escaped(label)}</bdi><span class="count">${failures}${number(all)}</span><svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="all" width="${share(all)}" height="4"/><rect class="failed" width="${share(failed)}" height="4"/></svg></button>${
    search === null ? '' : `<code class="still">${escaped(commandOf(facts, search))}</code>`
  }</li>`;
}

function commandOf({ search: { command, times } }: PageFacts, search: SearchOptions | null): string {
  return [command, times, search?.isWord === true ? '-w' : '', search?.options ?? ''].filter(Boolean).join(' ');
}

const different = (list: TopList) => `${list.isCut ? 'at least ' : ''}${number(list.different)}`;
const number = (value: number) => value.toLocaleString('en-US');
const hash = (text: string) => `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
