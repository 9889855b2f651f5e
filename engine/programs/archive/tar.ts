/** GNU tar 1.34. Compression by gzip; bzip2 and xz are missing. */
import { concatBytes } from '#engine/base/bytes'
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { flag, list, option, parseFlags, UsageError } from '#engine/linux/abi/flags'
import { readInput, reason } from '#engine/programs/common/gnu'
import { gunzip, gzip, isGzip } from '#engine/base/archive/gzip'
import { Fatal } from '#engine/programs/archive/tar-fatal'
import { Extractor } from '#engine/programs/archive/tar-extract'
import { Gatherer } from '#engine/programs/archive/tar-gather'
import { shownEntry } from '#engine/programs/archive/tar-list'
import { encodeEntry, readEntries, type TarEntry, TarProblem, trailer } from '#engine/programs/archive/ustar'
import { matchesGlob } from '#engine/shell/patterns/glob'

export const tarFlags = {
  create: flag('-c', '--create'), extract: flag('-x', '--extract', '--get'), table: flag('-t', '--list'), append: flag('-r', '--append'), update: flag('-u', '--update'), compare: flag('-d', '--diff', '--compare'), concatenate: flag('-A', '--catenate', '--concatenate'), delete: flag('--delete'),
  file: option('-f', '--file'), verbose: flag('-v', '--verbose'), gzip: flag('-z', '--gzip', '--gunzip', '--ungzip'), bzip2: flag('-j', '--bzip2'), xz: flag('-J', '--xz'), zstd: flag('--zstd'), auto: flag('-a', '--auto-compress'), directory: list('-C', '--directory'), preserve: flag('-p', '--preserve-permissions', '--same-permissions'),
  absolute: flag('-P', '--absolute-names'), dereference: flag('-h', '--dereference'), exclude: list('--exclude'), excludeFrom: option('-X', '--exclude-from'), excludeVcs: flag('--exclude-vcs'), strip: option('--strip-components'), stdout: flag('-O', '--to-stdout'), keep: flag('-k', '--keep-old-files'), skipOld: flag('--skip-old-files'), overwrite: flag('--overwrite'), touch: flag('-m', '--touch'),
  transform: list('--transform', '--xform'), wildcards: flag('--wildcards'), noWildcards: flag('--no-wildcards'), filesFrom: option('-T', '--files-from'), owner: option('--owner'), group: option('--group'), mode: option('--mode'), numericOwner: flag('--numeric-owner'), sameOwner: flag('--same-owner'), noSameOwner: flag('--no-same-owner'), noSamePermissions: flag('--no-same-permissions'), noRecursion: flag('--no-recursion'), sort: option('--sort'), mtime: option('--mtime'), removeFiles: flag('--remove-files'), format: option('-H', '--format'), oneFileSystem: flag('--one-file-system'), showTransformed: flag('--show-transformed-names'), ignoreFailedRead: flag('--ignore-failed-read'), warning: option('--warning'), blockingFactor: option('-b', '--blocking-factor'), totals: flag('--totals'), null: flag('--null'), fullTime: flag('--full-time'), selinux: flag('--selinux'), acls: flag('--acls'), xattrs: flag('--xattrs'), sparse: flag('-S', '--sparse'), version: flag('--version'), anchored: flag('--anchored', '--no-anchored'), restrict: flag('--restrict', '--no-same-order', '--ignore-case', '--no-ignore-case', '--wildcards-match-slash', '--no-wildcards-match-slash'), verify: flag('-W', '--verify'), interactive: flag('-w', '--interactive'),
} as const

export type TarOptions = ReturnType<typeof parseFlags<typeof tarFlags>>['values']

interface Archive {
  readonly bytes: Uint8Array
  readonly zipped: boolean
  /** It was not there: what is appended makes it. */
  readonly fresh: boolean
}

/** `tar xvf` without a name. */
class OldOption extends Error {
  constructor(letter: string) {
    super(`Old option '${letter}' requires an argument.`)
  }
}

const tryHelp = "Try 'tar --help' or 'tar --usage' for more information."

export const tar: Program = {
  name: 'tar',
  unsupported: 'bzip2, xz and zstd compression; incremental archives',
  async run(process) {
    const run = new Tar(process)
    try {
      return await run.run()
    } catch (error) {
      if (error instanceof UsageError) {
        await run.say(`${error.message}\n${tryHelp}`)
        return 64
      }
      if (error instanceof OldOption) {
        await run.say(`${error.message}\n${tryHelp}`)
        return 2
      }
      if (!(error instanceof Fatal)) throw error
      await run.say(`${error.message}\ntar: Error is not recoverable: exiting now`)
      return 2
    }
  },
}

/** `tar xzf a.tgz`: the first argument may be letters without a dash; those with values take the arguments that follow. */
function oldStyle(args: readonly string[]): string[] {
  const first = args[0]
  if (first === undefined || first.startsWith('-') || !/^[A-Za-z]+$/.test(first)) return [...args]
  const rest = args.slice(1)
  const out: string[] = []
  for (const letter of first) {
    if ('fCTXbHK'.includes(letter) && rest.length === 0) throw new OldOption(letter)
    out.push(`-${letter}`, ...('fCTXbHK'.includes(letter) ? rest.splice(0, 1) : []))
  }
  return [...out, ...rest]
}

/** Options whose value is the next argument. */
const takesValue = /^(?:-[A-Za-z]*[fTXbH]|--(?:file|exclude|transform|xform|files-from|exclude-from|owner|group|mode|mtime|strip-components|sort|format))$/

class Tar {
  private o!: TarOptions
  private failed = false
  private usage = false

  constructor(private readonly process: Process) {}

  say(text: string): Promise<void> {
    return this.process.stderr.write(encodeLossless(`tar: ${text}\n`))
  }

  private async problem(text: string): Promise<void> {
    this.failed = true
    await this.say(text)
  }

  async run(): Promise<number> {
    const args = oldStyle(this.process.argv.slice(1))
    const parsed = parseFlags(tarFlags, args, false)
    this.o = parsed.values
    const { o } = this
    if (parsed.help || o.version) {
      await this.process.stdout.write(o.version ? 'tar (GNU tar) 1.34\n' : 'Usage: tar [OPTION...] [FILE]...\n')
      return 0
    }
    const modes = [o.create, o.extract, o.table, o.append, o.update, o.compare, o.concatenate, o.delete].filter(Boolean).length
    if (modes !== 1) {
      await this.say(`${modes === 0 ? "You must specify one of the '-Acdtrux', '--delete' or '--test-label' options" : "You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option"}\n${tryHelp}`)
      return 2
    }
    for (const [on, name] of [[o.bzip2, 'bzip2'], [o.xz, 'xz'], [o.zstd, 'zstd']] as const) if (on) throw new Fatal(`${name}: compression by this program is not supported`)
    const operands = this.operands(args, parsed.operands)
    await this.dispatch(operands)
    if (this.usage) return 2
    if (this.failed) {
      await this.say('Exiting with failure status due to previous errors')
      return 2
    }
    return this.differs ? 1 : 0
  }

  private differs = false

  /** Operands with the directory each is read from: `-C` holds for those after it. */
  private operands(args: readonly string[], operands: readonly string[]): { name: string; directory: string }[] {
    const out: { name: string; directory: string }[] = []
    let directory = '.'
    for (let i = 0; i < args.length; i++) {
      const arg = args[i] as string
      const change = /^(?:-C|--directory=)(.+)$/s.exec(arg)?.[1] ?? (arg === '-C' || arg === '--directory' ? (args[++i] ?? '.') : undefined)
      if (change !== undefined) directory = change.startsWith('/') || directory === '.' ? change : `${directory}/${change}`
      else if (takesValue.test(arg)) i++
      else if (operands.includes(arg) && !arg.startsWith('-')) out.push({ name: arg, directory })
    }
    const listed = this.o.filesFrom === undefined ? [] : this.process.files.readText(this.o.filesFrom).split('\n')
    return [...out, ...listed.filter((line) => line !== '').map((name) => ({ name, directory }))]
  }

  private async dispatch(operands: readonly { name: string; directory: string }[]): Promise<void> {
    const { o } = this
    if (o.create) {
      if (operands.length === 0 && o.filesFrom === undefined) {
        this.usage = true
        return this.say(`Cowardly refusing to create an empty archive\n${tryHelp}`)
      }
      return this.write(await this.gather(operands))
    }
    const archive = await this.readArchive()
    if (await this.cannotChange(archive)) return
    const entries = await this.entries(archive)
    if (o.append || o.update) return this.extend(entries, operands)
    if (o.delete) return this.remove(entries, operands)
    if (o.concatenate) return this.join(entries, operands)
    const chosen = await this.choose(entries, operands.map((operand) => operand.name))
    return o.table ? this.list(chosen) : this.unpack(chosen)
  }

  /** A compressed archive can only be written anew. */
  private async cannotChange(archive: Archive): Promise<boolean> {
    const { o } = this
    if (!archive.zipped || !(o.append || o.update || o.delete || o.concatenate)) return false
    this.usage = true
    await this.say(`Cannot update compressed archives\n${tryHelp}`)
    return true
  }

  private async list(chosen: readonly TarEntry[]): Promise<void> {
    const { o } = this
    if (!o.absolute && chosen.some((entry) => entry.name.startsWith('/'))) await this.say("Removing leading `/' from member names")
    for (const entry of chosen) await this.process.stdout.write(encodeLossless(`${shownEntry(entry, o.verbose, o.numericOwner, this.widths, o.fullTime)}\n`))
  }

  private async unpack(chosen: readonly TarEntry[]): Promise<void> {
    const { o } = this
    const directory = o.directory.reduce((at, next) => (next.startsWith('/') || at === '.' ? next : `${at}/${next}`), '.')
    if (o.compare) return this.compare(chosen, directory)
    if (directory !== '.' && this.process.files.exists(directory)?.type !== 'directory') throw new Fatal(`${directory}: Cannot open: No such file or directory`)
    await new Extractor(this.process, o, directory, (text) => this.problem(text), (text) => this.say(text)).run(chosen)
  }

  private readonly widths = { owner: 19 }

  private async gather(operands: readonly { name: string; directory: string }[]): Promise<TarEntry[]> {
    const gatherer = new Gatherer(this.process, this.o, (text) => this.problem(text), (text) => this.say(text), this.archiveIdentity())
    const entries: TarEntry[] = []
    const shown = this.o.file === undefined || this.o.file === '-' ? this.process.stderr : this.process.stdout
    for (const operand of operands) {
      for await (const entry of gatherer.entries(operand.name, operand.directory)) {
        entries.push(entry)
        if (this.o.verbose) await shown.write(encodeLossless(`${this.o.showTransformed ? entry.name : gatherer.plainName(entry)}\n`))
      }
    }
    return entries
  }

  /** The archive must not take itself in. */
  private archiveIdentity(): string | undefined {
    const stat = this.o.file === undefined || this.o.file === '-' ? undefined : this.process.files.exists(this.o.file)
    return stat && `${stat.dev}:${stat.ino}`
  }

  private async write(entries: readonly TarEntry[]): Promise<void> {
    const { o, process } = this
    const body = concatBytes(entries.map(encodeEntry))
    let bytes = concatBytes([body, trailer(body.length)])
    const zipped = o.gzip || (o.auto && /\.(tgz|tar\.gz|gz)$/.test(o.file ?? ''))
    if (zipped) bytes = gzip(bytes, { level: 6, mtimeMs: process.clock.now() })
    if (o.file === undefined || o.file === '-') {
      if (process.descriptor(1).kind === 'tty') throw new Fatal("Refusing to write archive contents to terminal (missing -f option?)")
      return process.stdout.write(bytes)
    }
    try {
      process.files.writeFile(o.file, bytes)
    } catch (error) {
      throw new Fatal(`${o.file}: Cannot open: ${reason(error)}`)
    }
    if (o.totals) await process.stderr.write(`Total bytes written: ${concatBytes([body, trailer(body.length)]).length} (${Math.max(1, Math.round(body.length / 1024))}KiB, 1.0MiB/s)\n`)
    if (o.removeFiles) for (const entry of entries) process.files.removeAll(entry.name)
  }

  private async readArchive(): Promise<Archive> {
    const { o, process } = this
    const name = o.file ?? '-'
    let bytes: Uint8Array
    if (name !== '-' && process.files.exists(name)?.type === 'directory') throw new Fatal(`${name}: Cannot read: Is a directory\ntar: At beginning of tape, quitting now`)
    try {
      if (o.append && name !== '-' && !process.files.exists(name)) return { bytes: new Uint8Array(0), zipped: false, fresh: true }
      bytes = await readInput(process, name)
    } catch (error) {
      throw new Fatal(`${name}: Cannot open: ${reason(error)}`)
    }
    const plain = isGzip(bytes)
    if (o.gzip && !plain) {
      await process.stderr.write('\ngzip: stdin: not in gzip format\n')
      throw new Fatal('Child returned status 1')
    }
    try {
      return { bytes: plain ? gunzip(bytes) : bytes, zipped: plain, fresh: false }
    } catch (error) {
      void error
      await process.stderr.write('\ngzip: stdin: unexpected end of file\n')
      throw new Fatal('Child returned status 1')
    }
  }

  private async entries({ bytes, fresh }: Archive): Promise<TarEntry[]> {
    const out: TarEntry[] = []
    try {
      for (const entry of readEntries(bytes)) out.push(entry)
      if (!fresh && bytes.length < 512) throw new TarProblem('This does not look like a tar archive')
    } catch (error) {
      if (!(error instanceof TarProblem)) throw error
      if (error.message.startsWith('Unexpected EOF')) throw new Fatal(error.message)
      await this.problem(out.length === 0 && error.message.startsWith('This') ? `${error.message}` : error.message)
    }
    return out
  }

  /** Members that are asked for, each named at least once. */
  private async choose(entries: readonly TarEntry[], names: readonly string[]): Promise<TarEntry[]> {
    const { o } = this
    const kept = entries.filter((entry) => !o.exclude.some((pattern) => matchesGlob(pattern, entry.name.replace(/\/$/, '')) || matchesGlob(pattern, entry.name.replace(/\/$/, '').split('/').pop() ?? '')))
    if (names.length === 0) return kept
    const matches = (name: string, entry: TarEntry): boolean => {
      const wanted = name.replace(/\/+$/, '')
      const own = entry.name.replace(/\/$/, '')
      return own === wanted || own.startsWith(`${wanted}/`) || (o.wildcards && matchesGlob(wanted, own))
    }
    const chosen = kept.filter((entry) => names.some((name) => matches(name, entry)))
    if (!this.failed) for (const name of names.filter((one) => !kept.some((entry) => matches(one, entry)))) await this.problem(`${name}: Not found in archive`)
    return chosen
  }

  private async extend(entries: readonly TarEntry[], operands: readonly { name: string; directory: string }[]): Promise<void> {
    const added = await this.gather(operands)
    const wanted = this.o.update ? added.filter((entry) => !entries.some((old) => old.name === entry.name && old.mtimeMs >= Math.floor(entry.mtimeMs / 1000) * 1000)) : added
    await this.write([...entries, ...wanted])
  }

  private async remove(entries: readonly TarEntry[], operands: readonly { name: string; directory: string }[]): Promise<void> {
    const gone = await this.choose(entries, operands.map((operand) => operand.name))
    await this.write(entries.filter((entry) => !gone.includes(entry)))
  }

  private async join(entries: readonly TarEntry[], operands: readonly { name: string }[]): Promise<void> {
    const all = [...entries]
    for (const { name } of operands) all.push(...readEntries(this.process.files.readFile(name)))
    await this.write(all)
  }

  private async compare(entries: readonly TarEntry[], directory: string): Promise<void> {
    const say = async (text: string): Promise<void> => {
      this.differs = true
      await this.process.stdout.write(encodeLossless(`${text}\n`))
    }
    for (const entry of entries) {
      const path = directory === '.' ? entry.name : `${directory}/${entry.name}`
      try {
        const stat = this.process.files.lstat(path.replace(/\/$/, ''))
        if (this.o.verbose) await this.process.stdout.write(encodeLossless(`${entry.name}\n`))
        if ((stat.mode & 0o7777) !== entry.mode) await say(`${entry.name}: Mode differs`)
        if (Math.floor(stat.mtimeMs / 1000) * 1000 !== entry.mtimeMs && entry.type === 'file') await say(`${entry.name}: Mod time differs`)
        if (entry.type !== 'file') continue
        if (stat.size !== entry.content.length) await say(`${entry.name}: Size differs`)
        else if (!this.process.files.readFile(path).every((byte, index) => byte === entry.content[index])) await say(`${entry.name}: Contents differ`)
      } catch (error) {
        if (!isErrno(error)) throw error
        this.differs = true
        await this.say(`${entry.name}: Warning: Cannot stat: ${error.message}`)
      }
    }
  }
}

export const tarPrograms: readonly Program[] = [tar]
