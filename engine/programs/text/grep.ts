/** grep, egrep, fgrep, zgrep. */
import { complaintLine } from '#engine/programs/common/busybox'
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { type Program } from '#engine/linux/abi/program'
import { flag, list, option, optional, parseFlags, UsageError } from '#engine/linux/abi/flags'
import { Output, readInputText, reason } from '#engine/programs/common/gnu'
import { gunzipText } from '#engine/programs/common/gzip'
import { escapeRegExp } from '#engine/shell/patterns/classes'
import { matchesGlob } from '#engine/shell/patterns/glob'
import { PatternError, posixRegExp } from '#engine/shell/patterns/posix'
import { pcreRegExp } from '#engine/shell/patterns/pcre'

const flags = {
  extended: flag('-E', '--extended-regexp'), fixed: flag('-F', '--fixed-strings'), basic: flag('-G', '--basic-regexp'), perl: flag('-P', '--perl-regexp'), regexp: list('-e', '--regexp'), file: list('-f', '--file'), ignoreCase: flag('-i', '-y', '--ignore-case'), noIgnoreCase: flag('--no-ignore-case'),
  invert: flag('-v', '--invert-match'), word: flag('-w', '--word-regexp'), line: flag('-x', '--line-regexp'), count: flag('-c', '--count'), color: optional('--color', '--colour'), filesWithout: flag('-L', '--files-without-match'), filesWith: flag('-l', '--files-with-matches'), max: option('-m', '--max-count'),
  only: flag('-o', '--only-matching'), quiet: flag('-q', '--quiet', '--silent'), noMessages: flag('-s', '--no-messages'), byteOffset: flag('-b', '--byte-offset'), withFilename: flag('-H', '--with-filename'), noFilename: flag('-h', '--no-filename'), label: option('--label'), lineNumber: flag('-n', '--line-number'), initialTab: flag('-T', '--initial-tab'),
  nullName: flag('-Z', '--null'), after: option('-A', '--after-context'), before: option('-B', '--before-context'), context: option('-C', '--context'), separator: option('--group-separator'), noSeparator: flag('--no-group-separator'), text: flag('-a', '--text'), binaryFiles: option('--binary-files'), skipBinary: flag('-I'), devices: option('-D', '--devices'), directories: option('-d', '--directories'),
  exclude: list('--exclude'), excludeFrom: option('--exclude-from'), excludeDir: list('--exclude-dir'), include: list('--include'), recursive: flag('-r', '--recursive'), dereference: flag('-R', '--dereference-recursive'), lineBuffered: flag('--line-buffered'), nullData: flag('-z', '--null-data'), unix: flag('-U', '--binary'), version: flag('-V', '--version'),
} as const

type Options = ReturnType<typeof parseFlags<typeof flags>>['values']

class Trouble extends Error {}

function grepProgram(name: string, preset: 'basic' | 'extended' | 'fixed', zipped = false): Program {
  return {
    name,
    async run(process) {
      const called = process.argv[0]?.split('/').pop() ?? name
      const say = (text: string): Promise<void> => process.stderr.write(encodeLossless(complaintLine(process, zipped ? 'grep' : called === name && preset !== 'basic' ? 'grep' : (process.argv[0] ?? name), text)))
      try {
        const args = process.argv.slice(1).flatMap((arg) => (/^-\d+$/.test(arg) ? ['-C', arg.slice(1)] : [arg]))
        const parsed = parseFlags(flags, args, false)
        if (parsed.help || parsed.values.version) {
          await process.stdout.write(parsed.help ? `Usage: ${called} [OPTION]... PATTERNS [FILE]...\nSearch for PATTERNS in each FILE.\n` : 'grep (GNU grep) 3.8\n')
          return 0
        }
        return await new Grep(process, parsed.values, parsed.operands, preset, zipped, say).run()
      } catch (error) {
        if (error instanceof UsageError) {
          if (error instanceof MissingPattern) await process.stderr.write(`Usage: ${called} [OPTION]... PATTERNS [FILE]...\nTry '${called} --help' for more information.\n`)
          else await say(`${error.message}\nUsage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.`)
          return 2
        }
        if (error instanceof Trouble || error instanceof PatternError) {
          await say(error.message)
          return 2
        }
        throw error
      }
    },
  }
}

interface Found {
  readonly index: number
  readonly text: string
}

class Grep {
  private readonly out: Output
  private readonly regexes: readonly RegExp[]
  private readonly operands: readonly string[]
  private status = 1
  private failed = false
  private readonly named: boolean
  private readonly colored: boolean
  private readonly before: number
  private readonly after: number

  constructor(
    private readonly process: Process,
    private readonly o: Options,
    operands: readonly string[],
    preset: 'basic' | 'extended' | 'fixed',
    private readonly zipped: boolean,
    private readonly say: (text: string) => Promise<void>,
  ) {
    this.out = new Output(process)
    const rest = [...operands]
    const patterns = [...o.regexp]
    for (const file of o.file) patterns.push(...this.patternFile(file))
    if (o.regexp.length === 0 && o.file.length === 0) {
      const first = rest.shift()
      if (first === undefined) throw new MissingPattern()
      patterns.push(first)
    }
    this.operands = rest
    const kind = o.fixed ? 'fixed' : o.perl ? 'perl' : o.extended ? 'extended' : o.basic ? 'basic' : preset
    this.regexes = patterns.flatMap((pattern) => pattern.split('\n')).map((pattern) => this.compile(pattern, kind))
    this.named = o.withFilename || (!o.noFilename && (rest.length > 1 || ((o.recursive || o.dereference) && (rest.length === 0 || rest.some((path) => this.isDirectory(path))))))
    this.colored = o.color === 'always' || o.color === 'yes' || o.color === 'force' || ((o.color === 'auto' || o.color === '' || o.color === 'tty') && process.descriptor(1).kind === 'tty')
    this.before = this.number(o.before ?? o.context ?? '0')
    this.after = this.number(o.after ?? o.context ?? '0')
    if (o.max !== undefined && !/^-?\d+$/.test(o.max)) throw new Trouble('invalid max count')
  }

  private number(text: string): number {
    if (!/^\d+$/.test(text)) throw new Trouble(`${text}: invalid context length argument`)
    return Number(text)
  }

  private patternFile(path: string): string[] {
    try {
      const lines = this.process.files.readText(path).split('\n')
      if (lines[lines.length - 1] === '') lines.pop()
      return lines
    } catch (error) {
      throw new Trouble(`${path}: ${reason(error)}`)
    }
  }

  private compile(pattern: string, kind: string): RegExp {
    const ignoreCase = this.o.ignoreCase && !this.o.noIgnoreCase
    const wrap = (source: string): string => (this.o.line ? `^(?:${source})$` : this.o.word ? `(?<![\\p{L}\\p{N}_])(?:${source})(?![\\p{L}\\p{N}_])` : source)
    if (kind === 'fixed') return new RegExp(wrap(escapeRegExp(pattern)), ignoreCase ? 'giu' : 'gu')
    if (kind === 'perl') {
      const regex = pcreRegExp(pattern, ignoreCase)
      return new RegExp(wrap(regex.source), regex.flags.includes('g') ? regex.flags : `${regex.flags}g`)
    }
    const regex = posixRegExp(pattern, { extended: kind === 'extended', ignoreCase })
    return new RegExp(wrap(regex.source), `${regex.flags}g`)
  }

  private isDirectory(path: string): boolean {
    try {
      return this.process.files.exists(path)?.type === 'directory'
    } catch (error) {
      if (isErrno(error)) return false
      throw error
    }
  }

  async run(): Promise<number> {
    const recursive = this.o.recursive || this.o.dereference || this.o.directories === 'recurse'
    const names = this.operands.length > 0 ? this.operands : recursive ? [''] : ['-']
    for (const name of names) {
      if (recursive && name !== '-' && (name === '' || this.isDirectory(name))) await this.tree(name)
      else await this.file(name)
      if (this.o.quiet && this.status === 0) break
    }
    await this.out.flush()
    return this.failed && !(this.o.quiet && this.status === 0) ? 2 : this.status
  }

  private async tree(directory: string): Promise<void> {
    let entries
    try {
      entries = this.process.files.readDirectory(directory === '' ? '.' : directory)
    } catch (error) {
      return this.trouble(directory, error)
    }
    for (const { name, type } of entries) {
      if (name === '.' || name === '..') continue
      const path = directory === '' ? name : directory.endsWith('/') ? directory + name : `${directory}/${name}`
      if (type === 'directory' || (type === 'symlink' && this.o.dereference && this.isDirectory(path))) {
        if (!this.o.excludeDir.some((pattern) => matchesGlob(pattern.replace(/\/$/, ''), name))) await this.tree(path)
      } else if (type === 'file' || (type === 'symlink' && this.o.dereference)) {
        if (this.wanted(name)) await this.file(path)
      }
    }
  }

  private wanted(name: string): boolean {
    const { include, exclude } = this.o
    if (exclude.some((pattern) => matchesGlob(pattern, name))) return false
    return include.length === 0 || include.some((pattern) => matchesGlob(pattern, name))
  }

  private async trouble(name: string, error: unknown): Promise<void> {
    await this.out.flush()
    const message = reason(error)
    this.failed = true
    if (!this.o.noMessages) await this.say(`${name}: ${message}`)
  }

  private async file(name: string): Promise<void> {
    if (this.o.directories === 'skip' && name !== '-' && this.isDirectory(name)) return
    let text: string
    try {
      if (name !== '-' && this.isDirectory(name)) {
        await this.out.flush()
        if (!this.o.noMessages) await this.say(`${name}: Is a directory`)
        this.failed = true
        return
      }
      text = this.zipped && name !== '-' ? gunzipText(this.process.files.readFile(name)) : await this.streamOrText(name)
    } catch (error) {
      return this.trouble(name, error)
    }
    if (text !== streamed) await this.search(name === '-' ? (this.o.label ?? '(standard input)') : name, text)
  }

  /** Plain searching of a pipe goes line by line, as it comes (`kubectl logs -f | grep x`). */
  private async streamOrText(name: string): Promise<string> {
    const file = name === '-' ? this.process.descriptor(0) : undefined
    const simple = !(this.o.count || this.o.filesWith || this.o.filesWithout || this.before > 0 || this.after > 0 || this.o.nullData || this.o.byteOffset)
    if (!file || file.kind === 'file' || !simple) return readInputText(this.process, name)
    await this.stream(this.o.label ?? '(standard input)')
    return streamed
  }

  private async stream(name: string): Promise<void> {
    const limit = this.o.max === undefined ? Infinity : Number(this.o.max)
    let number = 0
    let found = 0
    let rest = ''
    const reader = this.process.stdin
    const decoder = new TextDecoder()
    for (let more = true; more; ) {
      if (found >= limit) return
      const piece = await reader.read()
      more = piece !== null
      rest += piece === null ? '' : decoder.decode(piece, { stream: true })
      const lines = rest.split('\n')
      rest = more ? (lines.pop() as string) : ''
      if (!more && lines[lines.length - 1] === '') lines.pop()
      for (const line of lines) {
        number++
        const match = this.match(line)
        if ((match.length > 0) === this.o.invert) continue
        this.status = 0
        if (this.o.quiet) return
        await this.show(name, line, number, 0, match, ':')
        if (++found >= limit) break
      }
      await this.out.flush()
    }
  }

  private match(line: string): Found[] {
    const found: Found[] = []
    for (const regex of this.regexes) {
      regex.lastIndex = 0
      const first = regex.exec(line)
      if (!first) continue
      if (!this.o.only && !this.colored) return [{ index: first.index, text: first[0] }]
      for (let match: RegExpExecArray | null = first; match; match = regex.exec(line)) {
        found.push({ index: match.index, text: match[0] })
        if (match[0] === '') regex.lastIndex++
      }
    }
    if (this.regexes.length > 1) return withoutOverlap(found)
    return found
  }

  private async search(name: string, text: string): Promise<void> {
    const { o } = this
    const terminator = o.nullData ? '\0' : '\n'
    const binary = !o.text && o.binaryFiles !== 'text' && !o.nullData && (text.includes('\0') || /[\udc80-\udcff]/.test(text))
    if (binary && (o.skipBinary || o.binaryFiles === 'without-match')) return
    const lines = text.split(terminator)
    if (lines[lines.length - 1] === '') lines.pop()
    const limit = o.max === undefined || Number(o.max) < 0 ? Infinity : Number(o.max)
    let count = 0
    let lastShown = -1
    let pendingAfter = 0
    let offset = 0
    const offsets: number[] = []
    const quietly = o.count || o.filesWith || o.filesWithout || o.quiet
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i] as string
      offsets.push(offset)
      if (o.byteOffset) offset += encodeLossless(line).length + 1
      const match = count < limit ? this.match(line) : []
      if (count < limit && match.length > 0 !== o.invert) {
        count++
        if (quietly) {
          if (!o.count) break
          continue
        }
        if (binary) {
          this.status = 0
          await this.out.flush()
          await this.say(`${name}: binary file matches`)
          return
        }
        lastShown = await this.context(name, lines, offsets, i, lastShown)
        await this.show(name, line, i + 1, offsets[i] as number, match, ':')
        lastShown = i
        pendingAfter = this.after
      } else if (count >= limit && pendingAfter <= 0) break
      else if (pendingAfter > 0 && !quietly) {
        await this.show(name, line, i + 1, offsets[i] as number, [], '-')
        lastShown = i
        pendingAfter--
      }
    }
    await this.summary(name, count)
  }

  /** Lines before a match, and the separator between groups. Returns the last line shown. */
  private async context(name: string, lines: readonly string[], offsets: readonly number[], at: number, lastShown: number): Promise<number> {
    const from = Math.max(lastShown + 1, at - this.before)
    if ((this.before > 0 || this.after > 0 || this.o.after !== undefined || this.o.before !== undefined || this.o.context !== undefined) && lastShown >= 0 && from > lastShown + 1 && !this.o.noSeparator) await this.out.write(`${this.paint('36', this.o.separator ?? '--')}\n`)
    for (let i = from; i < at; i++) await this.show(name, lines[i] as string, i + 1, offsets[i] as number, [], '-')
    return at
  }

  private async summary(name: string, count: number): Promise<void> {
    const { o } = this
    if (count > 0) this.status = o.filesWithout ? this.status : 0
    if (o.quiet) return
    const end = o.nullName ? '\0' : '\n'
    if (o.filesWith && count > 0) await this.out.write(`${this.paint('35', name)}${end}`)
    else if (o.filesWithout && count === 0) {
      this.status = 0
      await this.out.write(`${this.paint('35', name)}${end}`)
    } else if (o.count && !o.filesWith && !o.filesWithout) await this.out.write(`${this.named ? `${this.paint('35', name)}${o.nullName ? '\0' : this.paint('36', ':')}` : ''}${count}\n`)
  }

  private paint(color: string, text: string): string {
    if (!this.colored) return text
    return `\x1b[${color}m\x1b[K${text}\x1b[m\x1b[K`
  }

  private head(name: string, number: number, offset: number, mark: string): string {
    const { o } = this
    const separator = this.paint('36', mark)
    let out = ''
    if (this.named) out += this.paint('35', name) + (o.nullName ? '\0' : separator)
    if (o.lineNumber) out += this.paint('32', o.initialTab ? String(number).padStart(4) : String(number)) + separator
    if (o.byteOffset) out += this.paint('32', o.initialTab ? String(offset).padStart(6) : String(offset)) + separator
    return o.initialTab && out !== '' ? `${out}\t` : out
  }

  private async show(name: string, line: string, number: number, offset: number, match: readonly Found[], mark: string): Promise<void> {
    const end = this.o.nullData ? '\0' : '\n'
    if (this.o.only) {
      if (mark === '-' || this.o.invert) return
      for (const one of match) if (one.text !== '') await this.out.write(`${this.head(name, number, offset + encodeLossless(line.slice(0, one.index)).length, mark)}${this.paint('01;31', one.text)}${end}`)
      return
    }
    let body = line
    if (this.colored && !this.o.invert && match.length > 0) {
      body = ''
      let at = 0
      for (const one of match) {
        if (one.text === '') continue
        body += line.slice(at, one.index) + this.paint('01;31', one.text)
        at = one.index + one.text.length
      }
      body += line.slice(at)
    }
    await this.out.write(this.head(name, number, offset, mark) + body + end)
  }
}

const streamed = '\0streamed'

class MissingPattern extends UsageError {
  constructor() {
    super('')
  }
}

function withoutOverlap(found: Found[]): Found[] {
  const sorted = found.sort((a, b) => a.index - b.index || b.text.length - a.text.length)
  const out: Found[] = []
  let end = -1
  for (const one of sorted) {
    if (one.index < end) continue
    out.push(one)
    end = one.index + one.text.length
  }
  return out
}

export const grepPrograms: readonly Program[] = [grepProgram('grep', 'basic'), grepProgram('egrep', 'extended'), grepProgram('fgrep', 'fixed'), grepProgram('zgrep', 'basic', true)]
