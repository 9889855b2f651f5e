/** mktemp. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, type FlagValues, option, optional } from '#engine/linux/abi/flags'
import { complain, print, quote, reason, usageFailure } from '#engine/programs/common/gnu'
import { fail } from '#engine/programs/common/operands'
import { isPresent } from '#engine/programs/coreutils/paths'

const mktempFlags = { directory: flag('-d', '--directory'), quiet: flag('-q', '--quiet'), dry: flag('-u', '--dry-run'), suffix: option('--suffix'), base: option('-p'), tmpdir: optional('--tmpdir'), inTmp: flag('-t') } as const

type Given = FlagValues<typeof mktempFlags>

const mktemp = defineProgram({
  name: 'mktemp',
  usage: '[OPTION]... [TEMPLATE]',
  flags: mktempFlags,
  async run(process, o) {
    const [given, extra] = o.operands
    if (extra !== undefined) return usageFailure(process, 'too many templates')
    const template = templateOf(process, given ?? 'tmp.XXXXXXXXXX', o)
    if (typeof template === 'string') return fail(process, template)
    const base = baseOf(process, given, o)
    return create(process, { ...template, base: base === '' ? '' : `${base.replace(/\/$/, '')}/` }, o)
  },
})

interface Template {
  readonly head: string
  readonly count: number
  readonly tail: string
}

/** The complaint where the template is none. */
function templateOf(process: Process, text: string, o: Given): Template | string {
  if (o.suffix !== undefined && !text.endsWith('X')) return `with --suffix, template ${quote(process, text)} must end in X`
  if (o.suffix?.includes('/')) return `invalid suffix ${quote(process, o.suffix)}, contains directory separator`
  const whole = text + (o.suffix ?? '')
  const [, head = '', xs = '', tail = ''] = /^(.*?)(X*)([^X]*)$/s.exec(whole) ?? []
  const run = /X*$/.exec(head + xs)?.[0] ?? ''
  if (run.length < 3) return `too few X's in template ${quote(process, whole)}`
  if (tail.includes('/')) return `invalid suffix ${quote(process, tail)}, contains directory separator`
  return placeProblem(process, text, o) ?? { head: (head + xs).slice(0, -run.length), count: run.length, tail }
}

/** With a directory of its own the template is a mere name. */
function placeProblem(process: Process, text: string, o: Given): string | undefined {
  if (o.inTmp && text.includes('/')) return `invalid template, ${quote(process, text)}, contains directory separator`
  const placed = o.tmpdir !== undefined || o.base !== undefined
  return placed && text.startsWith('/') ? `invalid template, ${quote(process, text)}; with --tmpdir, it may not be absolute` : undefined
}

/** The directory; none for a template without option. */
function baseOf(process: Process, given: string | undefined, o: Given): string {
  const temporary = process.env.get('TMPDIR') || '/tmp'
  if (o.inTmp) return process.env.get('TMPDIR') ?? o.base ?? temporary
  if (o.base !== undefined || o.tmpdir !== undefined) return (o.base ?? o.tmpdir) || temporary
  return given === undefined ? temporary : ''
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

async function create(process: Process, t: Template & { readonly base: string }, o: Given): Promise<number> {
  for (let attempt = 0; ; attempt++) {
    const random = Array.from({ length: t.count }, () => alphabet.charAt(process.random.integer(62))).join('')
    const path = t.base + t.head + random + t.tail
    try {
      if (make(process, path, o)) return await print(process, `${path}\n`).then(() => 0)
    } catch (error) {
      if (isErrno(error, 'EEXIST') && attempt < 100) continue
      const why = reason(error)
      if (!o.quiet) await complain(process, `failed to create ${o.directory ? 'directory' : 'file'} via template ${quote(process, t.base + t.head + 'X'.repeat(t.count) + t.tail)}: ${why}`)
      return 1
    }
  }
}

/** False where a dry run meets a name that is taken. */
function make(process: Process, path: string, o: Given): boolean {
  if (o.dry) return !isPresent(process, path)
  if (o.directory) process.files.mkdir(path, 0o700)
  else process.files.open(path, { write: true, create: true, exclusive: true }, 0o600).release()
  return true
}

export const mktempPrograms: readonly Program[] = [mktemp]
