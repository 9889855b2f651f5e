/** gzip, gunzip, zcat. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { isErrno } from '#engine/linux/abi/errno'
import { print, readInput, reason } from '#engine/programs/common/gnu'
import { gunzip, gzip, isGzip } from '#engine/base/archive/gzip'
import { confirm } from '#engine/programs/coreutils/remove'

const flags = {
  stdout: flag('-c', '--stdout', '--to-stdout'), decompress: flag('-d', '--decompress', '--uncompress'), force: flag('-f', '--force'), keep: flag('-k', '--keep'), list: flag('-l', '--list'), noName: flag('-n', '--no-name'), name: flag('-N', '--name'), quiet: flag('-q', '--quiet'), recursive: flag('-r', '--recursive'), suffix: option('-S', '--suffix'), test: flag('-t', '--test'), verbose: flag('-v', '--verbose'), licence: flag('-L', '--license'), ascii: flag('-a', '--ascii'), shortHelp: flag('-h'), shortVersion: flag('-V'),
  one: flag('-1', '--fast'), two: flag('-2'), three: flag('-3'), four: flag('-4'), five: flag('-5'), six: flag('-6'), seven: flag('-7'), eight: flag('-8'), nine: flag('-9', '--best'),
} as const

interface Options {
  readonly stdout: boolean
  readonly decompress: boolean
  readonly force: boolean
  readonly keep: boolean
  readonly list: boolean
  readonly test: boolean
  readonly verbose: boolean
  readonly quiet: boolean
  readonly recursive: boolean
  readonly suffix: string
  readonly level: number
  readonly noName: boolean
}

function gzipProgram(name: string, preset: { decompress?: true; stdout?: true }): Program {
  return defineProgram({
    name,
    version: `${name} (gzip) 1.12`,
    advice: () => "Try `gzip --help' for more information.",
    flags,
    async run(process, o) {
      if (o.shortHelp || o.shortVersion) return print(process, o.shortVersion ? `${name} 1.12\n` : `Usage: ${name} [OPTION]... [FILE]...\nCompress or uncompress FILEs (by default, compress FILES in-place).\n`).then(() => 0)
      if (o.ascii) await process.stderr.write('gzip: option --ascii ignored on this system\n')
      const level = [o.one, o.two, o.three, o.four, o.five, o.six, o.seven, o.eight, o.nine].lastIndexOf(true) + 1 || 6
      const work = new Gzip(process, { ...o, decompress: o.decompress || (preset.decompress ?? false), stdout: o.stdout || (preset.stdout ?? false), suffix: o.suffix === undefined ? '.gz' : o.suffix, level })
      return work.run(o.operands.length > 0 ? o.operands : ['-'])
    },
  })
}

class Gzip {
  private status = 0
  private listed = false
  private totals = { compressed: 0, plain: 0, overhead: 0, count: 0 }

  constructor(
    private readonly process: Process,
    private readonly o: Options,
  ) {}

  private async say(text: string, status = 1): Promise<void> {
    this.status = Math.max(this.status === 1 ? 1 : status === 2 && this.status === 0 ? 2 : this.status, status === 1 ? 1 : this.status || status)
    if (status === 2 && this.o.quiet) return
    await this.process.stderr.write(`gzip: ${text}\n`)
  }

  async run(names: readonly string[]): Promise<number> {
    for (const name of names) await this.one(name)
    if (this.o.list && this.totals.count > 1) await print(this.process, this.listLine(this.totals.compressed, this.totals.plain, this.totals.compressed - this.totals.overhead, '(totals)'))
    return this.status
  }

  private async one(name: string): Promise<void> {
    if (name === '-') return this.stream()
    const path = this.pathOf(name)
    try {
      const { type } = this.process.files.lstat(path)
      if (type === 'directory') return await this.directory(name, path)
      if (type !== 'file' && !this.o.force && !this.o.stdout) return await this.say(type === 'symlink' ? `${path}: Too many levels of symbolic links` : `${name} is not a directory or a regular file - ignored`, type === 'symlink' ? 1 : 2)
    } catch (error) {
      return this.say(`${path}: ${reason(error)}`)
    }
    if (this.o.list) return this.list(path)
    return this.o.decompress || this.o.test ? this.expand(path) : this.shrink(path)
  }

  /** `gunzip a` takes `a.gz` where there is no `a`. */
  private pathOf(name: string): string {
    return this.o.decompress && !name.endsWith(this.o.suffix) && !this.isThere(name) ? name + this.o.suffix : name
  }

  private isThere(name: string): boolean {
    try {
      this.process.files.lstat(name)
      return true
    } catch (error) {
      if (isErrno(error)) return false
      throw error
    }
  }

  private async directory(name: string, path: string): Promise<void> {
    if (!this.o.recursive) return this.say(`${name} is a directory -- ignored`, 2)
    for (const entry of this.process.files.readDirectory(path)) if (entry.name !== '.' && entry.name !== '..') await this.one(`${path}/${entry.name}`)
  }

  private async stream(): Promise<void> {
    const bytes = await readInput(this.process, '-')
    if (!this.o.decompress) return this.process.stdout.write(gzip(bytes, { level: this.o.level, mtimeMs: this.process.clock.now() }))
    const plain = await this.plain('stdin', bytes)
    if (plain && !this.o.test) await this.process.stdout.write(plain)
  }

  private async plain(name: string, bytes: Uint8Array): Promise<Uint8Array | undefined> {
    if (!isGzip(bytes)) {
      if (this.o.force && this.o.stdout) return bytes
      this.status = 1
      await this.process.stderr.write(`\ngzip: ${name}: ${bytes.length === 0 ? 'unexpected end of file' : 'not in gzip format'}\n`)
      return undefined
    }
    try {
      return gunzip(bytes)
    } catch (error) {
      this.status = 1
      await this.process.stderr.write(`\ngzip: ${name}: ${/unexpected/i.test((error as Error).message) ? 'unexpected end of file' : 'invalid compressed data--format violated'}\n`)
      return undefined
    }
  }

  private outputName(path: string): string | undefined {
    if (/\.tgz$/.test(path)) return path.replace(/\.tgz$/, '.tar')
    if (/\.(gz|z|Z)$/.test(path)) return path.replace(/\.(gz|z|Z)$/, '')
    return path.endsWith(this.o.suffix) ? path.slice(0, -this.o.suffix.length) : undefined
  }

  private async expand(path: string): Promise<void> {
    const target = this.outputName(path)
    if (target === undefined && !this.o.stdout && !this.o.test) return this.say(`${path}: unknown suffix -- ignored`, 2)
    const plain = await this.plain(path, this.process.files.readFile(path))
    if (!plain) return
    if (this.o.test) {
      if (this.o.verbose) await this.process.stderr.write(`${path}:\t OK\n`)
      return
    }
    if (this.o.stdout) return this.process.stdout.write(plain)
    const held = this.process.files.readFile(path)
    const done = await this.replace(path, target as string, plain)
    if (done && this.o.verbose) await this.process.stderr.write(`${path}:\t${this.ratio(bodyLength(held), plain.length)} -- ${this.o.keep ? 'created' : 'replaced with'} ${target as string}\n`)
  }

  private async shrink(path: string): Promise<void> {
    if (path.endsWith(this.o.suffix) && !this.o.stdout && !this.o.force) return this.o.quiet ? undefined : this.process.stderr.write(`gzip: ${path} already has ${this.o.suffix} suffix -- unchanged\n`)
    const bytes = this.process.files.readFile(path)
    const zipped = gzip(bytes, { level: this.o.level, mtimeMs: this.process.files.stat(path).mtimeMs, ...(this.o.noName ? {} : { name: path.split('/').pop() as string }) })
    if (this.o.stdout) return this.process.stdout.write(zipped)
    const done = await this.replace(path, path + this.o.suffix, zipped)
    if (done && this.o.verbose) await this.process.stderr.write(`${path}:\t${this.ratio(bodyLength(zipped), bytes.length)} -- ${this.o.keep ? 'created' : 'replaced with'} ${path}${this.o.suffix}\n`)
  }

  /** False where the file stays as it is. */
  private async replace(from: string, to: string, bytes: Uint8Array): Promise<boolean> {
    const { files } = this.process
    if (files.exists(to) && !this.o.force) {
      if (this.process.descriptors().get(0)?.kind !== 'tty') {
        await this.process.stderr.write(`gzip: ${to} already exists;\tnot overwritten\n`)
        this.status = 2
        return false
      }
      if (!(await confirm(this.process, `${to} already exists; do you wish to overwrite (y or n)? `))) return false
    }
    try {
      const stat = files.stat(from)
      files.writeFile(to, bytes, stat.mode)
      files.chmod(to, stat.mode)
      files.utimes(to, stat.atimeMs, stat.mtimeMs)
      if (!this.o.keep) files.unlink(from)
      return true
    } catch (error) {
      if (!isErrno(error)) throw error
      await this.say(`${to}: ${error.message}`)
      return false
    }
  }

  private ratio(compressed: number, plain: number): string {
    const value = plain === 0 ? 0 : ((plain - compressed) / plain) * 100
    return `${value.toFixed(1).padStart(5)}%`
  }

  private listLine(compressed: number, plain: number, body: number, name: string): string {
    return `${String(compressed).padStart(19)} ${String(plain).padStart(19)} ${this.ratio(body, plain)} ${name}\n`
  }

  private async list(path: string): Promise<void> {
    const bytes = this.process.files.readFile(path)
    const plain = await this.plain(path, bytes)
    if (!plain) return
    if (!this.listed) await print(this.process, '         compressed        uncompressed  ratio uncompressed_name\n')
    this.listed = true
    this.totals = { compressed: this.totals.compressed + bytes.length, plain: this.totals.plain + plain.length, overhead: this.totals.overhead + bytes.length - bodyLength(bytes), count: this.totals.count + 1 }
    await print(this.process, this.listLine(bytes.length, plain.length, bodyLength(bytes), this.outputName(path) ?? path))
  }
}

/** Without the header, the name in it, and the eight bytes at the end. */
function bodyLength(bytes: Uint8Array): number {
  const flags = bytes[3] ?? 0
  let at = 10
  if (flags & 4) at += 2 + (bytes[10] ?? 0) + 256 * (bytes[11] ?? 0)
  if (flags & 8) at = bytes.indexOf(0, at) + 1
  return bytes.length - at - 8
}

export const gzipPrograms: readonly Program[] = [gzipProgram('gzip', {}), gzipProgram('gunzip', { decompress: true }), gzipProgram('uncompress', { decompress: true }), gzipProgram('zcat', { decompress: true, stdout: true })]
