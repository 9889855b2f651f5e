/** What optional members of lists and maps come down to, and the escaping of JSON pointers. */
import type { Environment } from '@marcbachmann/cel-js'
import { register, registerNamespace } from './register'

interface OptionalLike {
  hasValue(): boolean
  value(): unknown
}

export function literals(environment: Environment): void {
  register(environment, '__items(list, list): list', (list: unknown[], marks: bigint[]) => {
    const optional = new Set(marks.map(Number))
    return list.flatMap((item, index) => (optional.has(index) ? present(item) : [item]))
  })
  register(environment, '__entries(map, list): map', (map: unknown, marks: unknown[]) => {
    const entries = map instanceof Map ? [...(map as Map<unknown, unknown>)] : Object.entries(map as object)
    const kept = entries.flatMap(([key, value]) => (marks.includes(key) ? present(value).map((inner) => [key, inner] as const) : [[key, value] as const]))
    return map instanceof Map ? new Map(kept) : Object.fromEntries(kept as [string, unknown][])
  })
  registerNamespace(environment, 'jsonpatch', { 'escapeKey(string): string': (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1') })
}

function present(value: unknown): unknown[] {
  const optional = value as OptionalLike
  return optional.hasValue() ? [optional.value()] : []
}
