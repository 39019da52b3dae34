import { type AuditRule, FIELD, OPERATOR, OPERATOR_MASK, type RuleField } from '../../../control/rule.ts';

// Fields whose numbers have a sign.
const SIGNED: ReadonlySet<number> = new Set<number>([FIELD.exit, FIELD.success]);

/**
 * Whether every event that `narrow` matches is matched by `wide` too, so that behind it in the same list `narrow` never
 * decides anything: the first rule that matches does. False also where that cannot be told from the rules alone.
 */
export function covers(wide: AuditRule, narrow: AuditRule): boolean {
  if (wide.list !== narrow.list) return false;
  const isImplied = wide.fields.every(
    field => field.field === FIELD.key || narrow.fields.some(condition => implies(condition, field)),
  );
  return isImplied && narrow.mask.every((word, i) => (word & ~(wide.mask[i] ?? 0)) === 0);
}

/** Whether what meets `condition` always meets `other`. */
function implies(condition: RuleField, other: RuleField): boolean {
  if (condition.field === FIELD.path && other.field === FIELD.dir) return isBelow(condition.text, other.text);
  if (condition.field !== other.field) return false;
  if (condition.field === FIELD.dir && isEquality(condition) && isEquality(other)) {
    return condition.text === other.text || isBelow(condition.text, other.text);
  }
  if (condition.field === FIELD.perm && isEquality(condition) && isEquality(other)) {
    return (condition.value & ~other.value) === 0;
  }
  if (sameOperator(condition, other) && condition.value === other.value && condition.text === other.text) return true;
  if (condition.text !== null || other.text !== null) return false;
  return impliesNumber(condition, other);
}

function impliesNumber(condition: RuleField, other: RuleField): boolean {
  const number = (field: RuleField): number => (SIGNED.has(field.field) ? field.value | 0 : field.value);
  const given = number(condition);
  const wanted = number(other);
  if (isEquality(condition)) return holds(given, other.operator & OPERATOR_MASK, wanted);
  // What is above a bound is above every lower one, and so on.
  const [lower, upper] = boundsOf(condition.operator & OPERATOR_MASK, given);
  switch (other.operator & OPERATOR_MASK) {
    case OPERATOR['>']:
      return lower > wanted;
    case OPERATOR['>=']:
      return lower >= wanted;
    case OPERATOR['<']:
      return upper < wanted;
    case OPERATOR['<=']:
      return upper <= wanted;
    case OPERATOR['!=']:
      return lower > wanted || upper < wanted;
    default:
      return false;
  }
}

/** Least and greatest number that meets a comparison. */
function boundsOf(operator: number, value: number): [lower: number, upper: number] {
  switch (operator) {
    case OPERATOR['>']:
      return [value + 1, Number.POSITIVE_INFINITY];
    case OPERATOR['>=']:
      return [value, Number.POSITIVE_INFINITY];
    case OPERATOR['<']:
      return [Number.NEGATIVE_INFINITY, value - 1];
    case OPERATOR['<=']:
      return [Number.NEGATIVE_INFINITY, value];
    default:
      return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  }
}

function holds(value: number, operator: number, wanted: number): boolean {
  switch (operator) {
    case OPERATOR['=']:
      return value === wanted;
    case OPERATOR['!=']:
      return value !== wanted;
    case OPERATOR['>']:
      return value > wanted;
    case OPERATOR['>=']:
      return value >= wanted;
    case OPERATOR['<']:
      return value < wanted;
    case OPERATOR['<=']:
      return value <= wanted;
    case OPERATOR['&']:
      return (value & wanted) !== 0;
    case OPERATOR['&=']:
      return (value & wanted) === wanted;
    default:
      return false;
  }
}

function isBelow(path: string | null, directory: string | null): boolean {
  if (path === null || directory === null) return false;
  return path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
}

function isEquality(field: RuleField): boolean {
  return (field.operator & OPERATOR_MASK) === OPERATOR['='];
}

function sameOperator(a: RuleField, b: RuleField): boolean {
  return (a.operator & OPERATOR_MASK) === (b.operator & OPERATOR_MASK);
}
