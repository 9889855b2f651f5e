/** Errors of single fields, as apimachinery's `validation/field` words them; a list of them makes an Invalid Status. */
export type FieldErrorType =
  | 'FieldValueNotFound' | 'FieldValueRequired' | 'FieldValueDuplicate' | 'FieldValueInvalid' | 'FieldValueNotSupported'
  | 'FieldValueForbidden' | 'FieldValueTooLong' | 'FieldValueTooMany' | 'InternalError' | 'FieldValueTypeInvalid'

export interface FieldError {
  readonly type: FieldErrorType
  /** `spec.containers[0].image`; `<nil>` or empty for the root. */
  readonly field: string
  /** The words after the field, without it: `Required value`, `Invalid value: "x": must be ...`. */
  readonly body: string
}

/** A path to a field: `path('spec').child('containers').index(0).child('name')` prints `spec.containers[0].name`. */
export class FieldPath {
  private constructor(private readonly text: string) {}

  static root(name = ''): FieldPath {
    return new FieldPath(name)
  }

  child(...names: string[]): FieldPath {
    let { text } = this
    for (const name of names) if (name !== '') text = text === '' ? name : `${text}.${name}`
    return new FieldPath(text)
  }

  index(position: number): FieldPath {
    return new FieldPath(`${this.text}[${position}]`)
  }

  key(name: string): FieldPath {
    return new FieldPath(`${this.text}[${name}]`)
  }

  toString(): string {
    return this.text
  }
}

export function required(path: FieldPath, detail: string): FieldError {
  return { type: 'FieldValueRequired', field: path.toString(), body: withDetail('Required value', detail) }
}

export function invalid(path: FieldPath, value: unknown, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field: path.toString(), body: withDetail(`Invalid value: ${goValue(value)}`, detail) }
}

/** Where the value would say too much. */
export function invalidUntold(path: FieldPath, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field: path.toString(), body: `Invalid value: ${detail}` }
}

export function typeInvalid(path: FieldPath, value: unknown, detail: string): FieldError {
  return { type: 'FieldValueTypeInvalid', field: path.toString(), body: withDetail(`Invalid value: ${goValue(value)}`, detail) }
}

export function forbidden(path: FieldPath, detail: string): FieldError {
  return { type: 'FieldValueForbidden', field: path.toString(), body: withDetail('Forbidden', detail) }
}

export function duplicate(path: FieldPath, value: unknown): FieldError {
  return { type: 'FieldValueDuplicate', field: path.toString(), body: `Duplicate value: ${goValue(value)}` }
}

export function notFound(path: FieldPath, value: unknown): FieldError {
  return { type: 'FieldValueNotFound', field: path.toString(), body: `Not found: ${goValue(value)}` }
}

/** The supported values are listed in the order given; apimachinery sorts where its source is a set. */
export function notSupported(path: FieldPath, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((item) => JSON.stringify(item)).join(', ')
  return { type: 'FieldValueNotSupported', field: path.toString(), body: withDetail(`Unsupported value: ${goValue(value)}`, list === '' ? '' : `supported values: ${list}`) }
}

export function tooLong(path: FieldPath, maxBytes: number): FieldError {
  return { type: 'FieldValueTooLong', field: path.toString(), body: `Too long: may not be more than ${maxBytes} bytes` }
}

export function tooMany(path: FieldPath, actual: number, max: number): FieldError {
  return { type: 'FieldValueTooMany', field: path.toString(), body: `Too many: ${actual}: must have at most ${max} items` }
}

/** A value as `field.Error` prints it: strings quoted, numbers and booleans bare, the rest as JSON. */
export function goValue(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  return JSON.stringify(value)
}

export function fieldErrorText(error: FieldError): string {
  return `${error.field}: ${error.body}`
}

function withDetail(head: string, detail: string): string {
  return detail === '' ? head : `${head}: ${detail}`
}
