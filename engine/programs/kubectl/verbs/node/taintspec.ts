/** `key=value:Effect`, `key:Effect`, `key:Effect-`, `key-`. */
import { CliError } from '#engine/programs/kubectl/session/errors'

export interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: string
}

export interface TaintChange {
  readonly add: readonly Taint[]
  readonly remove: readonly Taint[]
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
const namePart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const prefixPart = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

export function sameTaint(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect
}

export function parseTaints(args: readonly string[]): TaintChange {
  const add: Taint[] = []
  const remove: Taint[] = []
  for (const arg of args) {
    if (arg.endsWith('-')) {
      remove.push(parseTaint(arg.slice(0, -1)))
      continue
    }
    const taint = parseTaint(arg)
    if (taint.effect === '') throw new CliError(`invalid taint spec: ${arg}`)
    if (add.some((other) => sameTaint(other, taint))) throw new CliError(`duplicated taints with the same key and effect: {${taint.key} ${taint.value ?? ''} ${taint.effect} <nil>}`)
    add.push(taint)
  }
  return { add, remove }
}

function parseTaint(text: string): Taint {
  const parts = text.split(':')
  if (parts.length > 2) throw new CliError(`invalid taint spec: ${text}`)
  const [left = '', effect = ''] = parts
  if (parts.length === 2 && !effects.includes(effect)) throw new CliError(`invalid taint effect: ${effect}, unsupported taint effect`)
  const pair = parts.length === 2 ? left.split('=') : [left]
  if (pair.length > 2) throw new CliError(`invalid taint spec: ${text}`)
  const [key = '', value] = pair
  const problem = (value === undefined || value === '' ? undefined : valueProblem(value)) ?? keyProblem(key)
  if (problem) throw new CliError(`invalid taint spec: ${text}, ${problem}`)
  return { key, ...(value ? { value } : {}), effect }
}

function valueProblem(value: string): string | undefined {
  if (value.length > 63) return 'must be no more than 63 characters'
  return namePart.test(value) ? undefined : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
}

function keyProblem(key: string): string | undefined {
  const slash = key.indexOf('/')
  const prefix = slash < 0 ? undefined : key.slice(0, slash)
  const name = slash < 0 ? key : key.slice(slash + 1)
  if (prefix !== undefined && !prefixPart.test(prefix)) return "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
  if (name === '') return "name part must be non-empty; name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
  if (name.length > 63) return 'name part must be no more than 63 characters'
  return namePart.test(name) ? undefined : "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
}
