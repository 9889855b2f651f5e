/** $0 and its fields: split when a field is asked for, joined when $0 is. */
import { fromInput, toText, unset, type Value } from '#engine/programs/text/awk/values'

const maxFields = 1_000_000

export class NegativeField extends Error {
  constructor(readonly index: number) {
    super(`negative field index $${index}`)
  }
}

export interface RecordSettings {
  /** A variable's text. */
  text(name: string): string
  regex(source: string): RegExp
}

export class AwkRecord {
  private text = ''
  private fields: Value[] | undefined = []
  private stale = false
  private count = 0

  constructor(private readonly settings: RecordSettings) {}

  setText(text: string): void {
    this.text = text
    this.fields = undefined
    this.stale = false
  }

  get nf(): number {
    this.split()
    return this.count
  }

  setNf(count: number): void {
    const fields = this.split()
    const wanted = Math.max(0, Math.min(maxFields, count))
    while (fields.length < wanted) fields.push('')
    fields.length = wanted
    this.count = wanted
    this.stale = true
  }

  get(index: number): Value {
    if (index < 0) throw new NegativeField(index)
    if (index === 0) return fromInput(this.whole())
    return this.split()[index - 1] ?? unset
  }

  set(index: number, value: Value): void {
    if (index < 0) throw new NegativeField(index)
    if (index === 0) return this.setText(toText(value, this.settings.text('CONVFMT')))
    const fields = this.split()
    if (index > maxFields) throw new NegativeField(index)
    while (fields.length < index) fields.push('')
    fields[index - 1] = value
    this.count = fields.length
    this.stale = true
  }

  whole(): string {
    if (this.stale) {
      this.text = (this.fields ?? []).map((field) => toText(field, this.settings.text('CONVFMT'))).join(this.settings.text('OFS'))
      this.stale = false
    }
    return this.text
  }

  private split(): Value[] {
    if (!this.fields) {
      this.fields = splitText(this.text, this.settings.text('FS'), this.settings, this.settings.text('RS') === '').map(fromInput)
      this.count = this.fields.length
    }
    return this.fields
  }
}

export function splitText(text: string, separator: string, settings: { regex(source: string): RegExp }, paragraph = false): string[] {
  if (separator === ' ') return text.split(/[ \t\n]+/).filter((part) => part !== '')
  if (text === '') return []
  if (separator === '') return [...text]
  if (paragraph) return text.split('\n').flatMap((line) => splitText(line, separator, settings))
  if (separator.length === 1 && separator !== '\\') return text.split(separator)
  const out: string[] = []
  let from = 0
  const regex = new RegExp(settings.regex(separator).source, 'gu')
  for (const match of text.matchAll(regex)) {
    if (match[0] === '') continue
    out.push(text.slice(from, match.index))
    from = match.index + match[0].length
  }
  out.push(text.slice(from))
  return out
}
