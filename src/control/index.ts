// What `node-auditd/control` exports.
export { AnswerError } from './answerError.ts';
export { AuditControl, type RequestChannel } from './auditControl.ts';
export { type ByteString, byteStringFromBytes, byteStringOf, bytesOfByteString } from './byteString.ts';
export { ExpectedRules, isSameRule, ruleIdentity } from './expectedRules.ts';
export { type AuditFeatures, decodeFeatures, encodeFeatures, FEATURE, formatFeatures } from './features.ts';
export { openAuditControl } from './openAuditControl.ts';
export {
  ACTION,
  type AuditRule,
  FIELD,
  FILTER,
  type FieldName,
  keysOf,
  matchesKey,
  OPERATOR,
  type OperatorSymbol,
  PERM,
  type RuleField,
} from './rule.ts';
export type { Placement, RuleRequest } from './ruleBuilder.ts';
export { RuleBuilder } from './ruleBuilder.ts';
export { decodeRule, encodeRule } from './ruleBytes.ts';
export { type RuleEnvironment, type RuleWarning, warningText } from './ruleEnvironment.ts';
export { DeprecatedActionError, RuleError } from './ruleError.ts';
export { parseRuleLine, parseRuleWords, splitRuleLine } from './ruleLine.ts';
export { type ArgumentInterpreter, formatRule, type RuleArgument, type RuleTextOptions } from './ruleText.ts';
export { decodeSignalInfo, type SignalInfo } from './signalInfo.ts';
export {
  type AuditStatus,
  decodeStatus,
  encodeStatusChange,
  FEATURE_BITMAP,
  formatStatus,
  type StatusField,
} from './status.ts';
export { decodeTtyStatus, encodeTtyStatus, type TtyStatus } from './tty.ts';
export { encodeValue, formatUserMessage, type UserMessage } from './userMessage.ts';
