/** GNU sed's scripts, and its words about mistakes: `-e expression #1, char 5: ...`. */
import { countGroups, PatternError, posixRegExp } from '#engine/shell/patterns/posix'
import { type Address, type Command, type ReplacementPart, SedError, type Substitution } from '#engine/programs/text/sed/commands'

export interface ScriptPart {
  readonly text: string
  /** `-e expression #1` or `file script.sed`. */
  readonly where: string
}

export function parseSed(parts: readonly ScriptPart[], extended: boolean): { commands: Command[]; silent: boolean } {
  const parser = new Parser(extended)
  for (const part of parts) parser.part(part)
  return parser.finish(parts[0]?.text.startsWith('#n\n') || parts[0]?.text === '#n' ? true : false)
}

type Draft = { -readonly [K in keyof Command]: Command[K] }

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\x07' }

class Parser {
  private text = ''
  private where = ''
  private at = 0
  private readonly commands: Draft[] = []
  private readonly labels = new Map<string, number>()
  private readonly jumps: { index: number; label: string }[] = []
  private readonly blocks: { index: number; where: string }[] = []
  private pendingText: Draft | undefined

  constructor(private readonly extended: boolean) {}

  part(part: ScriptPart): void {
    this.where = part.where
    if (this.pendingText) {
      const command = this.pendingText
      this.pendingText = undefined
      this.text = part.text
      this.at = 0
      Object.assign(command, { text: this.lineText() })
    } else {
      this.text = part.text
      this.at = 0
    }
    for (;;) {
      while (/[\s;]/.test(this.text[this.at] ?? 'x')) this.at++
      if (this.at >= this.text.length) return
      this.command()
    }
  }

  finish(silent: boolean): { commands: Command[]; silent: boolean } {
    if (this.pendingText) this.fail("expected \\ after `a', `c' or `i'")
    const open = this.blocks.pop()
    if (open) throw new SedError(`${open.where}, char 0: unmatched \`{'`)
    for (const { index, label } of this.jumps) {
      const target = label === '' ? this.commands.length : this.labels.get(label)
      if (target === undefined) throw new SedError(`-e expression #1, char ${this.text.length}: can't find label for jump to \`${label}'`.replace(/^.*?: /, ''), 4)
      ;(this.commands[index] as Draft).target = target
    }
    return { commands: this.commands, silent }
  }

  private fail(message: string, at = this.at): never {
    throw new SedError(`${this.where}, char ${at}: ${message}`)
  }

  private blanks(): void {
    while (/[ \t]/.test(this.text[this.at] ?? 'x')) this.at++
  }

  private command(): void {
    if (this.text[this.at] === '#') {
      const end = this.text.indexOf('\n', this.at)
      this.at = end < 0 ? this.text.length : end
      return
    }
    const from = this.address(false)
    let to: Address | undefined
    this.blanks()
    if (from && this.text[this.at] === ',') {
      this.at++
      this.blanks()
      to = this.address(true)
      if (!to) this.fail("unexpected `,'", Math.min(this.at + 1, this.text.length))
    }
    if (from?.kind === 'zero' && to?.kind !== 'regex') this.fail('invalid usage of line address 0', this.at + 1)
    this.blanks()
    let negated = false
    while (this.text[this.at] === '!') {
      if (negated) this.fail("multiple `!'s", this.at + 1)
      negated = true
      this.at++
      this.blanks()
    }
    const name = this.text[this.at]
    if (name === undefined) this.fail('missing command')
    this.at++
    const draft: Draft = { name, from, to, negated, target: 0, active: false, endLine: 0 }
    this.body(draft)
  }

  private address(second: boolean): Address | undefined {
    const { text } = this
    const number = /^\d+/.exec(text.slice(this.at))?.[0]
    if (number !== undefined) {
      this.at += number.length
      const step = /^~(\d+)/.exec(text.slice(this.at))
      if (step && !second) {
        this.at += step[0].length
        return { kind: 'step', first: Number(number), step: Number(step[1]) }
      }
      return Number(number) === 0 && !second ? { kind: 'zero' } : { kind: 'line', line: Number(number) }
    }
    const c = text[this.at]
    if (c === '$') {
      this.at++
      return { kind: 'last' }
    }
    const relative = second ? /^([+~])(\d+)/.exec(text.slice(this.at)) : null
    if (relative) {
      this.at += relative[0].length
      return relative[1] === '+' ? { kind: 'plus', count: Number(relative[2]) } : { kind: 'multiple', of: Number(relative[2]) }
    }
    if (c !== '/' && c !== '\\') return undefined
    if (c === '\\') this.at++
    const delimiter = text[this.at] as string
    this.at++
    const source = this.delimited(delimiter, true)
    if (source === undefined) this.fail('unterminated address regex', this.text.length)
    let ignoreCase = false
    let multiline = false
    for (; /[IM]/.test(this.text[this.at] ?? 'x'); this.at++) {
      if (this.text[this.at] === 'I') ignoreCase = true
      else multiline = true
    }
    this.checkRegex(source, ignoreCase)
    return { kind: 'regex', source: source === '' ? undefined : source, ignoreCase, multiline }
  }

  private checkRegex(source: string, ignoreCase: boolean): void {
    try {
      if (source !== '') posixRegExp(source, { extended: this.extended, ignoreCase })
    } catch (error) {
      if (error instanceof PatternError) this.fail(error.message)
      throw error
    }
  }

  /** Up to the delimiter, which is passed; undefined where there is none. `\n` stays, `\DELIMITER` is the character. */
  private delimited(delimiter: string, regex: boolean): string | undefined {
    let out = ''
    let bracket = false
    for (let i = this.at; i < this.text.length; i++) {
      const c = this.text[i] as string
      if (c === '\\' && i + 1 < this.text.length) {
        const next = this.text[++i] as string
        if (next === delimiter) out += regex && /[.*[\]^$+?(){}|]/.test(delimiter) && delimiter !== '/' ? delimiter : delimiter === '/' || !regex ? next : delimiter
        else if (next === '\n') out += regex ? '\n' : '\\\n'
        else out += `\\${next}`
        continue
      }
      if (regex && c === '[' && !bracket) {
        bracket = true
        out += c
        if (this.text[i + 1] === '^') out += this.text[++i]
        if (this.text[i + 1] === ']') out += this.text[++i]
        continue
      }
      if (bracket && c === ']') bracket = false
      if (c === delimiter && !(bracket && regex)) {
        this.at = i + 1
        return out
      }
      if (c === '\n' && regex) return undefined
      out += c
    }
    return undefined
  }

  private push(draft: Draft): void {
    if (this.commands.length > 10000) this.fail('too many commands')
    this.commands.push(draft)
  }

  private body(draft: Draft): void {
    const { name } = draft
    if (name === '{') {
      this.blocks.push({ index: this.commands.length, where: this.where })
      return this.push(draft)
    }
    if (name === '}') return this.closeBlock(draft)
    if (name === ':') return this.label(draft)
    if ('btT'.includes(name)) return this.jump(draft)
    if ('aic'.includes(name)) return this.textCommand(draft)
    if (name === 's') return this.substitute(draft)
    if (name === 'y') return this.transliterate(draft)
    if ('rRwW'.includes(name)) return this.fileCommand(draft)
    if ('qQlL'.includes(name)) {
      this.blanks()
      const number = /^\d+/.exec(this.text.slice(this.at))?.[0]
      this.at += number?.length ?? 0
      this.push({ ...draft, number: number === undefined ? undefined : Number(number) })
      if (draft.to && (name === 'q' || name === 'Q')) this.fail('command only uses one address')
      return this.end()
    }
    if (name === 'e') {
      const end = this.text.indexOf('\n', this.at)
      this.push({ ...draft, text: this.text.slice(this.at, end < 0 ? undefined : end).trim() })
      this.at = end < 0 ? this.text.length : end
      return
    }
    if (!'=dDgGhHnNpPxzF'.includes(name)) this.fail(`unknown command: \`${name}'`)
    this.push(draft)
    this.end()
  }

  /** What may follow a command: a separator, `}` or a comment. */
  private end(): void {
    this.blanks()
    const c = this.text[this.at]
    if (c === undefined || c === ';' || c === '\n' || c === '}' || c === '#') {
      if (c === ';' || c === '\n') this.at++
      return
    }
    this.fail('extra characters after command', this.at + 1)
  }

  private closeBlock(draft: Draft): void {
    if (draft.from) this.fail("} doesn't want any addresses")
    const open = this.blocks.pop()
    if (!open) this.fail("unexpected `}'")
    ;(this.commands[open.index] as Draft).target = this.commands.length
    this.end()
  }

  private label(draft: Draft): void {
    if (draft.from) this.fail(': doesn\'t want any addresses')
    const match = /^[ \t]*([^\n;]*)/.exec(this.text.slice(this.at)) as RegExpExecArray
    const label = (match[1] as string).trim()
    if (label === '') this.fail('":" lacks a label')
    this.at += match[0].length
    this.labels.set(label, this.commands.length)
  }

  private jump(draft: Draft): void {
    const match = /^[ \t]*([^\n;}]*)/.exec(this.text.slice(this.at)) as RegExpExecArray
    this.at += match[0].length
    this.jumps.push({ index: this.commands.length, label: (match[1] as string).trim() })
    this.push(draft)
  }

  private textCommand(draft: Draft): void {
    this.blanks()
    if (this.at >= this.text.length) this.fail("expected \\ after `a', `c' or `i'")
    if (this.text[this.at] === '\\') {
      this.at++
      const space = /^[ \t]*/.exec(this.text.slice(this.at))?.[0] ?? ''
      if (this.text[this.at + space.length] === '\n') this.at += space.length + 1
      else if (this.at >= this.text.length) {
        this.push(draft)
        this.pendingText = this.commands[this.commands.length - 1]
        return
      }
    }
    this.push({ ...draft, text: this.lineText() })
  }

  /** Lines up to one that does not end in a backslash. */
  private lineText(): string {
    let out = ''
    for (; this.at < this.text.length; this.at++) {
      const c = this.text[this.at] as string
      if (c === '\\' && this.at + 1 < this.text.length) {
        const next = this.text[++this.at] as string
        out += out === '' ? next : (escapes[next] ?? next)
      } else if (c === '\n') {
        this.at++
        break
      } else out += c
    }
    return `${out}\n`
  }

  private fileCommand(draft: Draft): void {
    this.blanks()
    const end = this.text.indexOf('\n', this.at)
    const file = this.text.slice(this.at, end < 0 ? undefined : end)
    if (file === '') this.fail('missing filename in r/R/w/W commands')
    this.at = end < 0 ? this.text.length : end + 1
    this.push({ ...draft, text: file })
  }

  private transliterate(draft: Draft): void {
    const delimiter = this.text[this.at++] ?? ''
    const from = this.delimited(delimiter, false)
    const to = from === undefined ? undefined : this.delimited(delimiter, false)
    if (from === undefined || to === undefined) this.fail("unterminated `y' command", this.text.length)
    const characters = (text: string): string[] => [...text.replace(/\\([\\n])/g, (_, c: string) => (c === 'n' ? '\n' : '\\'))]
    const [a, b] = [characters(from), characters(to)]
    if (a.length !== b.length) this.fail("strings for `y' command are different lengths")
    this.push({ ...draft, map: new Map(a.map((c, index) => [c, b[index] as string])) })
    this.end()
  }

  private substitute(draft: Draft): void {
    const delimiter = this.text[this.at++]
    if (delimiter === undefined || delimiter === '\n' || delimiter === '\\') this.fail("unterminated `s' command", this.text.length)
    const source = this.delimited(delimiter, true)
    const replacement = source === undefined ? undefined : this.delimited(delimiter, false)
    if (source === undefined || replacement === undefined) this.fail("unterminated `s' command", this.text.length)
    const flags = this.flags()
    this.checkRegex(source, flags.ignoreCase)
    const parts = replacementParts(replacement)
    const highest = Math.max(0, ...parts.map((part) => ('group' in part ? part.group : 0)))
    if (source !== '' && highest > countGroups(source, this.extended)) this.fail(`invalid reference \\${highest} on \`s' command's RHS`)
    this.push({ ...draft, substitution: { source: source === '' ? undefined : source, replacement: parts, ...flags } })
  }

  private flags(): Omit<Substitution, 'source' | 'replacement'> {
    let ignoreCase = false
    let multiline = false
    let global = false
    let occurrence = 1
    let print = 0
    let evaluate = false
    for (;;) {
      const c = this.text[this.at]
      const number = /^\d+/.exec(this.text.slice(this.at))?.[0]
      if (number !== undefined) {
        if (Number(number) === 0) this.fail("number option to `s' command may not be zero", this.at + 1)
        occurrence = Number(number)
        this.at += number.length
        continue
      }
      if (c === 'g') {
        if (global) this.fail("multiple `g' options to `s' command", this.at + 1)
        global = true
      }
      else if (c === 'p') print++
      else if (c === 'i' || c === 'I') ignoreCase = true
      else if (c === 'm' || c === 'M') multiline = true
      else if (c === 'e') evaluate = true
      else if (c === 'w') {
        this.at++
        this.blanks()
        const end = this.text.indexOf('\n', this.at)
        const file = this.text.slice(this.at, end < 0 ? undefined : end)
        this.at = end < 0 ? this.text.length : end + 1
        return { ignoreCase, multiline, global, occurrence, print, evaluate, file }
      } else if (c === undefined || c === '\n' || c === ';' || c === '}' || c === '#' || c === ' ' || c === '\t') {
        this.blanks()
        const next = this.text[this.at]
        if (next !== undefined && !';\n}#'.includes(next)) this.fail("unknown option to `s'", this.at + 1)
        if (next === ';' || next === '\n') this.at++
        return { ignoreCase, multiline, global, occurrence, print, evaluate, file: undefined }
      } else this.fail("unknown option to `s'", this.at + 1)
      this.at++
    }
  }
}

function replacementParts(text: string): ReplacementPart[] {
  const out: ReplacementPart[] = []
  let plain = ''
  const flush = (part: ReplacementPart): void => {
    if (plain !== '') out.push({ text: plain })
    plain = ''
    out.push(part)
  }
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    if (c === '&') flush({ group: 0 })
    else if (c === '\\' && i + 1 < text.length) {
      const next = text[++i] as string
      if (/\d/.test(next)) flush({ group: Number(next) })
      else if ('ULulE'.includes(next)) flush({ change: next as 'U' })
      else plain += escapes[next] ?? next
    } else plain += c
  }
  if (plain !== '') out.push({ text: plain })
  return out
}
