/** df. */
import { isErrno } from '#engine/linux/abi/errno'
import type { FileSystemUsage } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, list, option, optional } from '#engine/linux/abi/flags'
import { complain, humanSize, parseSize, print, quote, reason, usageFailure } from '#engine/programs/common/gnu'
import { blockUnit } from '#engine/programs/coreutils/stat'

const df = defineProgram({
  name: 'df',
  flags: { all: flag('-a', '--all'), blockSize: option('-B', '--block-size'), human: flag('-h', '--human-readable'), si: flag('-H', '--si'), inodes: flag('-i', '--inodes'), kibibytes: flag('-k'), local: flag('-l', '--local'), mebibytes: flag('-m'), output: optional('--output'), portability: flag('-P', '--portability'), sync: flag('--sync'), total: flag('--total'), type: list('-t', '--type'), printType: flag('-T', '--print-type'), exclude: list('-x', '--exclude-type') },
  async run(process, o) {
    if (o.blockSize !== undefined && blockUnit(o.blockSize) === undefined) return complain(process, `invalid -B argument '${o.blockSize}'`).then(() => 1)
    const bad = o.output?.split(',').find((name) => name !== '' && !Object.hasOwn(outputFields, name))
    if (bad !== undefined) return usageFailure(process, `option --output: field ${quote(process, bad)} unknown`)
    const rows: { usage: FileSystemUsage; mount: string }[] = []
    let status = 0
    const mounts = mountPoints(process)
    if (o.operands.length > 0) {
      for (const path of o.operands) {
        try {
          const real = process.files.realpath(path)
          const mount = mounts.filter((one) => one === '/' || real === one || real.startsWith(`${one}/`)).sort((a, b) => b.length - a.length)[0] ?? '/'
          rows.push({ usage: process.files.statfs(path), mount })
        } catch (error) {
          await complain(process, `${path}: ${reason(error)}`)
          status = 1
        }
      }
    } else {
      for (const mount of mounts) {
        try {
          const usage = process.files.statfs(mount)
          if (usage.totalBytes > 0 || o.all) rows.push({ usage, mount })
        } catch (error) {
          if (!isErrno(error)) throw error
        }
      }
    }
    const kept = rows.filter(({ usage }) => (o.type.length === 0 || o.type.includes(usage.type)) && !o.exclude.includes(usage.type))
    if (kept.length === 0) {
      if (status === 0) await complain(process, 'no file systems processed')
      return 1
    }
    await print(process, o.output === undefined ? table(kept, o) : fieldTable(kept, o.output, o))
    return status
  },
})

function mountPoints(process: Process): string[] {
  try {
    return [...new Set(process.files.readText('/proc/self/mounts').split('\n').map((line) => line.split(' ')[1] ?? '').filter((path) => path !== ''))]
  } catch (error) {
    if (isErrno(error)) return ['/']
    throw error
  }
}

type Row = { readonly usage: FileSystemUsage; readonly mount: string }
type SizeOf = (bytes: number) => string

/** The columns of `df --output`, left ones first. */
const outputFields: Readonly<Record<string, { readonly head: string; readonly left?: boolean; readonly value: (row: Row, size: SizeOf) => string }>> = {
  source: { head: 'Filesystem', left: true, value: ({ usage }) => usage.source },
  fstype: { head: 'Type', left: true, value: ({ usage }) => usage.type },
  itotal: { head: 'Inodes', value: ({ usage }) => String(usage.totalInodes) },
  iused: { head: 'IUsed', value: ({ usage }) => String(usage.usedInodes) },
  iavail: { head: 'IFree', value: ({ usage }) => String(usage.totalInodes - usage.usedInodes) },
  ipcent: { head: 'IUse%', value: ({ usage }) => percent(usage.usedInodes, usage.totalInodes) },
  size: { head: '1K-blocks', value: ({ usage }, size) => size(usage.totalBytes) },
  used: { head: 'Used', value: ({ usage }, size) => size(usage.usedBytes) },
  avail: { head: 'Avail', value: ({ usage }, size) => size(usage.totalBytes - usage.usedBytes) },
  pcent: { head: 'Use%', value: ({ usage }) => percent(usage.usedBytes, usage.totalBytes) },
  file: { head: 'File', left: true, value: () => '-' },
  target: { head: 'Mounted on', left: true, value: ({ mount }) => mount },
}

function percent(used: number, total: number): string {
  return total === 0 ? '-' : `${Math.ceil((used / total) * 100)}%`
}

function fieldTable(rows: readonly Row[], fields: string, o: { human: boolean; si: boolean; mebibytes: boolean; blockSize: string | undefined }): string {
  const unit = o.mebibytes ? 1048576 : (blockUnit(o.blockSize ?? '1024') ?? 1024)
  const size: SizeOf = (bytes) => (o.human || o.si ? (bytes === 0 ? '0' : humanSize(bytes, o.si ? 1000 : 1024)) : String(Math.ceil(bytes / unit)))
  const names = fields === '' ? Object.keys(outputFields) : fields.split(',').filter((name) => name !== '')
  const columns = names.map((name) => outputFields[name] as (typeof outputFields)[string])
  const head = (column: (typeof columns)[number]): string => (column.head !== '1K-blocks' ? column.head : o.human || o.si ? 'Size' : o.mebibytes ? '1M-blocks' : o.blockSize !== undefined ? `${o.blockSize}-blocks` : column.head)
  const lines = [columns.map(head), ...rows.map((row) => columns.map((column) => column.value(row, size)))]
  const widths = columns.map((column, index) => Math.max(column.head === 'Filesystem' ? 14 : 0, ...lines.map((line) => (line[index] ?? '').length)))
  const cell = (text: string, index: number): string => (columns[index]?.left ? (index === columns.length - 1 ? text : text.padEnd(widths[index] as number)) : text.padStart(widths[index] as number))
  return lines.map((line) => `${line.map(cell).join(' ')}\n`).join('')
}

function table(rows: readonly { usage: FileSystemUsage; mount: string }[], o: { human: boolean; si: boolean; inodes: boolean; mebibytes: boolean; printType: boolean; portability: boolean; blockSize: string | undefined }): string {
  const unit = o.mebibytes ? 1048576 : o.blockSize !== undefined ? (parseSize(/^\d/.test(o.blockSize) ? o.blockSize : `1${o.blockSize}`) ?? 1024) : 1024
  const size = (bytes: number): string => (o.inodes ? String(bytes) : o.human || o.si ? (bytes === 0 ? '0' : humanSize(bytes, o.si ? 1000 : 1024)) : String(Math.ceil(bytes / unit)))
  const head = o.inodes ? ['Inodes', 'IUsed', 'IFree', 'IUse%'] : o.human || o.si ? ['Size', 'Used', 'Avail', 'Use%'] : [o.mebibytes ? '1M-blocks' : o.portability ? '1024-blocks' : o.blockSize !== undefined ? `${o.blockSize}-blocks` : '1K-blocks', 'Used', 'Available', o.portability ? 'Capacity' : 'Use%']
  const lines = [['Filesystem', ...(o.printType ? ['Type'] : []), ...head, 'Mounted on']]
  for (const { usage, mount } of rows) {
    const total = o.inodes ? usage.totalInodes : usage.totalBytes
    const used = o.inodes ? usage.usedInodes : usage.usedBytes
    lines.push([usage.source, ...(o.printType ? [usage.type] : []), size(total), size(used), size(total - used), total === 0 ? '-' : `${Math.ceil((used / total) * 100)}%`, mount])
  }
  const left = o.printType ? 2 : 1
  const widths = (lines[0] as string[]).map((_, column) => Math.max(column === 0 ? 14 : column >= left && column < left + 3 ? 5 : 0, ...lines.map((line) => (line[column] ?? '').length)))
  return lines.map((line) => `${line.map((cell, column) => (column === line.length - 1 ? cell : column < left ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number))).join(' ')}\n`).join('')
}

export const dfPrograms: readonly Program[] = [df]
