/** zip and unzip (Info-ZIP), the parts that scripts use. */
import { unzipSync, zipSync } from 'fflate'
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { print, reason } from '#engine/programs/common/gnu'
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
    if (given === undefined || names.length === 0) {
      await print(process, 'zip error: Nothing to do!\n')
      return 12
    }
    const archive = /\.[^/]+$/.test(given) ? given : `${given}.zip`
    const files: Record<string, [Uint8Array, { mtime: number }]> = {}
    const before = readArchive(process, archive)
    for (const [name, bytes] of Object.entries(before ?? {})) files[name] = [bytes, { mtime: process.clock.now() }]
    let added = 0
    for (const name of names) {
      const entries = on.has('r') ? [...walkTree(process, name)] : [{ path: name }]
      for (const entry of entries) {
        const path = entry.path.replace(/^\.\//, '').replace(/^\/+/, '')
        if (path === '.' || (values.get('x') ?? []).some((pattern) => matchesGlob(pattern, path))) continue
        try {
          const stat = process.files.stat(entry.path)
          const bytes = stat.type === 'directory' ? new Uint8Array(0) : process.files.readFile(entry.path)
          const key = on.has('j') ? (path.split('/').pop() as string) : stat.type === 'directory' ? `${path.replace(/\/$/, '')}/` : path
          if (on.has('j') && stat.type === 'directory') continue
          const verb = files[key] ? 'updating' : 'adding'
          files[key] = [bytes, { mtime: Math.max(stat.mtimeMs, Date.UTC(1980, 0, 2)) }]
          added++
          if (!on.has('q')) await print(process, `  ${verb}: ${key}${await ratio(bytes)}\n`)
        } catch (error) {
          if (!isErrno(error)) throw error
          await print(process, `\tzip warning: name not matched: ${name}\n`)
        }
      }
    }
    if (added === 0) {
      await print(process, `\nzip error: Nothing to do! (${archive})\n`)
      return 12
    }
    process.files.writeFile(archive, zipSync(files))
    return 0
  },
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
    let bytes: Uint8Array
    try {
      bytes = process.files.readFile(path)
    } catch (error) {
      reason(error)
      await process.stderr.write(`unzip:  cannot find or open ${given}, ${given}.zip or ${given}.ZIP.\n`)
      return 9
    }
    const archive = readArchive(process, path)
    if (!archive) {
      await process.stderr.write(`Archive:  ${path}\n  End-of-central-directory signature not found.  Either this file is not\n  a zipfile, or it constitutes one disk of a multi-part archive.  In the\n  latter case the central directory and zipfile comment will be found on\n  the last disk(s) of this archive.\nunzip:  cannot find zipfile directory in one of ${path} or\n        ${path}.zip, and cannot find ${path}.ZIP, period.\n`)
      return 9
    }
    void bytes
    const names = Object.keys(archive).filter((name) => wanted.length === 0 || wanted.some((pattern) => matchesGlob(pattern, name)))
    if (on.has('l')) return list(process, path, archive, names)
    if (on.has('p')) {
      for (const name of names) await process.stdout.write(archive[name] as Uint8Array)
      return 0
    }
    if (!on.has('q')) await print(process, `Archive:  ${path}\n`)
    if (on.has('t')) {
      for (const name of names) await print(process, `    testing: ${name.padEnd(22)}   OK\n`)
      await print(process, `No errors detected in compressed data of ${path}.\n`)
      return 0
    }
    const directory = values.get('d')?.[0]
    for (const name of names) await extract(process, name, archive[name] as Uint8Array, directory, on)
    if (names.length === 0) {
      for (const pattern of wanted) await process.stderr.write(`caution: filename not matched:  ${pattern}\n`)
      return 11
    }
    return 0
  },
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
