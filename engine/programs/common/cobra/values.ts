/** Go's ways of reading and writing simple values: numbers, durations, CSV, quoted strings. */
export function parseGoBool(text: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false
  throw new Error(`strconv.ParseBool: parsing ${quoteGo(text)}: invalid syntax`)
}

export function parseGoInt(text: string, bits: 32 | 64, unsigned = false): number {
  const call = unsigned ? 'strconv.ParseUint' : 'strconv.ParseInt'
  if (!(unsigned ? /^(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[0-9]+)$/ : /^[-+]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/).test(text))
    throw new Error(`${call}: parsing ${quoteGo(text)}: invalid syntax`)
  const negative = text.startsWith('-')
  const digits = text.replace(/^[-+]/, '')
  const value = Number(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits) * (negative ? -1 : 1)
  const limit = bits === 32 ? 2 ** 31 : 2 ** 63
  if (value >= limit || value < -limit) throw new Error(`${call}: parsing ${quoteGo(text)}: value out of range`)
  return value
}

export function parseGoFloat(text: string): number {
  if (!/^[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/.test(text)) throw new Error(`strconv.ParseFloat: parsing ${quoteGo(text)}: invalid syntax`)
  return Number(text)
}

const unitMs: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, 'µs': 1e-3, 'μs': 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds of `1h2m3.5s`. */
export function parseDuration(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1
  let rest = text.replace(/^[-+]/, '')
  if (rest === '0') return 0
  if (rest === '') throw new Error(`time: invalid duration ${quoteGo(text)}`)
  let sum = 0
  while (rest !== '') {
    const number = /^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)/.exec(rest)
    if (!number) throw new Error(`time: invalid duration ${quoteGo(text)}`)
    rest = rest.slice(number[0].length)
    const unit = /^[^0-9.]+/.exec(rest)
    if (!unit) throw new Error(`time: missing unit in duration ${quoteGo(text)}`)
    const ms = unitMs[unit[0]]
    if (ms === undefined) throw new Error(`time: unknown unit ${quoteGo(unit[0])} in duration ${quoteGo(text)}`)
    sum += Number(number[0]) * ms
    rest = rest.slice(unit[0].length)
  }
  return sum * sign
}

/** As Go prints a time.Duration: `1h2m3.5s`, `300ms`, `0s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  const sign = ms < 0 ? '-' : ''
  const value = Math.abs(ms)
  if (value < 1e-3) return `${sign}${Math.round(value * 1e6)}ns`
  if (value < 1) return `${sign}${trimZeros((value * 1e3).toFixed(3))}µs`
  if (value < 1000) return `${sign}${trimZeros(value.toFixed(6))}ms`
  const hours = Math.floor(value / 3_600_000)
  const minutes = Math.floor((value % 3_600_000) / 60_000)
  const seconds = trimZeros(((value % 60_000) / 1000).toFixed(9))
  return `${sign}${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** Go's %q. */
export function quoteGo(text: string): string {
  let out = '"'
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    const short = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r', '\b': '\\b', '\f': '\\f', '\v': '\\v', '\x07': '\\a' }[char]
    if (short) out += short
    else if (code < 0x20 || code === 0x7f) out += `\\x${code.toString(16).padStart(2, '0')}`
    else if (code === 0xfffd || (code > 0x7f && code < 0xa1) || code === 0xfeff) out += `\\u${code.toString(16).padStart(4, '0')}`
    else out += char
  }
  return `${out}"`
}

/** One record of encoding/csv. */
export function parseCsv(text: string): string[] {
  const fields: string[] = []
  let rest = text.split('\n')[0] as string
  for (;;) {
    if (!rest.startsWith('"')) {
      const comma = rest.indexOf(',')
      const field = comma < 0 ? rest : rest.slice(0, comma)
      if (field.includes('"')) throw new Error(`parse error on line 1, column ${text.length - rest.length + field.indexOf('"') + 1}: bare " in non-quoted-field`)
      fields.push(field)
      if (comma < 0) return fields
      rest = rest.slice(comma + 1)
      continue
    }
    const match = /^"((?:[^"]|"")*)"(,|$)/.exec(rest)
    if (!match) throw new Error(`parse error on line 1, column ${text.length + 1}: extraneous or missing " in quoted-field`)
    fields.push((match[1] as string).replaceAll('""', '"'))
    if (match[2] === '') return fields
    rest = rest.slice(match[0].length)
  }
}
