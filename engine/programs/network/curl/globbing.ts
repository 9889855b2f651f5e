/** `{a,b}` and `[1-3]` in URLs stand for several. */
import { CurlError } from './error'

/** All URLs a pattern stands for, at most ten thousand. */
export function expandUrl(given: string): string[] {
  const found = /\{[^}]*\}|\[(\d+-\d+|[a-z]-[a-z]|[A-Z]-[A-Z])(?::(\d+))?\]/.exec(given)
  const open = given.indexOf('{')
  if (open >= 0 && !given.includes('}', open)) throw new CurlError(3, `unmatched brace in URL position ${open + 2}:\n${given}\n${' '.repeat(open + 1)}^`)
  if (!found) return [given]
  const choices = found[0].startsWith('{') ? found[0].slice(1, -1).split(',') : rangeOf(found[1] as string, Number(found[2] ?? 1))
  const head = given.slice(0, found.index)
  const rest = expandUrl(given.slice(found.index + found[0].length))
  return choices.flatMap((choice) => rest.map((tail) => head + choice + tail)).slice(0, 10_000)
}

/** Digits keep their leading zeros. */
function rangeOf(text: string, step: number): string[] {
  const [from = '', to = ''] = text.split('-')
  const digits = /^\d/.test(from)
  const [first, last] = digits ? [Number(from), Number(to)] : [from.charCodeAt(0), to.charCodeAt(0)]
  const out: string[] = []
  for (let at = first; at <= last && out.length < 10_000; at += Math.max(1, step)) out.push(digits ? String(at).padStart(from.startsWith('0') ? from.length : 0, '0') : String.fromCharCode(at))
  return out
}
