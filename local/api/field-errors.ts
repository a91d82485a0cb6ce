/** One refused field: `spec.scaling.target: Invalid value: 0: should be greater than or equal to 1`. */
export interface FieldError {
  readonly field: string;
  /** `FieldValueInvalid`, `FieldValueRequired`, `FieldValueForbidden`, `FieldValueNotSupported`, … */
  readonly reason: string;
  /** Without the field's name. */
  readonly message: string;
}

// In the words of a real server: `FIELD: KIND OF REFUSAL: DETAIL`.

export function required(field: string, detail = ''): FieldError {
  return { field, reason: 'FieldValueRequired', message: withDetail('Required value', detail) };
}

export function forbidden(field: string, detail: string): FieldError {
  return { field, reason: 'FieldValueForbidden', message: withDetail('Forbidden', detail) };
}

/** Of an object a real server shows its Go form; here it is JSON. */
export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  const shown = value === undefined ? '""' : JSON.stringify(value);
  return { field, reason: 'FieldValueInvalid', message: withDetail(`Invalid value: ${shown}`, detail) };
}

export function notSupported(field: string, value: unknown, choices: readonly unknown[]): FieldError {
  const supported = choices.map((choice) => JSON.stringify(choice)).join(', ');
  return {
    field,
    reason: 'FieldValueNotSupported',
    message: withDetail(`Unsupported value: ${JSON.stringify(value)}`, `supported values: ${supported}`),
  };
}

export function tooLong(field: string, most: number): FieldError {
  return { field, reason: 'FieldValueTooLong', message: `Too long: may not be more than ${most} bytes` };
}

function withDetail(kind: string, detail: string): string {
  return detail === '' ? kind : `${kind}: ${detail}`;
}
