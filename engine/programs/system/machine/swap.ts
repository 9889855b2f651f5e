/** `mkswap`, `swapon`, `swapoff` and `fallocate`, as util-linux has them. */
import { flag, option, parseFlags } from '#engine/linux/abi/flags'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { swapPage, writeSwapHeader } from '#engine/linux/kernel/swapheader'
import { simple } from './identity'

const smallestBytes = 10 * swapPage

async function fail(process: Process, text: string, code = 1): Promise<number> {
  await process.stderr.write(text)
  return code
}

const mkswap = simple('mkswap', async (process, args) => {
  const { operands } = parseFlags({ force: flag('-f', '--force'), check: flag('-c', '--check'), label: option('-L', '--label'), uuid: option('-U', '--uuid') }, args, false)
  const [path] = operands
  if (path === undefined) return fail(process, "mkswap: error: Nowhere to set up swap on?\nTry 'mkswap --help' for more information.\n")
  const stat = process.files.exists(path)
  if (!stat) return fail(process, `mkswap: cannot open ${path}: No such file or directory\n`)
  if ((stat.mode & 0o077) !== 0) await process.stderr.write(`mkswap: ${path}: insecure permissions ${(stat.mode & 0o7777).toString(8).padStart(4, '0')}, fix with: chmod 0600 ${path}\n`)
  if (stat.size < smallestBytes) return fail(process, `mkswap: error: swap area needs to be at least ${smallestBytes / 1024} KiB\n`)
  writeSwapHeader(process.files, path)
  const bytes = Math.floor(stat.size / swapPage) * swapPage - swapPage
  await process.stdout.write(`Setting up swapspace version 1, size = ${binary(bytes)} (${bytes} bytes)\nno label, UUID=${process.random.uuid()}\n`)
  return 0
}, 'labels, block devices')

const swapon = simple('swapon', async (process, args) => {
  const { values, operands } = parseFlags({ all: flag('-a', '--all'), show: flag('--show'), summary: flag('-s', '--summary'), priority: option('-p', '--priority'), noheadings: flag('--noheadings'), bytes: flag('--bytes') }, args, false)
  if (values.summary) return print(process, areas(process).length > 0 ? process.files.readText('/proc/swaps') : '')
  if (values.show || (operands.length === 0 && !values.all)) return print(process, table(areas(process), values.noheadings, values.bytes))
  let code = 0
  for (const path of values.all ? [...fromTable(process), ...operands] : operands) code = (await start(process, path, values.priority)) || code
  return code
}, 'columns, block devices')

async function start(process: Process, path: string, priority: string | undefined): Promise<number> {
  const stat = process.files.exists(path)
  if (!stat) return fail(process, `swapon: cannot open ${path}: No such file or directory\n`, 255)
  if ((stat.mode & 0o077) !== 0) await process.stderr.write(`swapon: ${path}: insecure permissions ${(stat.mode & 0o7777).toString(8).padStart(4, '0')}, 0600 suggested.\n`)
  try {
    process.swapon(path, priority === undefined ? undefined : Number(priority))
    return 0
  } catch (error) {
    if (!isErrno(error)) throw error
    return fail(process, error.code === 'EINVAL' ? `swapon: ${path}: read swap header failed\n` : `swapon: ${path}: swapon failed: ${error.message}\n`, 255)
  }
}

const swapoff = simple('swapoff', async (process, args) => {
  const { values, operands } = parseFlags({ all: flag('-a', '--all'), verbose: flag('-v', '--verbose') }, args, false)
  if (!values.all && operands.length === 0) return fail(process, "swapoff: bad usage\nTry 'swapoff --help' for more information.\n")
  let code = 0
  for (const path of values.all ? areas(process).map(([name = '']) => name) : operands) {
    try {
      if (values.verbose) await process.stdout.write(`swapoff ${path}\n`)
      process.swapoff(path)
    } catch (error) {
      if (!isErrno(error)) throw error
      code = await fail(process, `swapoff: ${path}: swapoff failed: ${error.message}\n`, 4)
    }
  }
  return code
})

const fallocate = simple('fallocate', async (process, args) => {
  const { values, operands } = parseFlags({ length: option('-l', '--length'), offset: option('-o', '--offset'), keep: flag('-n', '--keep-size'), verbose: flag('-v', '--verbose') }, args, false)
  const [path] = operands
  if (values.length === undefined) return fail(process, 'fallocate: no length argument specified\n')
  if (path === undefined) return fail(process, 'fallocate: no filename specified\n')
  const bytes = sizeOf(values.length)
  if (bytes === undefined) return fail(process, 'fallocate: failed to parse length\n')
  try {
    if (!process.files.exists(path)) process.files.writeFile(path, '')
    const { size } = process.files.stat(path)
    const wanted = (sizeOf(values.offset ?? '0') ?? 0) + bytes
    if (!values.keep && wanted > size) process.files.truncate(path, wanted)
  } catch (error) {
    if (!isErrno(error)) throw error
    return fail(process, error.code === 'ENOSPC' || error.code === 'EFBIG' ? `fallocate: fallocate failed: ${error.message}\n` : `fallocate: cannot open ${path}: ${error.message}\n`)
  }
  if (values.verbose) await process.stdout.write(`${path}: ${binary(bytes)} (${bytes} bytes) allocated.\n`)
  return 0
}, 'punching and collapsing')

function areas(process: Process): string[][] {
  return process.files.readText('/proc/swaps').trim().split('\n').slice(1).map((line) => line.split(/\s+/))
}

function fromTable(process: Process): string[] {
  const text = process.files.exists('/etc/fstab') ? process.files.readText('/etc/fstab') : ''
  const used = new Set(areas(process).map(([name]) => name))
  return text.split('\n').map((line) => line.trim().split(/\s+/)).filter(([source = '', , type, options = '']) => type === 'swap' && !source.startsWith('#') && !options.split(',').includes('noauto') && !used.has(source)).map(([source = '']) => source)
}

function table(rows: readonly (readonly string[])[], bare = false, exact = false): string {
  if (rows.length === 0) return ''
  const cells = rows.map(([name = '', type = '', size = '0', used = '0', priority = '']) => [name, type, exact ? String(Number(size) * 1024) : human(Number(size) * 1024), exact ? String(Number(used) * 1024) : human(Number(used) * 1024), priority])
  const all = bare ? cells : [['NAME', 'TYPE', 'SIZE', 'USED', 'PRIO'], ...cells]
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length))) ?? []
  return all.map((row) => `${row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' ')}\n`).join('')
}

async function print(process: Process, text: string): Promise<number> {
  await process.stdout.write(text)
  return 0
}

const units = ['B', 'K', 'M', 'G', 'T']

/** As `--show` writes sizes: 64M, 1.5G. */
function human(bytes: number): string {
  let value = bytes
  let unit = 0
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024
  return `${Number.isInteger(value) ? value : value.toFixed(value < 10 ? 1 : 0).replace(/\.0$/, '')}${units[unit] ?? ''}`
}

/** As messages write them: 64 MiB. */
function binary(bytes: number): string {
  const text = human(bytes)
  return text.endsWith('B') ? `${text.slice(0, -1)} bytes` : `${text.slice(0, -1)} ${text.slice(-1)}iB`
}

const factors: Readonly<Record<string, number>> = { '': 1, K: 1024, KIB: 1024, KB: 1000, M: 1024 ** 2, MIB: 1024 ** 2, MB: 1e6, G: 1024 ** 3, GIB: 1024 ** 3, GB: 1e9, T: 1024 ** 4, TIB: 1024 ** 4 }

function sizeOf(text: string): number | undefined {
  const match = /^(\d+)([A-Za-z]*)$/.exec(text)
  const factor = factors[(match?.[2] ?? '').toUpperCase()]
  return match && factor !== undefined ? Number(match[1]) * factor : undefined
}

export const swapPrograms: readonly Program[] = [mkswap, swapon, swapoff, fallocate]
