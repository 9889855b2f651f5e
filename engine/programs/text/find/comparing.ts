/** What find's tests compare with. */
import type { Node, Visit } from '#engine/programs/text/find/nodes'

export const sync = (test: (visit: Visit) => boolean): Node => (visit) => Promise.resolve(test(visit))

/** `+5`, `-5`, `5`. */
export function numeric(text: string): ((value: number) => boolean) | undefined {
  const match = /^([-+]?)(\d+(?:\.\d+)?)$/.exec(text)
  if (!match) return undefined
  const wanted = Number(match[2])
  return match[1] === '+' ? (value) => value > wanted : match[1] === '-' ? (value) => value < wanted : (value) => value === wanted
}
