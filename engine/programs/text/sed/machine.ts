/** Runs a sed script over lines. */
import type { Process } from '#engine/linux/abi/process'
import { posixRegExp } from '#engine/shell/patterns/posix'
import { type Command, SedError, type Substitution } from '#engine/programs/text/sed/commands'
import { ScriptFiles } from '#engine/programs/text/sed/files'
import type { LineSource } from '#engine/programs/text/sed/lines'
import { listed } from '#engine/programs/text/sed/listing'
import { substituted } from '#engine/programs/text/sed/replace'
import { isSelected } from '#engine/programs/text/sed/selection'

export interface SedOptions {
  readonly silent: boolean
  readonly extended: boolean
  readonly nullData: boolean
  readonly lineLength: number
  /** Where output goes. */
  write(text: string): Promise<void>
}

/** What is written at the end of a cycle: text, or what a file holds by then. */
type Appended = { readonly text: string } | { readonly file: string }

/** A number: the command to go on with. `print`, `quiet`: the cycle ends. `restart`: it ends, and the next one reads no line. */
type Outcome = number | 'print' | 'quiet' | 'restart' | undefined | void

const maxSteps = 50_000_000

export class SedMachine {
  /** Set by q and Q. */
  exitCode: number | undefined
  private space = ''
  private hold = ''
  private ended = true
  private line = 0
  private replaced = false
  private appended: Appended[] = []
  private lastRegex: RegExp | undefined
  private readonly files: ScriptFiles
  private steps = 0

  constructor(
    private readonly process: Process,
    private readonly commands: readonly Command[],
    private readonly options: SedOptions,
  ) {
    this.files = new ScriptFiles(process, (text) => options.write(text))
  }

  async run(source: LineSource): Promise<void> {
    for (let again = false; this.exitCode === undefined; again = (await this.cycle(source)) === 'restart') {
      if (again) continue
      const next = await source.next()
      if (!next) return
      this.space = next.text
      this.ended = next.ended
      this.line++
    }
  }

  release(): void {
    this.files.release()
  }

  resetLines(): void {
    this.line = 0
    for (const command of this.commands) command.active = false
  }

  private emit(text: string, ended = true): Promise<void> {
    return this.options.write(ended ? text + (this.options.nullData ? '\0' : '\n') : text)
  }

  private async cycle(source: LineSource): Promise<Outcome> {
    this.replaced = false
    for (let i = 0; i < this.commands.length; i++) {
      const command = this.commands[i] as Command
      await this.count()
      if (!(await this.selected(command, source))) {
        if (command.name === '{') i = command.target - 1
        continue
      }
      const outcome = await this.performers[command.name]?.(command, source)
      if (typeof outcome === 'number') i = outcome - 1
      else if (outcome !== undefined) {
        await this.finishCycle(outcome === 'print')
        return outcome
      }
    }
    return this.finishCycle(true)
  }

  private async count(): Promise<void> {
    if (++this.steps % 2000 === 0) await this.process.compute(0.2)
    if (this.steps > maxSteps) throw new SedError('too many steps', 4)
  }

  private selected(command: Command, source: LineSource): Promise<boolean> {
    return isSelected(command, { line: this.line, source, matches: ({ source: pattern, ignoreCase, multiline }) => this.regexFor(pattern, ignoreCase, multiline).test(this.space) })
  }

  private async finishCycle(print: boolean): Promise<void> {
    if (print && !this.options.silent) await this.emit(this.space, this.ended || this.appended.length > 0)
    await this.writeAppended()
  }

  private async writeAppended(): Promise<void> {
    for (const one of this.appended.splice(0)) await this.options.write('text' in one ? one.text : this.files.read(one.file))
  }

  private regexFor(source: string | undefined, ignoreCase: boolean, multiline: boolean): RegExp {
    if (source !== undefined) this.lastRegex = posixRegExp(source, { extended: this.options.extended, ignoreCase, multiline: multiline && !this.options.nullData })
    if (!this.lastRegex) throw new SedError('-e expression #1, char 0: no previous regular expression')
    return this.lastRegex
  }

  /** What each command does. `{` does nothing: its block follows. */
  private readonly performers: Readonly<Record<string, (command: Command, source: LineSource) => Outcome | Promise<Outcome>>> = {
    b: ({ target }) => target,
    t: ({ target }) => this.jumpIf(this.replaced, target),
    T: ({ target }) => this.jumpIf(!this.replaced, target),
    d: () => 'quiet',
    D: () => this.deleteFirst(),
    n: (_, source) => this.nextLine(source, false),
    N: (_, source) => this.nextLine(source, true),
    q: ({ number }) => this.quit(number, 'print'),
    Q: ({ number }) => this.quit(number, 'quiet'),
    c: (command, source) => this.change(command, source),
    s: ({ substitution }) => substitution && this.substitute(substitution),
    p: () => this.emit(this.space),
    P: () => this.emit(firstLine(this.space)),
    a: ({ text = '' }) => void this.appended.push({ text }),
    i: ({ text = '' }) => this.options.write(text),
    '=': () => this.options.write(`${this.line}\n`),
    l: ({ number }) => this.options.write(`${listed(this.space, number ?? this.options.lineLength)}\n`),
    g: () => void (this.space = this.hold),
    G: () => void (this.space += `\n${this.hold}`),
    h: () => void (this.hold = this.space),
    H: () => void (this.hold += `\n${this.space}`),
    x: () => void ([this.space, this.hold] = [this.hold, this.space]),
    z: () => void (this.space = ''),
    F: (_, source) => this.options.write(`${source.current}\n`),
    y: ({ map }) => void (this.space = [...this.space].map((c) => map?.get(c) ?? c).join('')),
    r: ({ text = '' }) => void this.appended.push({ file: text }),
    R: ({ text = '' }) => this.readLine(text),
    w: ({ text = '' }) => this.files.write(text, `${this.space}\n`),
    W: ({ text = '' }) => this.files.write(text, `${firstLine(this.space)}\n`),
    e: ({ text = '' }) => this.executeCommand(text),
  }

  private jumpIf(go: boolean, target: number): Outcome {
    this.replaced = false
    return go ? target : undefined
  }

  private quit(status: number | undefined, how: 'print' | 'quiet'): Outcome {
    this.exitCode = status ?? 0
    return how
  }

  private deleteFirst(): Outcome {
    const at = this.space.indexOf('\n')
    if (at < 0) return 'quiet'
    this.space = this.space.slice(at + 1)
    return 'restart'
  }

  private async nextLine(source: LineSource, join: boolean): Promise<Outcome> {
    if (await source.isLast()) return this.quit(0, 'print')
    if (!join && !this.options.silent) await this.emit(this.space)
    await this.writeAppended()
    const next = await source.next()
    if (!next) return undefined
    this.space = join ? `${this.space}\n${next.text}` : next.text
    this.ended = next.ended
    this.line++
    return undefined
  }

  /** A range is replaced once, at its end. */
  private async change(command: Command, source: LineSource): Promise<Outcome> {
    const last = !command.to || command.negated || !command.active || (command.to.kind === 'last' && (await source.isLast()))
    if (last) await this.options.write(command.text ?? '')
    return 'quiet'
  }

  private readLine(path: string): void {
    const text = this.files.readLine(path)
    if (text !== undefined) this.appended.push({ text })
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
    const after = substituted(this.space, this.regexFor(s.source, s.ignoreCase, s.multiline), s)
    if (after === undefined) return
    this.space = after
    this.replaced = true
    if (s.evaluate) await this.executeCommand('')
    for (let i = 0; i < s.print; i++) await this.emit(this.space)
    if (s.file !== undefined) await this.files.write(s.file, `${this.space}\n`)
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
