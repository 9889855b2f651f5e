/** Go's JSON: keys in order, HTML characters escaped, four spaces. */
import { sortKeys } from '#engine/api/jsonpath/evaluate'

/** `sorted` is right for objects from a server; those made here are written in the order of their fields. */
export function prettyJson(value: unknown, sorted = true, indent = 4): string {
  return JSON.stringify(sorted ? sortKeys(value) : value, null, indent).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
