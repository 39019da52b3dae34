import { type AuditField, type AuditRecord, FIELD_TYPE } from '../../auparse/index.ts';

/**
 * One line for people: `name=value ` for each field, the time in words behind the type. Null for a record that has
 * nothing but its type: the one that ends an event.
 */
export function interpretedText(record: AuditRecord): string | null {
  const { fields, event } = record;
  if (fields.every(({ name }) => name === 'type' || name === 'node')) return null;
  let text = '';
  for (const field of fields) {
    text += `${field.name}=${textOf(field)} `;
    if (field.name === 'type') text += `msg=audit(${localTime(event.time)}) : `;
  }
  return text;
}

function textOf(field: AuditField): string {
  if (field.type === FIELD_TYPE.ESCAPED_FILE) return field.realPath ?? field.interpreted;
  if (field.type === FIELD_TYPE.SOCKADDR) return field.socketAddress ?? field.socketFamily ?? field.interpreted;
  return field.interpreted;
}

/** As strftime(3) has `%x %T` in the C locale, which a plugin, whose environment is empty, always has. */
function localTime(time: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const date = `${two(time.getMonth() + 1)}/${two(time.getDate())}/${two(time.getFullYear() % 100)}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
