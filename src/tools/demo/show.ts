const RECORD = /^(?:node=\S+ )?type=(\S+) msg=audit\((\d+)\.(\d{3}):(\d+)\): ?([^\x1d]*)(?:\x1d(.*))?$/;
const DIM = '\x1b[2m';
const BOLD = '\x1b[1m';
const RESET = '\x1b[0m';

/**
 * A log line for somebody who watches: time of day, serial and type in columns, then the fields, then what they mean.
 * Control bytes are shown, never sent to the terminal. A line that is no record comes back as it is, printable.
 */
export function showLine(line: string, hasColour: boolean): string {
  const match = RECORD.exec(line);
  if (match === null) return printable(line);
  const [, type = '', seconds, milliseconds, serial, fields = '', meaning = ''] = match;
  const time = new Date(Number(seconds) * 1000).toTimeString().slice(0, 8);
  const bold = hasColour ? BOLD : '';
  const dim = hasColour ? DIM : '';
  const reset = hasColour ? RESET : '';
  const head = `${time}.${milliseconds} #${serial}`.padEnd(24);
  const tail = meaning === '' ? '' : `  ${dim}${printable(meaning)}${reset}`;
  return `${head}${bold}${printable(type).padEnd(14)}${reset}${printable(fields)}${tail}`;
}

function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, byte => {
    return `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
