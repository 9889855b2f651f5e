/** `mount`, `umount`, `findmnt`, `mountpoint`, `lsblk`. */
import { Errno } from '#engine/linux/abi/errno'
import { count, flag, list, option, parseFlags, UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'

interface MountLine {
  readonly source: string
  readonly target: string
  readonly type: string
  readonly options: string
}

function mounts(process: Process): MountLine[] {
  return process.files.readText('/proc/self/mounts').split('\n').filter(Boolean).map((line) => {
    const [source = '', target = '', type = '', options = ''] = line.split(' ')
    return { source, target, type, options }
  })
}

function usage(name: string, code: number, run: (process: Process, args: readonly string[]) => Promise<number>): Program {
  return {
    name,
    async run(process) {
      try {
        return await run(process, process.argv.slice(1))
      } catch (error) {
        if (!(error instanceof UsageError)) throw error
        await process.stderr.write(`${name}: ${error.message}\nTry '${name} --help' for more information.\n`)
        return code
      }
    },
  }
}

function mountOf(process: Process, path: string): MountLine {
  const real = process.files.realpath(path)
  const candidates = mounts(process).filter((mount) => real === mount.target || real.startsWith(mount.target === '/' ? '/' : `${mount.target}/`))
  return candidates.sort((a, b) => a.target.length - b.target.length).at(-1) as MountLine
}

export const mount: Program = usage('mount', 1, async (process, args) => {
  const { values, operands } = parseFlags({ all: flag('-a', '--all'), type: option('-t', '--types'), options: list('-o', '--options'), bind: flag('-B', '--bind'), rbind: flag('-R', '--rbind'), readOnly: flag('-r', '--read-only'), write: flag('-w', '--rw'), fake: flag('-f', '--fake'), noMtab: flag('-n', '--no-mtab'), verbose: count('-v', '--verbose'), makeDirectory: flag('--mkdir'), shared: flag('--make-shared', '--make-rshared', '--make-private', '--make-rprivate', '--make-slave', '--make-rslave') }, args, false)
  if (operands.length === 0 && !values.all) {
    await process.stdout.write(mounts(process).filter((each) => values.type === undefined || each.type === values.type).map((each) => `${each.source} on ${each.target} type ${each.type} (${each.options})\n`).join(''))
    return 0
  }
  if (values.all) return mountAll(process)
  if (values.shared) return 0
  if (process.credentials.euid !== 0) return refuse(process, `mount: ${operands.at(-1) ?? ''}: must be superuser to use mount.\n`)
  const options = mountOptions(values)
  const [source = '', target] = operands
  if (target === undefined) return mountFromTable(process, source, options)
  if (values.makeDirectory) process.files.mkdirAll(target)
  return perform(process, source, target, typeFor(source, values.type, options), options)
})

function mountOptions(values: { options: readonly string[]; bind: boolean; rbind: boolean; readOnly: boolean }): string[] {
  const asked = [values.bind && 'bind', values.rbind && 'rbind', values.readOnly && 'ro'].filter((each) => each !== false)
  return [...values.options.flatMap((text) => text.split(',')), ...asked]
}

/** What to mount where nobody says: some sources are named like their type. */
function typeFor(source: string, given: string | undefined, options: readonly string[]): string {
  if (options.includes('bind') || options.includes('rbind')) return 'bind'
  return given ?? (['tmpfs', 'proc', 'overlay'].includes(source) ? source : 'ext4')
}

async function mountFromTable(process: Process, name: string, options: readonly string[]): Promise<number> {
  if (options.includes('remount')) {
    const path = process.files.exists(name) ? process.files.realpath(name) : name
    const known = mounts(process).find((each) => each.target === path || each.source === name)
    if (!known) return refuse(process, `mount: ${path}: mount point not mounted or bad option.\n       dmesg(1) may have more information after failed mount system call.\n`, 32)
    return perform(process, known.source, known.target, known.type, options)
  }
  const line = tableLines(process).find(([source, target]) => source === name || target === name)
  if (!line) return refuse(process, `mount: ${name}: can't find in /etc/fstab.\n`)
  return perform(process, line[0] ?? '', line[1] ?? '', line[2] ?? '', (line[3] ?? '').split(','))
}

function tableLines(process: Process): string[][] {
  const text = process.files.exists('/etc/fstab') ? process.files.readText('/etc/fstab') : ''
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(/\s+/))
}

async function mountAll(process: Process): Promise<number> {
  let code = 0
  const mounted = new Set(mounts(process).map((each) => each.target))
  for (const [source = '', target = '', type = '', options = ''] of tableLines(process)) {
    if (mounted.has(target) || type === 'swap' || options.split(',').includes('noauto')) continue
    code = (await perform(process, source, target, options.includes('bind') ? 'bind' : type, options.split(','))) || code
  }
  return code
}

async function perform(process: Process, source: string, target: string, type: string, options: readonly string[]): Promise<number> {
  if (!process.files.exists(target)) return refuse(process, `mount: ${target}: mount point does not exist.\n`, 32)
  if (type === 'bind' && !options.includes('remount') && !process.files.exists(source)) return refuse(process, `mount: ${target}: special device ${source} does not exist.\n`, 32)
  try {
    process.files.mount({ source, target, type, options: [...options] })
    return 0
  } catch (error) {
    if (!(error instanceof Errno)) throw error
    if (error.code === 'ENODEV') return refuse(process, process.files.exists(source) || !source.startsWith('/') ? `mount: ${target}: unknown filesystem type '${type}'.\n       dmesg(1) may have more information after failed mount system call.\n` : `mount: ${target}: special device ${source} does not exist.\n       dmesg(1) may have more information after failed mount system call.\n`, 32)
    return refuse(process, `mount: ${target}: ${error.code === 'EPERM' ? 'permission denied' : error.message.toLowerCase()}.\n`, 32)
  }
}

async function refuse(process: Process, text: string, code = 1): Promise<number> {
  await process.stderr.write(text)
  return code
}

export const umount = usage('umount', 1, async (process, args) => {
  const { values, operands } = parseFlags({ lazy: flag('-l', '--lazy'), force: flag('-f', '--force'), recursive: flag('-R', '--recursive'), all: flag('-a', '--all'), verbose: flag('-v', '--verbose'), quiet: flag('-q', '--quiet'), readOnly: flag('-r', '--read-only') }, args, false)
  if (operands.length === 0) return refuse(process, `umount: bad usage\nTry 'umount --help' for more information.\n`)
  if (process.credentials.euid !== 0) return refuse(process, `umount: ${operands[0] ?? ''}: must be superuser to unmount.\n`, 32)
  let code = 0
  for (const operand of operands) {
    const known = mounts(process)
    const target = known.findLast((each) => each.source === operand)?.target ?? operand
    const targets = values.recursive ? known.map((each) => each.target).filter((each) => each === target || each.startsWith(`${target}/`)).reverse() : [target]
    for (const each of targets) code = (await unmountOne(process, each, values.lazy)) || code
  }
  return code
})

async function unmountOne(process: Process, target: string, lazy: boolean): Promise<number> {
  if (!process.files.exists(target)) return refuse(process, `umount: ${target}: no mount point specified.\n`, 32)
  const inside = process.processes().some((entry) => !lazy && process.files.exists(`/proc/${entry.pid}/cwd`) && process.files.readlink(`/proc/${entry.pid}/cwd`).startsWith(`${process.files.realpath(target)}`) && target !== '/')
  try {
    if (inside && mounts(process).some((each) => each.target === process.files.realpath(target))) return await refuse(process, `umount: ${target}: target is busy.\n`, 32)
    process.files.unmount(target, { lazy })
    return 0
  } catch (error) {
    if (!(error instanceof Errno)) throw error
    return refuse(process, `umount: ${target}: ${error.code === 'EINVAL' ? 'not mounted' : error.code === 'EBUSY' ? 'target is busy' : error.message}.\n`, 32)
  }
}

export const findmnt = usage('findmnt', 1, async (process, args) => {
  const { values, operands } = parseFlags({ list: flag('-l', '--list'), noHeadings: flag('-n', '--noheadings'), output: option('-o', '--output'), types: option('-t', '--types'), target: option('-T', '--target'), source: option('-S', '--source'), mountpoint: option('-M', '--mountpoint'), raw: flag('-r', '--raw'), json: flag('-J', '--json'), kernel: flag('-k', '--kernel'), real: flag('--real'), df: flag('-D', '--df') }, args, false)
  const wanted = operands[0] ?? values.mountpoint
  const found = search(process, values, wanted)
  if (found.length === 0) return 1
  const columns = (values.output ?? 'TARGET,SOURCE,FSTYPE,OPTIONS').toUpperCase().split(',')
  const flat = values.list || values.raw || wanted !== undefined || values.target !== undefined || values.types !== undefined
  const cell = (mount: MountLine, column: string): string => ({ TARGET: flat ? mount.target : branch(found, mount), SOURCE: mount.source, FSTYPE: mount.type, OPTIONS: mount.options })[column] ?? ''
  const rows = [...(values.noHeadings ? [] : [columns]), ...found.map((mount) => columns.map((column) => cell(mount, column)))]
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => (row[index] ?? '').length)))
  await process.stdout.write(rows.map((row) => `${row.map((text, index) => (index === row.length - 1 || values.raw ? text : text.padEnd(widths[index] ?? 0))).join(' ')}\n`).join(''))
  return 0
})

function search(process: Process, values: { types: string | undefined; source: string | undefined; target: string | undefined }, wanted: string | undefined): MountLine[] {
  if (values.target !== undefined) return process.files.exists(values.target) ? [mountOf(process, values.target)] : []
  const found = mounts(process).filter((each) => (values.types?.split(',') ?? [each.type]).includes(each.type) && (values.source ?? each.source) === each.source)
  if (wanted === undefined) return found
  const path = process.files.exists(wanted) ? process.files.realpath(wanted) : wanted
  return found.filter((each) => each.target === path || each.source === wanted).slice(-1)
}

function branch(all: readonly MountLine[], mount: MountLine): string {
  const depth = all.filter((each) => each !== mount && each.target !== mount.target && mount.target.startsWith(each.target === '/' ? '/' : `${each.target}/`)).length
  if (depth === 0) return mount.target
  const siblings = all.filter((each) => each.target.startsWith(mount.target.slice(0, mount.target.lastIndexOf('/') + 1)))
  return `${'│ '.repeat(depth - 1)}${siblings.at(-1) === mount ? '└─' : '├─'}${mount.target}`
}

export const mountpoint = usage('mountpoint', 1, async (process, args) => {
  const { values, operands } = parseFlags({ quiet: flag('-q', '--quiet'), device: flag('-d', '--fs-devno'), block: flag('-x', '--devno'), noFollow: flag('--nofollow') }, args, false)
  const [path, ...more] = operands
  if (path === undefined || more.length > 0) throw new UsageError('bad usage')
  if (!process.files.exists(path)) return values.quiet ? 1 : refuse(process, `mountpoint: ${path}: No such file or directory\n`)
  const is = mounts(process).some((each) => each.target === process.files.realpath(path))
  if (!values.quiet) await process.stdout.write(`${path} is ${is ? 'a' : 'not a'} mountpoint\n`)
  return is ? 0 : 32
})

export const lsblk = usage('lsblk', 1, async (process, args) => {
  const { values } = parseFlags({ fs: flag('-f', '--fs'), noHeadings: flag('-n', '--noheadings'), output: option('-o', '--output'), list: flag('-l', '--list'), paths: flag('-p', '--paths'), all: flag('-a', '--all'), bytes: flag('-b', '--bytes'), json: flag('-J', '--json'), nodeps: flag('-d', '--nodeps') }, args, false)
  const total = process.files.statfs('/').totalBytes
  const gib = `${Math.round(total / 1024 ** 3)}G`
  if (values.fs) await process.stdout.write(`NAME   FSTYPE FSVER LABEL UUID                                 FSAVAIL FSUSE% MOUNTPOINTS\nvda                                                                             \n└─vda1 ext4   1.0         8b5a2d4e-3b1a-4a40-9f5e-6a0a3f1c2d77                 /\n`)
  else await process.stdout.write(`NAME   MAJ:MIN RM SIZE RO TYPE MOUNTPOINTS\nvda    253:0    0 ${gib.padStart(3)}  0 disk \n└─vda1 253:1    0 ${gib.padStart(3)}  0 part /\n`)
  return 0
})
