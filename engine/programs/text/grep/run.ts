/** grep over files, trees and pipes. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { readInputText, reason } from '#engine/programs/common/gnu'
import { gunzipText } from '#engine/base/archive/gzip'
import { matchesGlob } from '#engine/shell/patterns/glob'
import { LinePrinter } from '#engine/programs/text/grep/lines'
import { Matcher } from '#engine/programs/text/grep/matcher'
import type { Options, Request } from '#engine/programs/text/grep/options'
import { type Searching, searchText } from '#engine/programs/text/grep/search'

export class GrepRun implements Searching {
  readonly matcher: Matcher
  readonly printer: LinePrinter
  private status = 1
  private failed = false

  constructor(
    private readonly process: Process,
    readonly o: Options,
    readonly request: Request,
    private readonly zipped: boolean,
    private readonly say: (text: string) => Promise<void>,
  ) {
    this.printer = new LinePrinter(process, o, this.names())
    this.matcher = new Matcher(request.patterns, request.kind, o, o.only || this.printer.colored)
  }

  private names(): boolean {
    const { files, recursive } = this.request
    if (this.o.withFilename) return true
    return !this.o.noFilename && (files.length > 1 || (recursive && (files.length === 0 || files.some((path) => this.isDirectory(path)))))
  }

  async run(): Promise<number> {
    const { files, recursive } = this.request
    for (const warning of this.matcher.warnings) await this.say(warning)
    for (const name of files.length > 0 ? files : [recursive ? '' : '-']) {
      await this.operand(name, recursive)
      if (this.o.quiet && this.status === 0) break
    }
    await this.printer.flush()
    return this.failed && !(this.o.quiet && this.status === 0) ? 2 : this.status
  }

  private async operand(name: string, recursive: boolean): Promise<void> {
    if (name === '-') return this.file(name)
    if (recursive && (name === '' || this.isDirectory(name))) return this.tree(name)
    if (this.wanted(name.split('/').pop() ?? name)) await this.file(name)
  }

  async sayBinary(name: string): Promise<void> {
    await this.printer.flush()
    await this.say(`${name}: binary file matches`)
  }

  private isDirectory(path: string): boolean {
    try {
      return this.process.files.exists(path)?.type === 'directory'
    } catch (error) {
      if (isErrno(error)) return false
      throw error
    }
  }

  private async tree(directory: string): Promise<void> {
    let entries
    try {
      entries = this.process.files.readDirectory(directory === '' ? '.' : directory)
    } catch (error) {
      return this.trouble(directory, reason(error))
    }
    for (const { name, type } of entries) {
      if (name === '.' || name === '..') continue
      const path = directory === '' ? name : `${directory.replace(/\/$/, '')}/${name}`
      await this.entry(path, name, type)
    }
  }

  /** Links are followed with -R only. */
  private async entry(path: string, name: string, type: string): Promise<void> {
    const link = type === 'symlink'
    if (link && !this.o.dereference) return
    if (type === 'directory' || (link && this.isDirectory(path))) {
      if (!this.o.excludeDir.some((pattern) => matchesGlob(pattern.replace(/\/$/, ''), name))) await this.tree(path)
    } else if ((type === 'file' || link) && this.wanted(name)) await this.file(path)
  }

  private wanted(name: string): boolean {
    const { include, exclude } = this.o
    if (exclude.some((pattern) => matchesGlob(pattern, name))) return false
    return include.length === 0 || include.some((pattern) => matchesGlob(pattern, name))
  }

  private async trouble(name: string, message: string): Promise<void> {
    await this.printer.flush()
    this.failed = true
    if (!this.o.noMessages) await this.say(`${name}: ${message}`)
  }

  private async file(name: string): Promise<void> {
    if (name !== '-' && this.isDirectory(name)) return this.directory(name)
    const shown = name === '-' ? (this.o.label ?? '(standard input)') : name
    try {
      if (name === '-' && this.streams()) return await this.stream(shown)
      const text = this.zipped && name !== '-' ? gunzipText(this.process.files.readFile(name)) : await readInputText(this.process, name)
      await this.summary(shown, await searchText(this, shown, text))
    } catch (error) {
      await this.trouble(name, reason(error))
    }
  }

  /** It cannot be read, so nothing in it matches. */
  private async directory(name: string): Promise<void> {
    if (this.o.directories === 'skip') return
    await this.trouble(name, 'Is a directory')
    if (this.o.filesWithout && !this.o.quiet) await this.printer.name(name)
  }

  /** Plain searching of a pipe goes line by line, as it comes (`kubectl logs -f | grep x`). */
  private streams(): boolean {
    const { o, request } = this
    const simple = !(o.count || o.filesWith || o.filesWithout || o.nullData || o.byteOffset || request.before > 0 || request.after > 0)
    return simple && this.process.descriptor(0).kind !== 'file'
  }

  private async stream(name: string): Promise<void> {
    const reader = this.process.stdin
    const decoder = new TextDecoder()
    let [number, found, rest] = [0, 0, '']
    for (let more = true; more && found < this.request.most; ) {
      const piece = await reader.read()
      more = piece !== null
      const lines = (rest + (piece === null ? '' : decoder.decode(piece, { stream: true }))).split('\n')
      rest = lines.pop() ?? ''
      if (!more && rest !== '') lines.push(rest)
      for (const text of lines) {
        if (found >= this.request.most || !(await this.streamLine(name, text, ++number))) continue
        if (this.o.quiet) return
        found++
      }
      await this.printer.flush()
    }
  }

  private async streamLine(name: string, text: string, number: number): Promise<boolean> {
    const found = this.matcher.matches(text)
    if (found.length > 0 === this.o.invert) return false
    this.status = 0
    if (!this.o.quiet) await this.printer.show({ name, text, number, offset: 0 }, found, ':')
    return true
  }

  private async summary(name: string, count: number | undefined): Promise<void> {
    const { o } = this
    if (count === undefined) return
    if (o.filesWithout ? count === 0 : count > 0) this.status = 0
    if (o.quiet) return
    if (o.filesWith || o.filesWithout) {
      if (o.filesWith ? count > 0 : count === 0) await this.printer.name(name)
    } else if (o.count) await this.printer.count(name, count)
  }
}

