/** truncate, sync. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { parseSize, quote, quoteName, usageFailure } from '#engine/programs/common/gnu'
import { fail, forEachOperand } from '#engine/programs/common/operands'

interface Change {
  readonly sign: string
  readonly amount: number
}

const truncate = defineProgram({
  name: 'truncate',
  usage: 'OPTION... FILE...',
  flags: { noCreate: flag('-c', '--no-create'), blocks: flag('-o', '--io-blocks'), reference: option('-r', '--reference'), size: option('-s', '--size') },
  async run(process, o) {
    const change = o.size === undefined ? undefined : changeOf(process, o.size)
    if (typeof change === 'string') return fail(process, change)
    const wrong = combinationProblem(process, o, change)
    if (wrong !== undefined) return usageFailure(process, wrong)
    const reference = o.reference === undefined ? undefined : sizeOf(process, o.reference)
    if (typeof reference === 'string') return fail(process, reference)
    if (o.operands.length === 0) return usageFailure(process, 'missing file operand')
    const unit = o.blocks ? 4096 : 1
    return forEachOperand(process, o.operands, async (path) => resize(process, path, o.noCreate, (before) => newSize(change, reference ?? before, unit)), (path, why) => `cannot open ${quoteName(path)} for writing: ${why}`)
  },
})

function changeOf(process: Process, text: string): Change | string {
  const [, sign = '', digits = ''] = /^\s*([-+<>/%]?)\s*(.*)$/s.exec(text) ?? []
  const amount = parseSize(digits)
  if (amount === undefined) return `Invalid number: ${quote(process, digits)}`
  return amount === 0 && (sign === '/' || sign === '%') ? 'division by zero' : { sign, amount }
}

function combinationProblem(process: Process, o: { size: string | undefined; reference: string | undefined; blocks: boolean }, change: Change | undefined): string | undefined {
  if (o.size === undefined && o.reference === undefined) return `you must specify either ${quote(process, '--size')} or ${quote(process, '--reference')}`
  if (o.reference !== undefined && change?.sign === '') return `you must specify a relative ${quote(process, '--size')} with ${quote(process, '--reference')}`
  return o.blocks && o.size === undefined ? `${quote(process, '--io-blocks')} was specified but ${quote(process, '--size')} was not` : undefined
}

/** The complaint where there is no such file. */
function sizeOf(process: Process, path: string): number | string {
  try {
    return process.files.stat(path).size
  } catch (error) {
    if (isErrno(error)) return `cannot stat ${quoteName(path)}: ${error.message}`
    throw error
  }
}

async function resize(process: Process, path: string, noCreate: boolean, size: (before: number) => number): Promise<void> {
  const before = process.files.exists(path)
  if (!before && noCreate) return
  process.files.open(path, { write: true, create: true }, 0o666).release()
  process.files.truncate(path, size(before?.size ?? 0))
}

function newSize(change: Change | undefined, size: number, unit: number): number {
  if (!change) return size
  const amount = change.amount * unit
  switch (change.sign) {
    case '+': return size + amount
    case '-': return Math.max(0, size - amount)
    case '<': return Math.min(size, amount)
    case '>': return Math.max(size, amount)
    case '/': return Math.floor(size / amount) * amount
    case '%': return Math.ceil(size / amount) * amount
    default: return amount
  }
}

const sync = defineProgram({
  name: 'sync',
  usage: '[OPTION] [FILE]...',
  flags: { data: flag('-d', '--data'), fileSystem: flag('-f', '--file-system') },
  async run(process, { data, fileSystem, operands }) {
    if (data && fileSystem) return fail(process, 'cannot specify both --data and --file-system')
    if (data && operands.length === 0) return fail(process, '--data needs at least one argument')
    return forEachOperand(process, operands, async (path) => void process.files.stat(path), (path, why) => `error opening ${quoteName(path)}: ${why}`)
  },
})

export const truncatePrograms: readonly Program[] = [truncate, sync]
