import { FIELD, type FieldName } from './rule.ts';

// Order decides which name is printed on the left.
const USER_IDS = ['uid', 'auid', 'euid', 'suid', 'fsuid', 'obj_uid'] as const;
const GROUP_IDS = ['gid', 'egid', 'sgid', 'fsgid', 'obj_gid'] as const;

/** @see AUDIT_COMPARE_UID_TO_OBJ_UID and after in linux/audit.h */
const COMPARISONS: ReadonlyMap<string, number> = new Map([
  ['uid obj_uid', 1],
  ['gid obj_gid', 2],
  ['euid obj_uid', 3],
  ['egid obj_gid', 4],
  ['auid obj_uid', 5],
  ['suid obj_uid', 6],
  ['sgid obj_gid', 7],
  ['fsuid obj_uid', 8],
  ['fsgid obj_gid', 9],
  ['uid auid', 10],
  ['uid euid', 11],
  ['uid fsuid', 12],
  ['uid suid', 13],
  ['auid fsuid', 14],
  ['auid suid', 15],
  ['auid euid', 16],
  ['euid suid', 17],
  ['euid fsuid', 18],
  ['suid fsuid', 19],
  ['gid egid', 20],
  ['gid fsgid', 21],
  ['gid sgid', 22],
  ['egid fsgid', 23],
  ['egid sgid', 24],
  ['sgid fsgid', 25],
]);

/** The value of field_compare for two fields, in either order; null when the kernel cannot compare them. */
export function comparisonOf(left: number, right: number): number | null {
  for (const names of [USER_IDS, GROUP_IDS] as readonly (readonly FieldName[])[]) {
    const found = names.filter(name => FIELD[name] === left || FIELD[name] === right);
    const comparison = found.length === 2 ? COMPARISONS.get(found.join(' ')) : undefined;
    if (comparison !== undefined) return comparison;
  }
  return null;
}

/** The two fields' names in the order they are printed; null for a value without meaning. */
export function comparedFields(comparison: number): [left: string, right: string] | null {
  for (const [names, number] of COMPARISONS) {
    const [left, right] = names.split(' ');
    if (number === comparison && left !== undefined && right !== undefined) return [left, right];
  }
  return null;
}
