/** df. */
import { isErrno } from '#engine/linux/abi/errno'
import type { FileSystemUsage } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, type FlagValues, list, option, optional } from '#engine/linux/abi/flags'
import { complain, print, quote, usageFailure } from '#engine/programs/common/gnu'
import { fail, forEachOperand } from '#engine/programs/common/operands'
import { blockUnitOf } from '#engine/programs/coreutils/block-sizes'
import { type DfForm, type DfRow, fieldNames, fieldTable } from '#engine/programs/coreutils/df-fields'

const dfFlags = {
  all: flag('-a', '--all'), blockSize: option('-B', '--block-size'), inodes: flag('-i', '--inodes'), human: flag('-h', '--human-readable'), si: flag('-H', '--si'), local: flag('-l', '--local'), output: optional('--output'), portability: flag('-P', '--portability'), printType: flag('-T', '--print-type'), sync: flag('--sync'), noSync: flag('--no-sync'), total: flag('--total'),
  type: list('-t', '--type'), exclude: list('-x', '--exclude-type'), kibibytes: flag('-k'), mebibytes: flag('-m'),
} as const

type Given = FlagValues<typeof dfFlags>

const df = defineProgram({
  name: 'df',
  flags: dfFlags,
  async run(process, o) {
    if (o.blockSize !== undefined && !blockUnitOf(o.blockSize)) return fail(process, `invalid -B argument '${o.blockSize}'`)
    const wrong = outputProblem(process, o)
    if (wrong !== undefined) return usageFailure(process, wrong)
    const both = o.type.find((type) => o.exclude.includes(type))
    if (both !== undefined) return fail(process, `file system type ${quote(process, both)} both selected and excluded`)
    const rows: DfRow[] = []
    const status = o.operands.length > 0 ? await forEachOperand(process, o.operands, async (path) => void rows.push(rowOf(process, path))) : allRows(process, o, rows)
    const kept = rows.filter(({ usage }) => (o.type.length === 0 || o.type.includes(usage.type)) && !o.exclude.includes(usage.type))
    if (kept.length === 0) {
      if (status === 0) await complain(process, 'no file systems processed')
      return 1
    }
    await print(process, fieldTable(o.total ? [...kept, totalRow(kept)] : kept, columnsOf(o), formOf(o)))
    return status
  },
})

function outputProblem(process: Process, o: Given): string | undefined {
  const bad = o.output?.split(',').find((name) => name !== '' && !fieldNames.includes(name))
  if (bad !== undefined) return `option --output: field ${quote(process, bad)} unknown`
  const rival = o.output === undefined ? undefined : o.inodes ? '-i' : o.portability ? '-P' : o.printType ? '-T' : undefined
  return rival && `options ${rival} and --output are mutually exclusive`
}

function columnsOf(o: Given): readonly string[] {
  if (o.output !== undefined) return o.output === '' ? fieldNames : o.output.split(',').filter((name) => name !== '')
  const amounts = o.inodes ? ['itotal', 'iused', 'iavail', 'ipcent'] : ['size', 'used', 'avail', 'pcent']
  return ['source', ...(o.printType ? ['fstype'] : []), ...amounts, 'target']
}

function formOf(o: Given): DfForm {
  const unit = (o.blockSize === undefined ? undefined : blockUnitOf(o.blockSize)) ?? { bytes: o.mebibytes ? 1048576 : 1024, suffix: '' }
  const label = o.blockSize === undefined ? (o.mebibytes ? '1M' : o.portability ? '1024' : '1K') : `${/^\d/.test(o.blockSize) ? '' : '1'}${o.blockSize}`
  return { human: o.human, si: o.si, unit, label, long: o.output === undefined, posix: o.portability }
}

function mountPoints(process: Process): string[] {
  try {
    return [...new Set(process.files.readText('/proc/self/mounts').split('\n').map((line) => line.split(' ')[1] ?? '').filter((path) => path !== ''))]
  } catch (error) {
    if (isErrno(error)) return ['/']
    throw error
  }
}

/** The file system a path lies on. */
function rowOf(process: Process, path: string): DfRow {
  const real = process.files.realpath(path)
  const mount = mountPoints(process).filter((one) => one === '/' || real === one || real.startsWith(`${one}/`)).sort((a, b) => b.length - a.length)[0] ?? '/'
  return { usage: process.files.statfs(path), mount, file: path }
}

function allRows(process: Process, o: Given, rows: DfRow[]): number {
  for (const mount of mountPoints(process)) {
    try {
      const usage = process.files.statfs(mount)
      if (usage.totalBytes > 0 || o.all) rows.push({ usage, mount, file: '-' })
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }
  return 0
}

function totalRow(rows: readonly DfRow[]): DfRow {
  const sum = (of: (usage: FileSystemUsage) => number): number => rows.reduce((total, { usage }) => total + of(usage), 0)
  return { usage: { source: 'total', type: '-', totalBytes: sum((one) => one.totalBytes), usedBytes: sum((one) => one.usedBytes), totalInodes: sum((one) => one.totalInodes), usedInodes: sum((one) => one.usedInodes) }, mount: '-', file: '-' }
}

export const dfPrograms: readonly Program[] = [df]
