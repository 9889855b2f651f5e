/** What xargs reads its arguments from: words with quotes, whole lines, or what a character separates. */
export interface Item {
  readonly text: string
  readonly line: number
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', b: '\b', a: '\x07' }

/** A string says what is wrong. */
export function itemsOf(text: string, o: { readonly null: boolean; readonly delimiter: string | undefined; readonly lines: boolean; readonly end: string | undefined }): Item[] | string {
  if (o.null || o.delimiter !== undefined) return delimited(text, o.null ? '\0' : unescape(o.delimiter ?? ''))
  const items = o.lines ? wholeLines(text) : words(text)
  const end = typeof items === 'string' || o.end === undefined ? -1 : items.findIndex((item) => item.text === o.end)
  return typeof items === 'string' || end < 0 ? items : items.slice(0, end)
}

function unescape(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)/g, (_, c: string) => (/^x/.test(c) ? String.fromCharCode(Number.parseInt(c.slice(1), 16)) : /^[0-7]/.test(c) ? String.fromCharCode(Number.parseInt(c, 8)) : (escapes[c] ?? c))).charAt(0)
}

function delimited(text: string, delimiter: string): Item[] {
  const parts = text.split(delimiter)
  if (parts[parts.length - 1] === '') parts.pop()
  return parts.map((part, line) => ({ text: part, line }))
}

/** With -I: a line each, its leading blanks gone, quotes still meaning something. */
function wholeLines(text: string): Item[] | string {
  const out: Item[] = []
  for (const [line, raw] of text.split('\n').entries()) {
    const trimmed = raw.replace(/^[ \t]+/, '')
    if (trimmed === '') continue
    const parsed = unquoteLine(trimmed)
    if (parsed === undefined) return unmatched(trimmed)
    out.push({ text: parsed, line })
  }
  return out
}

function unquoteLine(text: string): string | undefined {
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    if (c === '\\' && i + 1 < text.length) out += text[++i]
    else if (c === "'" || c === '"') {
      const close = text.indexOf(c, i + 1)
      if (close < 0) return undefined
      out += text.slice(i + 1, close)
      i = close
    } else out += c
  }
  return out
}

function unmatched(text: string): string {
  const kind = /["']/.exec(text)?.[0] === '"' ? 'double' : 'single'
  return `unmatched ${kind} quote; by default quotes are special to xargs unless you use the -0 option`
}

function words(text: string): Item[] | string {
  const out: Item[] = []
  let current: string | undefined
  let line = 0
  const flush = (): void => {
    if (current !== undefined) out.push({ text: current, line })
    current = undefined
  }
  for (const match of text.matchAll(/\n|[ \t]|\\[^]|"([^"\n]*)"|'([^'\n]*)'|[^]/g)) {
    const [piece, double, single] = match
    if (piece === '\n') {
      flush()
      if (!/[ \t]/.test(text[match.index - 1] ?? 'x')) line++
    } else if (piece === ' ' || piece === '\t') flush()
    else if (piece === '"' || piece === "'") return unmatched(piece)
    else current = (current ?? '') + (double ?? single ?? (piece.length > 1 ? piece.slice(1) : piece))
  }
  flush()
  return out
}
