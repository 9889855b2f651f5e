/** JSON schema, with the words of santhosh-tekuri/jsonschema. */
import { applicators, type Problem } from './schema-rules'

export type Schema = Readonly<Record<string, unknown>> | boolean

export interface Scope {
  /** The problems of a value under a schema. */
  check(schema: unknown, value: unknown, path: string): Problem[]
}

export class SchemaValidator implements Scope {
  private depth = 0

  constructor(private readonly root: unknown) {}

  /** Lines as they are printed, nested ones indented. */
  validate(value: unknown): string[] {
    return this.check(this.root, value, '').flatMap((problem) => lines(problem, 0))
  }

  check(schema: unknown, value: unknown, path: string): Problem[] {
    if (schema === true || schema === undefined) return []
    if (schema === false) return [{ path, message: 'false schema' }]
    if (schema === null || typeof schema !== 'object') return []
    if (++this.depth > 200) throw new Error('unable to validate schema: infinite loop')
    try {
      return this.rules(schema as Record<string, unknown>, value, path)
    } finally {
      this.depth--
    }
  }

  private rules(schema: Record<string, unknown>, value: unknown, path: string): Problem[] {
    const out: Problem[] = []
    const reference = schema['$ref']
    if (typeof reference === 'string') out.push(...this.check(this.resolve(reference), value, path))
    for (const rule of applicators) out.push(...rule(schema, value, path, this))
    return out
  }

  private resolve(reference: string): unknown {
    if (!reference.startsWith('#')) throw new Error(`unable to validate schema: ${reference} is not there`)
    return reference.slice(1).split('/').filter((step) => step !== '').reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')], this.root)
  }
}

function lines({ path, message, causes }: Problem, depth: number): string[] {
  return [`${'  '.repeat(depth)}- at '${path}': ${message}`, ...(causes ?? []).flatMap((cause) => lines(cause, depth + 1))]
}
