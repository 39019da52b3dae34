// The page's own script: it draws the chart and puts the search together from what is chosen. All texts were made by
// aureport; nothing here makes HTML of them.
(() => {
  interface PageData {
    readonly width: number;
    readonly intervals: readonly (readonly number[])[];
    readonly range: readonly [from: number, to: number];
    readonly groups: readonly string[];
    readonly zone: string;
    readonly base: string;
    readonly times: string;
  }

  const element = (id: string): HTMLElement => {
    const found = document.getElementById(id);
    if (found === null) throw new Error(`the page has no ${id}`);
    return found;
  };
  const data = JSON.parse(element('data').textContent ?? '') as PageData;
  const chartBox = element('chart');
  const command = element('command');
  const moment = element('moment');
  const bars = [...document.querySelectorAll<HTMLButtonElement>('button.bar')];
  document.documentElement.classList.add('live');

  /** The bar that is chosen in each slot. */
  const chosen = new Map<string, HTMLButtonElement>();
  /** Seconds; null: no time is chosen. */
  let time: { from: number; to: number } | null = null;
  let isFailedOnly = false;
  let shown = { from: data.range[0], to: data.range[1] };
  /** Of the bar that the keys point at; null: none. */
  let pointed: { from: number; to: number } | null = null;

  // ---- the search

  const zoned = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

  function search(): string {
    const words = [data.base];
    if (isFailedOnly && !/ -sv (yes|no)/.test(data.base)) words.push('-sv no');
    // The last second of a range is the one before the next begins.
    if (time !== null) words.push('-ts', zoned(time.from), '-te', zoned(time.to - 1));
    else if (data.times !== '') words.push(data.times);
    const options = [...chosen.values()];
    if (options.some(bar => bar.dataset['word'] !== undefined)) words.push('-w');
    for (const bar of options) words.push(bar.dataset['options'] ?? '');
    return words.join(' ');
  }

  function showSearch(): void {
    const code = document.createElement('code');
    code.textContent = search();
    command.replaceChildren(code);
    element('note').textContent = [...chosen.values()]
      .map(bar => bar.dataset['note'] ?? '')
      .join(' ')
      .trim();
    for (const bar of bars) {
      bar.setAttribute('aria-pressed', String(chosen.get(bar.dataset['slot'] ?? '') === bar));
    }
    element('failed').setAttribute('aria-pressed', String(isFailedOnly));
    document.documentElement.classList.toggle('failed-only', isFailedOnly);
  }

  // ---- the chart

  /** Groups that are shown: the chosen one, or all. */
  const groupOf = (bar: HTMLButtonElement): number => (/^g\d+$/.test(bar.id) ? Number(bar.id.slice(1)) : -1);
  const presentGroups = bars.map(groupOf).filter(group => group >= 0);
  const wantedGroups = (): number[] => {
    const group = groupOf(chosen.get('-m') ?? document.createElement('button'));
    return group >= 0 ? [group] : presentGroups;
  };

  /** Seconds that people count in, each whole intervals of the data. */
  function stepOf(least: number): number {
    const minute = 60;
    const hour = 3600;
    const day = 86_400;
    const usual = [1, 2, 5, 10, 15, 30, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute];
    usual.push(hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day, 14 * day, 30 * day);
    const found = usual.find(step => step >= least && step % data.width === 0);
    return found ?? Math.max(1, Math.ceil(least / data.width)) * data.width;
  }

  /** Starts of the bars, and for each group the events up to and including it, from the bottom; last the failed ones. */
  function columns(): { starts: number[]; step: number; stacked: number[][]; failed: number[] } {
    const span = shown.to - shown.from;
    const most = Math.max(20, Math.min(240, Math.floor(chartBox.clientWidth / 5)));
    const step = stepOf(span / most);
    const count = Math.max(1, Math.ceil(span / step));
    const starts = Array.from({ length: count }, (_, index) => shown.from + index * step);
    const groups = wantedGroups();
    const all = groups.map(() => new Array<number>(count).fill(0));
    const failed = new Array<number>(count).fill(0);
    for (const interval of data.intervals) {
      const index = Math.floor(((interval[0] ?? 0) - shown.from) / step);
      if (index < 0 || index >= count) continue;
      for (let at = 1; at < interval.length; at += 3) {
        const place = groups.indexOf(interval[at] ?? -1);
        const row = all[place];
        if (row === undefined) continue;
        row[index] = (row[index] ?? 0) + (interval[at + 1] ?? 0);
        failed[index] = (failed[index] ?? 0) + (interval[at + 2] ?? 0);
      }
    }
    const sum = new Array<number>(count).fill(0);
    const stacked = all.map(row => row.map((value, index) => (sum[index] = (sum[index] ?? 0) + value)));
    return { starts, step, stacked, failed };
  }

  const WHOLE = Array.from({ length: 15 }, (_, power) => [1, 2, 5].map(digit => digit * 10 ** power)).flat();

  const local = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: data.zone });
  /** A record can claim a time that no calendar has. */
  const isDate = (seconds: number): boolean => !Number.isNaN(new Date(seconds * 1000).getTime());
  const clock = (seconds: number): string => (isDate(seconds) ? local.format(seconds * 1000) : `${seconds} seconds`);

  function duration(seconds: number): string {
    for (const [unit, size] of [
      ['days', 86_400],
      ['hours', 3600],
      ['minutes', 60],
    ] as const) {
      if (seconds % size === 0) return seconds === size ? unit.slice(0, -1) : `${seconds / size} ${unit}`;
    }
    return seconds === 1 ? 'second' : `${seconds} seconds`;
  }

  let plot: uPlot | null = null;
  let current = columns();

  function draw(): void {
    if (data.intervals.length === 0) return;
    current = columns();
    const style = getComputedStyle(document.documentElement);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const groups = wantedGroups();
    const { bars: barsOf } = uPlot.paths;
    if (barsOf === undefined) throw new Error('the chart library draws no bars');
    // Each label says what differs from the one before: the day, or the time alone.
    const times = (_: uPlot, seconds: (number | null)[]) => {
      let day = '';
      return seconds.map(second => {
        if (second === null) return '';
        const [date = '', hours = ''] = clock(second).split(' ');
        const label = current.step < 60 && second % 60 !== 0 ? hours : hours.slice(0, 5);
        const isNewDay = date !== day;
        day = date;
        return isNewDay ? `${label}\n${date}` : label;
      });
    };
    const axis = { stroke: color('--text'), grid: { stroke: color('--line'), width: 1 }, ticks: { show: false } };
    const paths = barsOf({ size: [0.9, 60], align: 1 });
    // The highest sums first: each lower one covers its part of them.
    const series = groups
      .map((group, index) => ({
        label: data.groups[group] ?? '',
        fill: color(`--g${group}`),
        width: 0,
        paths,
        points: { show: false },
        values: current.stacked[index] ?? [],
        show: !isFailedOnly,
      }))
      .reverse();
    const failures = { label: 'Failed', fill: color('--bad'), width: 0, paths, points: { show: false } };
    element('unit').textContent = `Events in each ${duration(current.step)}; red: failed.`;
    plot?.destroy();
    document.getElementById('still')?.remove();
    chartBox.querySelector('.ends')?.remove();
    plot = new uPlot(
      {
        width: Math.max(200, chartBox.clientWidth),
        height: 220,
        // Half of a date stands to the right of the last bar.
        padding: [8, 40, 0, 0],
        tzDate: seconds => uPlot.tzDate(new Date(seconds * 1000), data.zone),
        legend: { show: false },
        cursor: { y: false, drag: { x: true, y: false, setScale: false } },
        scales: {
          x: { range: () => [shown.from, shown.from + current.starts.length * current.step] },
          y: { range: (_, __, most) => [0, Math.max(1, most) * 1.05] },
        },
        axes: [
          // There is no half of a second that could be told, nor of an event.
          { ...axis, values: times, size: 50, filter: (_, marks) => marks.map(mark => (mark % 1 === 0 ? mark : null)) },
          { ...axis, size: 60, incrs: WHOLE },
        ],
        series: [{}, ...series.map(({ values: _, ...one }) => one), failures],
        hooks: {
          setSelect: [
            self => {
              if (self.select.width < 3) return;
              choose(self.posToVal(self.select.left, 'x'), self.posToVal(self.select.left + self.select.width, 'x'));
            },
          ],
          setCursor: [self => tell(self.cursor.idx ?? null)],
        },
      },
      [current.starts, ...series.map(one => one.values), current.failed],
      chartBox,
    );
    plot.over.addEventListener('click', () => {
      const start = current.starts[plot?.cursor.idx ?? -1];
      if (start !== undefined && (plot?.select.width ?? 0) < 3) choose(start, start + current.step, false);
    });
    plot.over.addEventListener('dblclick', showAll);
  }

  /** Takes a time into the search, and looks closer at it where there is more to see. */
  function choose(from: number, to: number, isZoom = true): void {
    const { width } = data;
    if (data.intervals.length === 0 || !isDate(from) || !isDate(to)) return;
    const start = Math.floor(from / width) * width;
    const end = Math.max(start + width, Math.ceil(to / width) * width);
    time = { from: start, to: end };
    if (isZoom && end - start > 4 * width) shown = time;
    pointed = null;
    draw();
    showSearch();
  }

  function showAll(): void {
    time = null;
    pointed = null;
    shown = { from: data.range[0], to: data.range[1] };
    draw();
    showSearch();
  }

  function tell(index: number | null): void {
    const start = index === null ? undefined : current.starts[index];
    if (index === null || start === undefined) {
      moment.textContent = '';
      return;
    }
    const all = current.stacked.at(-1)?.[index] ?? 0;
    const failed = current.failed[index] ?? 0;
    const count = (value: number) => value.toLocaleString('en-US');
    moment.textContent = `${clock(start)}: ${count(all)} events, ${count(failed)} failed`;
  }

  // Keys do what the pointer does.
  chartBox.addEventListener('keydown', event => {
    const { step, starts } = current;
    const last = starts.length - 1;
    if (event.key === 'Escape') showAll();
    else if (event.key === 'Enter' && pointed !== null) choose(pointed.from, pointed.to);
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      const move = event.key === 'ArrowLeft' ? -1 : 1;
      const at = pointed === null ? (move > 0 ? -1 : last + 1) : Math.round((pointed.to - step - shown.from) / step);
      const next = Math.max(0, Math.min(last, at + move));
      const start = starts[next] ?? shown.from;
      const from = event.shiftKey && pointed !== null ? Math.min(pointed.from, start) : start;
      pointed = { from, to: start + step };
      if (plot !== null) {
        const left = plot.valToPos(pointed.from, 'x');
        const width = plot.valToPos(pointed.to, 'x') - left;
        plot.setSelect({ left, width, top: 0, height: plot.over.clientHeight }, false);
      }
      tell(next);
    } else return;
    event.preventDefault();
  });

  // ---- what can be pressed

  for (const bar of bars) {
    bar.addEventListener('click', () => {
      const slot = bar.dataset['slot'] ?? '';
      if (chosen.get(slot) === bar) chosen.delete(slot);
      else chosen.set(slot, bar);
      if (slot === '-m') draw();
      showSearch();
    });
  }
  element('failed').addEventListener('click', () => {
    isFailedOnly = !isFailedOnly;
    draw();
    showSearch();
  });
  element('clear').addEventListener('click', () => {
    chosen.clear();
    isFailedOnly = false;
    showAll();
  });
  element('copy').addEventListener('click', () => {
    const selection = getSelection();
    selection?.selectAllChildren(command);
    // Where a page may not write to the clipboard, the selected text is one key away.
    navigator.clipboard?.writeText(search()).catch(() => undefined);
  });
  let size = 0;
  new ResizeObserver(() => {
    if (chartBox.clientWidth === size) return;
    size = chartBox.clientWidth;
    // Not within the notice: drawing changes sizes again.
    requestAnimationFrame(draw);
  }).observe(chartBox);
  for (const media of ['(prefers-color-scheme: dark)', 'print']) matchMedia(media).addEventListener('change', draw);
  showSearch();
})();
