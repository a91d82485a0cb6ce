import { type FieldError, invalidValue, notSupported, required } from '../../field-errors.ts';
import type { ValidationRule } from '../schema.ts';
import type { RawSchema } from './raw-schema.ts';

const reasons: readonly string[] = [
  'FieldValueDuplicate',
  'FieldValueForbidden',
  'FieldValueInvalid',
  'FieldValueRequired',
];

/** The refusals of what stands around the CEL of rules: texts, reasons and paths. */
export function checkRuleFields(schema: RawSchema, path: string): FieldError[] {
  return (schema['x-kubernetes-validations'] ?? []).flatMap((rule, index) => {
    const place = `${path}.x-kubernetes-validations[${index}]`;
    return [...checkTexts(rule, place), ...checkReason(rule, place), ...checkFieldPath(rule, place)];
  });
}

function checkTexts({ rule, message, messageExpression = '' }: Partial<ValidationRule>, place: string): FieldError[] {
  const isBlankExpression = messageExpression !== '' && isBlank(messageExpression);
  return [
    ...(isBlank(rule) ? [required(`${place}.rule`, 'rule is not specified')] : checkMessage({ rule, message }, place)),
    ...(isBlankExpression
      ? [required(`${place}.messageExpression`, 'messageExpression must be non-empty if specified')]
      : []),
  ];
}

function checkMessage(
  { rule, message = '' }: { readonly rule: string | undefined; readonly message: string | undefined },
  place: string,
): FieldError[] {
  const field = `${place}.message`;
  if (message !== '' && isBlank(message)) {
    return [invalidValue(field, message, 'must be non-empty if specified')];
  }
  if (hasLines(message)) {
    return [invalidValue(field, message, 'must not contain line breaks')];
  }
  return hasLines(rule) && isBlank(message)
    ? [required(field, 'message must be specified if rule contains line breaks')]
    : [];
}

function checkReason({ reason }: ValidationRule, place: string): FieldError[] {
  return reason === undefined || reasons.includes(reason) ? [] : [notSupported(`${place}.reason`, reason, reasons)];
}

function checkFieldPath({ fieldPath = '' }: ValidationRule, place: string): FieldError[] {
  const field = `${place}.fieldPath`;
  if (fieldPath !== '' && isBlank(fieldPath)) {
    return [invalidValue(field, fieldPath, 'must be non-empty if specified')];
  }
  return hasLines(fieldPath) ? [invalidValue(field, fieldPath, 'must not contain line breaks')] : [];
}

function isBlank(text = ''): boolean {
  return text.trim() === '';
}

function hasLines(text = ''): boolean {
  return /[\n\r]/u.test(text.trim());
}
