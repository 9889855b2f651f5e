/** Arguments that are resources first and KEY=VALUE pairs after. */
import { CliError } from '../session/errors'

export function splitPairs(args: readonly string[], what: string): { resources: string[]; pairs: string[] } {
  const resources: string[] = []
  const pairs: string[] = []
  let found = false
  for (const arg of args) {
    const isPair = (arg.includes('=') && !arg.startsWith('=')) || (arg.endsWith('-') && arg !== '-')
    if (!found && isPair) found = true
    if (found && isPair) pairs.push(arg)
    else if (!found) resources.push(arg)
    else throw new CliError(`all resources must be specified before ${what} changes: ${arg}`)
  }
  return { resources, pairs }
}

/** `a=b c-` to what is set and what goes. */
export function parsePairs(pairs: readonly string[], what: string, removable: boolean): { set: Map<string, string>; remove: string[] } {
  const set = new Map<string, string>()
  const remove: string[] = []
  const invalid: string[] = []
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals > 0) set.set(pair.slice(0, equals), pair.slice(equals + 1))
    else if (removable && pair.endsWith('-')) remove.push(pair.slice(0, -1))
    else invalid.push(pair)
  }
  if (invalid.length > 0) throw new CliError(`invalid ${what} format: ${invalid.join(', ')}`)
  return { set, remove }
}
