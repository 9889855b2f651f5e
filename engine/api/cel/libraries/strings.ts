/** Strings and regular expressions. */
import type { Environment } from '@marcbachmann/cel-js'
import { RE2JS } from 're2js'
import { register, registerNamespace } from './register'

export function strings(environment: Environment): void {
  register(environment, 'string.find(string): string', (text: string, pattern: string) => findAll(text, pattern, 1)[0] ?? '')
  register(environment, 'string.findAll(string): list<string>', (text: string, pattern: string) => findAll(text, pattern, -1))
  register(environment, 'string.findAll(string, int): list<string>', (text: string, pattern: string, limit: bigint) => findAll(text, pattern, Number(limit)))
  register(environment, 'string.charAt(int): string', (text: string, at: bigint) => {
    if (at < 0n || at > BigInt(text.length)) throw new Error(`index out of range: ${at}`)
    return text.charAt(Number(at))
  })
  register(environment, 'string.lowerAscii(): string', (text: string) => text.replaceAll(/[A-Z]+/g, (part) => part.toLowerCase()))
  register(environment, 'string.upperAscii(): string', (text: string) => text.replaceAll(/[a-z]+/g, (part) => part.toUpperCase()))
  register(environment, 'string.trim(): string', (text: string) => text.trim())
  register(environment, 'string.reverse(): string', (text: string) => [...text].reverse().join(''))
  register(environment, 'string.replace(string, string): string', (text: string, from: string, to: string) => text.replaceAll(from, () => to))
  register(environment, 'string.replace(string, string, int): string', (text: string, from: string, to: string, times: bigint) => replaceSome(text, from, to, Number(times)))
  register(environment, 'string.split(string): list<string>', (text: string, by: string) => text.split(by))
  register(environment, 'string.substring(int): string', (text: string, from: bigint) => text.slice(Number(from)))
  register(environment, 'string.substring(int, int): string', (text: string, from: bigint, to: bigint) => text.slice(Number(from), Number(to)))
  register(environment, 'string.indexOf(string): int', (text: string, part: string) => BigInt(text.indexOf(part)))
  register(environment, 'string.lastIndexOf(string): int', (text: string, part: string) => BigInt(text.lastIndexOf(part)))
  register(environment, 'string(google.protobuf.Duration): string', (value: { readonly seconds: bigint; readonly nanos: number }) => `${Number(value.seconds) + value.nanos / 1e9}s`)
  register(environment, 'string(google.protobuf.Timestamp): string', (value: Date) => value.toISOString().replace(/\.?0*Z$/, 'Z'))
  register(environment, 'string.format(list): string', formatted)
  registerNamespace(environment, 'strings', { 'quote(string): string': (text: string) => JSON.stringify(text) })
}

function findAll(text: string, pattern: string, limit: number): string[] {
  const matcher = RE2JS.compile(pattern).matcher(text)
  const out: string[] = []
  while (out.length !== limit && matcher.find()) out.push(matcher.group() ?? '')
  return out
}

function replaceSome(text: string, from: string, to: string, times: number): string {
  if (times < 0) return text.replaceAll(from, () => to)
  let out = text
  let at = 0
  for (let left = times; left > 0; left--) {
    const found = out.indexOf(from, at)
    if (found < 0) break
    out = out.slice(0, found) + to + out.slice(found + from.length)
    at = found + to.length
  }
  return out
}

/** `%s`, `%d`, `%.2f`, `%e`, `%b`, `%x`, `%X`, `%o` and `%%`. */
function formatted(text: string, args: unknown[]): string {
  let next = 0
  return text.replaceAll(/%(?:%|(?:\.(\d+))?([sdfebxXo])|(.?))/g, (whole: string, precision: string | undefined, verb: string | undefined, wrong: string | undefined) => {
    if (whole === '%%') return '%'
    if (verb === undefined) throw new Error(`could not parse formatting clause: unrecognized formatting clause "${wrong ?? ''}"`)
    if (next >= args.length) throw new Error(`index ${next} out of range`)
    return clause(verb, args[next++], precision === undefined ? 6 : Number(precision))
  })
}

function clause(verb: string, value: unknown, precision: number): string {
  switch (verb) {
    case 'd': return String(value)
    case 'f': return Number(value).toFixed(precision)
    case 'e': return Number(value).toExponential(precision).replace(/e([+-])(\d)$/, 'e$10$2')
    case 'b': return typeof value === 'boolean' ? (value ? '1' : '0') : BigInt(value as bigint).toString(2)
    case 'o': return BigInt(value as bigint).toString(8)
    case 'x': return hex(value)
    case 'X': return hex(value).toUpperCase()
    default: return shown(value)
  }
}

function hex(value: unknown): string {
  return typeof value === 'string' ? [...new TextEncoder().encode(value)].map((byte) => byte.toString(16).padStart(2, '0')).join('') : BigInt(value as bigint).toString(16)
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) return `{${Object.entries(value).map(([key, item]) => `${key}: ${shown(item)}`).join(', ')}}`
  return String(value as string)
}
