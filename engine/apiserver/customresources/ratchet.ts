/** Of an update only what it changes is held against it: what was wrong before and stayed as it was may stay. */
import { equalJson } from '#engine/api/object'
import type { FieldError } from '#engine/api/field'
import type { JsonSchema } from './schema'

type Fields = Record<string, unknown>

/** The errors that the update has made. */
export function ratchet(errors: readonly FieldError[], schema: JsonSchema, next: unknown, previous: unknown): FieldError[] {
  return errors.filter((error) => {
    const steps = [...error.field.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map((match) => match[1] ?? match[2] ?? '')
    // What is missing is missed by what it should stand in.
    return error.field === '<nil>' || error.field === '' || !unchanged(error.type === 'FieldValueRequired' ? steps.slice(0, -1) : steps, schema, next, previous)
  })
}

function unchanged(steps: readonly string[], schema: JsonSchema | undefined, next: unknown, previous: unknown): boolean {
  if (next === undefined || previous === undefined) return false
  const [step, ...rest] = steps
  if (step === undefined || !isContainer(next) || !isContainer(previous)) return equalJson(next, previous)
  if (Array.isArray(next) && Array.isArray(previous)) {
    const item = next[Number(step)] as unknown
    return equalJson(next, previous) || unchanged(rest, schema?.items, item, counterpart(schema, item, previous))
  }
  const property = schema?.properties?.[step] ?? (typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined)
  return unchanged(rest, property, (next as Fields)[step], (previous as Fields)[step])
}

function isContainer(value: unknown): boolean {
  return value !== null && typeof value === 'object'
}

/** The item of the same keys; lists without keys are one value. */
function counterpart(schema: JsonSchema | undefined, item: unknown, previous: readonly unknown[]): unknown {
  const keys = schema?.['x-kubernetes-list-type'] === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : []
  return keys.length === 0 ? undefined : previous.find((other) => keys.every((key) => (other as Fields)[key] === (item as Fields)[key]))
}
