import {
  ACTION,
  type AuditRule,
  FIELD,
  FILTER,
  fieldName,
  OPERATOR,
  OPERATOR_MASK,
  operatorSymbol,
  type RuleField,
} from '../../../control/rule.ts';

const UNSET_ID = 0xffffffff;

const IDS: ReadonlySet<number> = new Set<number>([
  FIELD.uid,
  FIELD.euid,
  FIELD.suid,
  FIELD.fsuid,
  FIELD.gid,
  FIELD.egid,
  FIELD.sgid,
  FIELD.fsgid,
  FIELD.obj_uid,
  FIELD.obj_gid,
]);

const EQUALITY_ONLY: ReadonlySet<number> = new Set<number>([
  FIELD.subj_user,
  FIELD.subj_role,
  FIELD.subj_type,
  FIELD.obj_user,
  FIELD.obj_role,
  FIELD.obj_type,
  FIELD.filetype,
  FIELD.field_compare,
  FIELD.perm,
  FIELD.key,
]);

/** Fields that take bit masks. */
const BITS: ReadonlySet<number> = new Set<number>([FIELD.pers, FIELD.devminor, FIELD.a0, FIELD.a1, FIELD.a2, FIELD.a3]);

/**
 * Why the kernel answers EINVAL to a rule that auditctl builds; null for one that it takes as far as the rule alone
 * tells. @see audit_field_valid() and audit_data_to_entry() in the kernel's kernel/auditfilter.c
 */
export function kernelRefusal(rule: AuditRule): string | null {
  if (!Object.values<number>(FILTER).includes(rule.list)) return 'there is no such list';
  if (rule.action !== ACTION.never && rule.action !== ACTION.always) return 'there is no such action';
  for (const field of rule.fields) {
    const refusal = fieldRefusal(field, rule);
    if (refusal !== null) return refusal;
  }
  const count = (...fields: number[]): number => rule.fields.filter(({ field }) => fields.includes(field)).length;
  if (count(FIELD.path, FIELD.dir, FIELD.inode) > 1) return 'a rule can have one path, dir or inode';
  if (count(FIELD.exe) > 1) return 'a rule can have one exe';
  if (count(FIELD.key) > 1) return 'a rule can have one key field';
  return null;
}

function fieldRefusal(field: RuleField, rule: AuditRule): string | null {
  const name = fieldName(field.field) ?? `field ${field.field}`;
  const operator = operatorSymbol(field.operator) ?? '?';
  if (rule.list === FILTER.filesystem && field.field !== FIELD.fstype && field.field !== FIELD.key) {
    return `${name} cannot be used on the filesystem list`;
  }
  if (IDS.has(field.field) && field.value === UNSET_ID) return `${name} cannot be compared with -1`;
  if (field.field === FIELD.auid && field.value === UNSET_ID && !isEquality(field)) {
    return 'an unset auid can only be compared with = or !=';
  }
  if (EQUALITY_ONLY.has(field.field) && !isEquality(field)) return `${name} takes = and != only`;
  if ((operator === '&' || operator === '&=') && !BITS.has(field.field)) return `${name} does not take ${operator}`;
  if (field.field === FIELD.path || field.field === FIELD.dir) {
    if (operator !== '=') return `${name} takes = only`;
    if (!field.text?.startsWith('/')) return `${name} must start with /`;
    if (field.field === FIELD.path && field.text.endsWith('/')) return 'path must not end with /';
  }
  if (field.field === FIELD.exe && (!field.text?.startsWith('/') || field.text.endsWith('/'))) {
    return 'exe must be an absolute path to a file';
  }
  return null;
}

function isEquality(field: RuleField): boolean {
  const operator = field.operator & OPERATOR_MASK;
  return operator === OPERATOR['='] || operator === OPERATOR['!='];
}
