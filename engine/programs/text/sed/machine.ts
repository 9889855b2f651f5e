/** Runs a sed script over lines. */
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { inputLines } from '#engine/programs/common/gnu'
import { posixRegExp } from '#engine/shell/patterns/posix'
import type { Address, Command, Substitution } from '#engine/programs/text/sed/commands'

export interface SedOptions {
  readonly silent: boolean
  readonly extended: boolean
  readonly separate: boolean
  readonly nullData: boolean
  readonly lineLength: number
  readonly unbuffered: boolean
  /** Where output goes. */
  write(text: string): Promise<void>
  complain(text: string): Promise<void>
}

interface Line {
  readonly text: string
  readonly ended: boolean
}

/** Lines of several files, with one of look-ahead for `$`. */
export class LineSource {
  private iterator: AsyncIterator<string> | undefined
  private ahead: Line | undefined
  private index = 0
  failed = false

  constructor(
    private readonly process: Process,
    private readonly names: readonly string[],
    private readonly terminator: number,
    private readonly problem: (name: string, error: unknown) => Promise<void>,
  ) {}

  current = ''

  async next(): Promise<Line | undefined> {
    const line = this.ahead ?? (await this.read())
    this.ahead = undefined
    return line
  }

  async isLast(): Promise<boolean> {
    this.ahead ??= await this.read()
    return this.ahead === undefined
  }

  private async read(): Promise<Line | undefined> {
    for (;;) {
      if (!this.iterator) {
        const name = this.names[this.index++]
        if (name === undefined) return undefined
        this.current = name
        this.iterator = inputLines(this.process, name, this.terminator)[Symbol.asyncIterator]()
      }
      try {
        const next = await this.iterator.next()
        if (!next.done) {
          const ended = next.value.charCodeAt(next.value.length - 1) === this.terminator
          return { text: ended ? next.value.slice(0, -1) : next.value, ended }
        }
      } catch (error) {
        if (!isErrno(error)) throw error
        this.failed = true
        await this.problem(this.current, error)
      }
      this.iterator = undefined
    }
  }
}

interface Appended {
  readonly text?: string
  readonly file?: string
}

const maxSteps = 50_000_000

export class SedMachine {
  private space = ''
  private hold = ''
  private ended = true
  private line = 0
  private replaced = false
  private appended: Appended[] = []
  private lastRegex: RegExp | undefined
  private readonly files = new Map<string, OpenFile>()
  private readonly readers = new Map<string, string[]>()
  private steps = 0
  /** Set by q and Q. */
  exitCode: number | undefined

  constructor(
    private readonly process: Process,
    private readonly commands: readonly Command[],
    private readonly options: SedOptions,
  ) {}

  async run(source: LineSource): Promise<void> {
    let again = false
    for (;;) {
      if (!again) {
        const next = await source.next()
        if (!next) break
        this.space = next.text
        this.ended = next.ended
        this.line++
      }
      again = (await this.cycle(source)) === 'restart'
      if (this.exitCode !== undefined) break
    }
  }

  release(): void {
    for (const file of this.files.values()) file.release()
    this.files.clear()
  }

  resetLines(): void {
    this.line = 0
    for (const command of this.commands) command.active = false
  }

  private get newline(): string {
    return this.options.nullData ? '\0' : '\n'
  }

  private emit(text: string, ended = true): Promise<void> {
    return this.options.write(ended ? text + this.newline : text)
  }

  private async finishCycle(print: boolean): Promise<void> {
    if (print && !this.options.silent) await this.emit(this.space, this.ended || this.appended.length > 0)
    for (const one of this.appended) {
      if (one.text !== undefined) await this.options.write(one.text)
      else await this.options.write(this.readFile(one.file as string))
    }
    this.appended = []
  }

  private readFile(path: string): string {
    try {
      return this.process.files.readText(path)
    } catch (error) {
      if (isErrno(error)) return ''
      throw error
    }
  }

  private async cycle(source: LineSource): Promise<'done' | 'restart'> {
    this.replaced = false
    for (let i = 0; i < this.commands.length; i++) {
      const command = this.commands[i] as Command
      if (++this.steps % 2000 === 0) await this.process.compute(0.2)
      if (this.steps > maxSteps) throw new Error('sed: too many steps')
      if (!(await this.selected(command, source))) {
        if (command.name === '{') i = command.target - 1
        continue
      }
      const outcome = await this.perform(command, source)
      if (outcome === undefined) continue
      if (typeof outcome === 'number') i = outcome - 1
      else if (outcome === 'restart') {
        await this.finishCycle(false)
        return 'restart'
      } else {
        await this.finishCycle(outcome === 'print')
        return 'done'
      }
    }
    await this.finishCycle(true)
    return 'done'
  }

  private async selected(command: Command, source: LineSource): Promise<boolean> {
    const { from, to } = command
    if (!from) return !command.negated
    const matched = to ? await this.inRange(command, from, to, source) : await this.matches(from, source)
    return matched !== command.negated
  }

  private async matches(address: Address, source: LineSource): Promise<boolean> {
    switch (address.kind) {
      case 'line': return this.line === address.line
      case 'last': return source.isLast()
      case 'step': return address.step <= 0 ? this.line === address.first : this.line >= address.first && (this.line - address.first) % address.step === 0
      case 'regex': return this.regexFor(address.source, address.ignoreCase, address.multiline).test(this.space)
      default: return false
    }
  }

  private async inRange(command: Command, from: Address, to: Address, source: LineSource): Promise<boolean> {
    if (from.kind === 'zero' && this.line === 1 && !command.active) {
      command.active = !(await this.matches(to, source))
      return true
    }
    if (!command.active) {
      if (!(await this.matches(from, source))) return false
      if (to.kind === 'line') command.active = to.line > this.line
      else if (to.kind === 'plus') {
        command.endLine = this.line + to.count
        command.active = to.count > 0
      } else if (to.kind === 'multiple') {
        command.endLine = to.of <= 0 ? this.line : Math.ceil(this.line / to.of) * to.of
        command.active = command.endLine > this.line
      } else if (to.kind === 'last') command.active = !(await source.isLast())
      else command.active = true
      return true
    }
    if (to.kind === 'line') {
      if (this.line >= to.line) command.active = false
      return this.line <= to.line
    }
    if (to.kind === 'plus' || to.kind === 'multiple') {
      if (this.line >= command.endLine) command.active = false
      return this.line <= command.endLine
    }
    if (await this.matches(to, source)) command.active = false
    return true
  }

  private regexFor(source: string | undefined, ignoreCase: boolean, multiline: boolean): RegExp {
    if (source === undefined) {
      if (!this.lastRegex) throw new Error('no previous regular expression')
      return this.lastRegex
    }
    return (this.lastRegex = posixRegExp(source, { extended: this.options.extended, ignoreCase, multiline }))
  }

  /** A number: the command to go on with. `print`, `quiet`: the cycle ends. */
  private async perform(command: Command, source: LineSource): Promise<number | 'print' | 'quiet' | 'restart' | undefined> {
    switch (command.name) {
      case '{': return undefined
      case 'b': return command.target
      case 't': case 'T': {
        const go = this.replaced === (command.name === 't')
        this.replaced = false
        return go ? command.target : undefined
      }
      case 'd': return 'quiet'
      case 'D': return this.deleteFirst()
      case 'n': case 'N': return this.nextLine(command.name, source)
      case 'q': case 'Q':
        this.exitCode = command.number ?? 0
        return command.name === 'q' ? 'print' : 'quiet'
      case 'c': return this.change(command, source)
      case 's': await this.substitute(command.substitution as Substitution); return undefined
      default: await this.simple(command, source); return undefined
    }
  }

  private deleteFirst(): 'quiet' | 'restart' {
    const at = this.space.indexOf('\n')
    if (at < 0) return 'quiet'
    this.space = this.space.slice(at + 1)
    return 'restart'
  }

  private async nextLine(name: string, source: LineSource): Promise<'print' | 'quiet' | undefined> {
    if (await source.isLast()) {
      this.exitCode = 0
      return 'print'
    }
    if (name === 'n') {
      if (!this.options.silent) await this.emit(this.space)
    }
    for (const one of this.appended.splice(0)) await this.options.write(one.text ?? this.readFile(one.file as string))
    const next = (await source.next()) as Line
    this.space = name === 'n' ? next.text : `${this.space}\n${next.text}`
    this.ended = next.ended
    this.line++
    return undefined
  }

  private async change(command: Command, source: LineSource): Promise<'quiet'> {
    const last = !command.to || command.negated || !command.active || (command.to.kind === 'last' && (await source.isLast()))
    if (last) await this.options.write(command.text as string)
    return 'quiet'
  }

  private async simple(command: Command, source: LineSource): Promise<void> {
    switch (command.name) {
      case 'p': return this.emit(this.space)
      case 'P': return this.emit(this.space.split('\n')[0] as string)
      case 'a': this.appended.push({ text: command.text as string }); return
      case 'i': return this.options.write(command.text as string)
      case '=': return this.options.write(`${this.line}\n`)
      case 'l': return this.options.write(`${listed(this.space, command.number ?? this.options.lineLength)}\n`)
      case 'g': this.space = this.hold; return
      case 'G': this.space += `\n${this.hold}`; return
      case 'h': this.hold = this.space; return
      case 'H': this.hold += `\n${this.space}`; return
      case 'x': [this.space, this.hold] = [this.hold, this.space]; return
      case 'z': this.space = ''; return
      case 'F': return this.options.write(`${source.current}\n`)
      case 'y': this.space = [...this.space].map((c) => command.map?.get(c) ?? c).join(''); return
      case 'r': this.appended.push({ file: command.text as string }); return
      case 'R': return this.readOne(command.text as string)
      case 'w': return this.writeTo(command.text as string, `${this.space}\n`)
      case 'W': return this.writeTo(command.text as string, `${this.space.split('\n')[0] as string}\n`)
      case 'e': return this.executeCommand(command.text ?? '')
    }
  }

  private readOne(path: string): void {
    let lines = this.readers.get(path)
    if (!lines) this.readers.set(path, (lines = this.readFile(path).split('\n')))
    const line = lines.shift()
    if (line !== undefined && !(line === '' && lines.length === 0)) this.appended.push({ text: `${line}\n` })
  }

  private async writeTo(path: string, text: string): Promise<void> {
    if (path === '/dev/stdout') return this.options.write(text)
    if (path === '/dev/stderr') return this.process.stderr.write(encodeLossless(text))
    let file = this.files.get(path)
    if (!file) this.files.set(path, (file = this.process.files.open(path, { write: true, create: true, truncate: true }, 0o666)))
    await file.write(encodeLossless(text))
  }

  private async executeCommand(command: string): Promise<void> {
    const pipe = this.process.pipe()
    const child = this.process.spawn('/bin/sh', ['sh', '-c', command === '' ? this.space : command], { descriptors: new Map([[1, pipe.writer]]) })
    let out = ''
    for (let piece = await pipe.reader.read(); piece; piece = await pipe.reader.read()) out += new TextDecoder().decode(piece)
    pipe.reader.release()
    await child.wait()
    if (command === '') this.space = out.replace(/\n$/, '')
    else await this.options.write(out)
  }

  private async substitute(s: Substitution): Promise<void> {
    const base = this.regexFor(s.source, s.ignoreCase, s.multiline)
    const regex = new RegExp(base.source, base.flags.includes('g') ? base.flags : `${base.flags}g`)
    let count = 0
    let done = false
    let out = ''
    let at = 0
    let lastEnd = -1
    for (const match of this.space.matchAll(regex)) {
      if (match[0] === '' && match.index === lastEnd) continue
      count++
      lastEnd = match.index + match[0].length
      if (count < s.occurrence || (count > s.occurrence && !s.global)) continue
      out += this.space.slice(at, match.index) + expand(s, match)
      at = match.index + match[0].length
      done = true
      if (!s.global) break
    }
    if (!done) return
    this.space = out + this.space.slice(at)
    this.replaced = true
    if (s.evaluate) await this.executeCommand('')
    for (let i = 0; i < s.print; i++) await this.emit(this.space)
    if (s.file !== undefined) await this.writeTo(s.file, `${this.space}\n`)
  }
}

/** The replacement with its references and changes of case. */
function expand(s: Substitution, match: RegExpMatchArray): string {
  let out = ''
  let run: 'U' | 'L' | undefined
  let once: 'u' | 'l' | undefined
  const add = (text: string): void => {
    let piece = run === 'U' ? text.toUpperCase() : run === 'L' ? text.toLowerCase() : text
    if (once && piece !== '') {
      piece = (once === 'u' ? piece.charAt(0).toUpperCase() : piece.charAt(0).toLowerCase()) + piece.slice(1)
      once = undefined
    }
    out += piece
  }
  for (const part of s.replacement) {
    if ('text' in part) add(part.text)
    else if ('group' in part) add(match[part.group] ?? '')
    else if (part.change === 'E') run = undefined
    else if (part.change === 'U' || part.change === 'L') run = part.change
    else once = part.change
  }
  return out
}

const shown: Readonly<Record<string, string>> = { '\\': '\\\\', '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' }

/** The `l` command: unambiguous, folded. */
function listed(text: string, width: number): string {
  const pieces: string[] = []
  for (const c of text) {
    const known = shown[c]
    if (known !== undefined) pieces.push(known)
    else if (c >= ' ' && c <= '~') pieces.push(c)
    else for (const byte of encodeLossless(c)) pieces.push(`\\${byte.toString(8).padStart(3, '0')}`)
  }
  if (width <= 1) return `${pieces.join('')}$`
  let out = ''
  let column = 0
  for (const piece of pieces) {
    if (column + piece.length > width - 1) {
      out += '\\\n'
      column = 0
    }
    out += piece
    column += piece.length
  }
  return `${out}$`
}
