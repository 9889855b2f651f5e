/** zip and unzip (Info-ZIP), the parts that scripts use. */
import { unzipSync, zipSync } from 'fflate'
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { print } from '#engine/programs/common/gnu'
import { walkTree } from '#engine/programs/coreutils/permissions'
import { matchesGlob } from '#engine/shell/patterns/glob'
import { formatDate } from '#engine/shell/builtins/strftime'

function letters(args: readonly string[], withValue: string): { on: Set<string>; values: Map<string, string[]>; rest: string[] } {
  const on = new Set<string>()
  const values = new Map<string, string[]>()
  const rest: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (!/^-./.test(arg)) {
      rest.push(arg)
      continue
    }
    for (const letter of arg.slice(1)) {
      if (withValue.includes(letter)) {
        const list = values.get(letter) ?? []
        while (i + 1 < args.length && !(args[i + 1] as string).startsWith('-')) {
          list.push(args[++i] as string)
          if (letter === 'd') break
        }
        values.set(letter, list)
      } else on.add(letter)
    }
  }
  return { on, values, rest }
}

const zip: Program = {
  name: 'zip',
  async run(process) {
    const { on, values, rest } = letters(process.argv.slice(1), 'xi')
    const [given, ...names] = rest
    const unknown = [...on].find((letter) => !'rjqd0123456789vyX'.includes(letter))
    if (unknown !== undefined) return print(process, `\nzip error: Invalid command arguments (-${unknown} is not supported here)\n`).then(() => 16)
    if (given === undefined || names.length === 0) {
      await print(process, 'zip error: Nothing to do!\n')
      return 12
    }
    const archive = /\.[^/]+$/.test(given) ? given : `${given}.zip`
    const packing = new Packing(process, on, values.get('x') ?? [])
    for (const [name, bytes] of Object.entries(readArchive(process, archive) ?? {})) packing.files[name] = [bytes, { mtime: process.clock.now() }]
    if (on.has('d')) return remove(process, archive, packing, names)
    for (const name of names) for (const entry of on.has('r') ? [...walkTree(process, name)] : [{ path: name }]) await packing.add(entry.path, name)
    if (packing.added === 0) {
      await print(process, `\nzip error: Nothing to do! (${archive})\n`)
      return 12
    }
    process.files.writeFile(archive, zipSync(packing.files))
    return 0
  },
}

/** `zip -d`. */
async function remove(process: Process, archive: string, { files }: Packing, patterns: readonly string[]): Promise<number> {
  const gone = Object.keys(files).filter((name) => patterns.some((pattern) => matchesGlob(pattern, name)))
  for (const name of gone) {
    await print(process, `deleting: ${name}\n`)
    delete files[name]
  }
  if (gone.length === 0) return print(process, `\nzip error: Nothing to do! (${archive})\n`).then(() => 12)
  if (Object.keys(files).length > 0) process.files.writeFile(archive, zipSync(files))
  else process.files.unlink(archive)
  return 0
}

const firstDate = Date.UTC(1980, 0, 2)

class Packing {
  readonly files: Record<string, [Uint8Array, { mtime: number }]> = {}
  added = 0

  constructor(
    private readonly process: Process,
    private readonly on: ReadonlySet<string>,
    private readonly excluded: readonly string[],
  ) {}

  async add(path: string, given: string): Promise<void> {
    const name = path.replace(/^\.\//, '').replace(/^\/+/, '')
    if (name === '.' || this.excluded.some((pattern) => matchesGlob(pattern, name))) return
    try {
      const stat = this.process.files.stat(path)
      const directory = stat.type === 'directory'
      if (this.on.has('j') && directory) return
      const bytes = directory ? new Uint8Array(0) : this.process.files.readFile(path)
      await this.put(directory ? `${name.replace(/\/$/, '')}/` : this.on.has('j') ? (name.split('/').pop() ?? name) : name, bytes, stat.mtimeMs)
    } catch (error) {
      if (!isErrno(error)) throw error
      await print(this.process, `\tzip warning: name not matched: ${given}\n`)
    }
  }

  private async put(key: string, bytes: Uint8Array, mtimeMs: number): Promise<void> {
    const verb = this.files[key] ? 'updating' : 'adding'
    this.files[key] = [bytes, { mtime: Math.max(mtimeMs, firstDate) }]
    this.added++
    if (!this.on.has('q')) await print(this.process, `  ${verb}: ${key}${await ratio(bytes)}\n`)
  }
}

async function ratio(bytes: Uint8Array): Promise<string> {
  await Promise.resolve()
  if (bytes.length === 0) return ' (stored 0%)'
  const packed = zipSync({ x: bytes }).length - 100
  const saved = Math.round((1 - packed / bytes.length) * 100)
  return saved <= 0 ? ' (stored 0%)' : ` (deflated ${saved}%)`
}

function readArchive(process: Process, path: string): Record<string, Uint8Array> | undefined {
  try {
    return unzipSync(process.files.readFile(path))
  } catch (error) {
    if (isErrno(error)) return undefined
    return undefined
  }
}

const unzip: Program = {
  name: 'unzip',
  async run(process) {
    const { on, values, rest } = letters(process.argv.slice(1), 'd')
    const [given, ...wanted] = rest
    if (given === undefined) {
      await print(process, 'UnZip 6.00 of 20 April 2009, by Debian. Original by Info-ZIP.\n\nUsage: unzip [-Z] [-opts[modifiers]] file[.zip] [list] [-x xlist] [-d exdir]\n')
      return 10
    }
    const path = process.files.exists(given) ? given : `${given}.zip`
    const archive = readArchive(process, path)
    if (!archive) return noArchive(process, given, path)
    const names = Object.keys(archive).filter((name) => wanted.length === 0 || wanted.some((pattern) => matchesGlob(pattern, name)))
    const only = looked(process, path, archive, names, on)
    if (only) return only
    if (!on.has('q')) await print(process, `Archive:  ${path}\n`)
    if (on.has('t')) return test(process, path, names)
    for (const name of names) await extract(process, name, archive[name] as Uint8Array, values.get('d')?.[0], on)
    if (names.length > 0) return 0
    for (const pattern of wanted) await process.stderr.write(`caution: filename not matched:  ${pattern}\n`)
    return 11
  },
}

/** What only looks into an archive; undefined where it is to be unpacked or tested. */
function looked(process: Process, path: string, archive: Record<string, Uint8Array>, names: readonly string[], on: ReadonlySet<string>): Promise<number> | undefined {
  if (on.has('Z') && on.has('1')) return print(process, names.map((name) => `${name}\n`).join('')).then(() => 0)
  const unknown = [...on].find((letter) => !'lptqonj'.includes(letter))
  if (unknown !== undefined) return process.stderr.write(`unzip: -${unknown} is not supported here\n`).then(() => 10)
  if (on.has('l')) return list(process, path, archive, names).then((status) => (names.length === 0 ? 11 : status))
  return on.has('p') ? show(process, archive, names) : undefined
}

async function noArchive(process: Process, given: string, path: string): Promise<number> {
  const isThere = process.files.exists(path) !== undefined
  await process.stderr.write(isThere ? `Archive:  ${path}\n  End-of-central-directory signature not found.  Either this file is not\n  a zipfile, or it constitutes one disk of a multi-part archive.  In the\n  latter case the central directory and zipfile comment will be found on\n  the last disk(s) of this archive.\nunzip:  cannot find zipfile directory in one of ${path} or\n        ${path}.zip, and cannot find ${path}.ZIP, period.\n` : `unzip:  cannot find or open ${given}, ${given}.zip or ${given}.ZIP.\n`)
  return 9
}

async function show(process: Process, archive: Record<string, Uint8Array>, names: readonly string[]): Promise<number> {
  for (const name of names) await process.stdout.write(archive[name] as Uint8Array)
  return 0
}

async function test(process: Process, path: string, names: readonly string[]): Promise<number> {
  for (const name of names) await print(process, `    testing: ${name.padEnd(22)}   OK\n`)
  await print(process, `No errors detected in compressed data of ${path}.\n`)
  return 0
}

async function extract(process: Process, name: string, bytes: Uint8Array, directory: string | undefined, on: ReadonlySet<string>): Promise<void> {
  if (name.split('/').includes('..')) return
  const target = (directory === undefined ? '' : `${directory.replace(/\/$/, '')}/`) + (on.has('j') ? (name.split('/').pop() as string) : name)
  if (name.endsWith('/')) {
    process.files.mkdirAll(target)
    if (!on.has('q')) await print(process, `   creating: ${target}\n`)
    return
  }
  if (process.files.exists(target) && !on.has('o')) {
    if (on.has('n')) return
    await process.stderr.write(encodeLossless(`replace ${target}? [y]es, [n]o, [A]ll, [N]one, [r]ename:  NULL\n(EOF or read error, treating as "[N]one" ...)\n`))
    return
  }
  if (target.includes('/')) process.files.mkdirAll(target.slice(0, target.lastIndexOf('/')))
  process.files.writeFile(target, bytes.slice())
  if (!on.has('q')) await print(process, `${bytes.length === 0 ? ' extracting: ' : '  inflating: '}${target.padEnd(23)}\n`)
}

async function list(process: Process, path: string, archive: Record<string, Uint8Array>, names: readonly string[]): Promise<number> {
  const stamp = formatDate('%Y-%m-%d %H:%M', process.files.stat(path).mtimeMs, 0, 'UTC')
  let total = 0
  await print(process, `Archive:  ${path}\n  Length      Date    Time    Name\n---------  ---------- -----   ----\n`)
  for (const name of names) {
    const { length } = archive[name] as Uint8Array
    total += length
    await print(process, `${String(length).padStart(9)}  ${stamp}   ${name}\n`)
  }
  await print(process, `---------                     -------\n${String(total).padStart(9)}                     ${names.length} file${names.length === 1 ? '' : 's'}\n`)
  return 0
}

export const zipPrograms: readonly Program[] = [zip, unzip]
