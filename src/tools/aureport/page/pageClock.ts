const two = (value: number) => String(value).padStart(2, '0');

/** Local time of the machine that makes the page. */
export function clock(seconds: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `${seconds} seconds`;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** HTML in which a line may end before the time of day, but not inside a date. */
export const unbrokenDates = (html: string) =>
  html.replace(/\b\d{4}-\d\d-\d\d(?= \d\d:\d\d:\d\d)/g, '<span class="date">$&</span>');

/** Its two largest units: `2 d 3 h`. */
export function duration(seconds: number): string {
  const parts: string[] = [];
  let rest = Math.abs(seconds);
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count.toLocaleString('en-US')} ${unit}`);
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}
