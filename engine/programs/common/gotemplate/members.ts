/** What fields can be taken of. */
import { GoStruct, kindOf, typeName } from './values'

/** There can be no such field. */
export const noMember = Symbol('no member')

/** A field of a map or struct, or a method of a list; undefined where a map lacks the key. */
export function memberOf(receiver: unknown, name: string): unknown {
  const kind = kindOf(receiver)
  const members = receiver instanceof GoStruct ? receiver.fields : kind === 'map' || kind === 'slice' ? (receiver as Record<string, unknown>) : undefined
  if (members && Object.hasOwn(members, name)) return members[name]
  return kind === 'map' ? undefined : noMember
}

export function receiverType(value: unknown): string {
  const type = typeName(value)
  return type === '<nil>' ? 'interface {}' : type
}
