/** find's actions. */
import { isErrno } from '#engine/linux/abi/errno'
import { Quit, type FindContext, type Node, type Visit } from '#engine/programs/text/find-nodes'
import { modeString, quote, reason } from '#engine/programs/common/gnu'
import { blockBytes } from '#engine/programs/coreutils/ls'
import { confirm } from '#engine/programs/coreutils/remove'
import { which } from '#engine/programs/coreutils/running'
import { formatDate } from '#engine/shell/builtins/strftime'

export interface Taken {
  readonly node: Node
  /** How many arguments belong to the action. */
  readonly taken: number
}

const actions = new Set(['-print', '-print0', '-printf', '-fprint', '-fprint0', '-fprintf', '-exec', '-execdir', '-ok', '-okdir', '-delete', '-prune', '-quit', '-ls', '-fls'])

export function hasAction(name: string): boolean {
  return actions.has(name)
}

/** A string says what is wrong. */
export function actionFor(context: FindContext, name: string, args: readonly string[]): Taken | string {
  const yes = (run: (visit: Visit) => Promise<unknown>): Node => async (visit) => {
    await run(visit)
    return true
  }
  const needed = name === '-printf' || name === '-fprint' || name === '-fprint0' || name === '-fls' ? 1 : name === '-fprintf' ? 2 : 0
  if (args.length < needed) return `missing argument to \`${name}'`
  switch (name) {
    case '-print': return { node: yes((visit) => context.print(`${visit.path}\n`)), taken: 0 }
    case '-print0': return { node: yes((visit) => context.print(`${visit.path}\0`)), taken: 0 }
    case '-printf': return { node: yes((visit) => context.print(format(context, args[0] as string, visit))), taken: 1 }
    case '-fprint': return { node: yes((visit) => context.printTo(args[0] as string, `${visit.path}\n`)), taken: 1 }
    case '-fprint0': return { node: yes((visit) => context.printTo(args[0] as string, `${visit.path}\0`)), taken: 1 }
    case '-fprintf': return { node: yes((visit) => context.printTo(args[0] as string, format(context, args[1] as string, visit))), taken: 2 }
    case '-ls': return { node: yes((visit) => context.print(listing(context, visit))), taken: 0 }
    case '-fls': return { node: yes((visit) => context.printTo(args[0] as string, listing(context, visit))), taken: 1 }
    case '-delete': return { node: (visit) => remove(context, visit), taken: 0 }
    case '-prune': return { node: yes((visit) => Promise.resolve((visit.prune = true))), taken: 0 }
    case '-quit': return { node: () => Promise.reject(new Quit() as unknown as Error), taken: 0 }
    default: return execution(context, name, args)
  }
}

async function remove(context: FindContext, visit: Visit): Promise<boolean> {
  if (visit.path === '.') return true
  try {
    if (visit.stat.type === 'directory') context.process.files.rmdir(visit.path)
    else context.process.files.unlink(visit.path)
    return true
  } catch (error) {
    await context.complain(`cannot delete ${quote(context.process, visit.path)}: ${reason(error)}`)
    context.status = 1
    return false
  }
}

function execution(context: FindContext, name: string, args: readonly string[]): Taken | string {
  const semicolon = args.indexOf(';')
  const plus = args.findIndex((arg, index) => arg === '+' && args[index - 1] === '{}')
  const many = plus >= 0 && (semicolon < 0 || plus < semicolon) && !name.startsWith('-ok')
  const end = many ? plus : semicolon
  if (end < 0) return `missing argument to \`${name}'`
  const words = args.slice(0, end)
  if (words.length === 0) return `invalid argument \`;' to \`${name}'`
  const inDirectory = name.endsWith('dir')
  if (many) return { node: collector(context, words.slice(0, -1), inDirectory), taken: end + 1 }
  const node: Node = async (visit) => {
    const shown = inDirectory ? `./${visit.name}` : visit.path
    const argv = words.map((word) => word.replaceAll('{}', shown))
    if (name.startsWith('-ok')) {
      await context.flush()
      if (!(await confirmCommand(context, argv[0] as string, shown))) return false
    }
    return (await runCommand(context, argv, inDirectory ? parentOf(visit) : undefined)) === 0
  }
  return { node, taken: end + 1 }
}

async function confirmCommand(context: FindContext, command: string, path: string): Promise<boolean> {
  void confirm
  await context.process.stderr.write(`< ${command} ... ${path} > ? `)
  for await (const line of context.process.stdin.lines()) return /^[yY]/.test(line)
  return false
}

function parentOf(visit: Visit): string {
  const at = visit.path.lastIndexOf('/')
  return at < 0 ? '.' : visit.path.slice(0, at) || '/'
}

/** `-exec ... {} +`: as many files per call as fit. */
function collector(context: FindContext, words: readonly string[], inDirectory: boolean): Node {
  let files: string[] = []
  let size = 0
  let directory: string | undefined
  const flush = async (): Promise<void> => {
    if (files.length === 0) return
    const batch = files
    files = []
    size = 0
    if ((await runCommand(context, [...words, ...batch], inDirectory ? directory : undefined)) !== 0) context.status = 1
  }
  context.finishers.push(flush)
  return async (visit) => {
    const parent = inDirectory ? parentOf(visit) : undefined
    if (size > 100_000 || (inDirectory && directory !== undefined && directory !== parent)) await flush()
    directory = parent
    files.push(inDirectory ? `./${visit.name}` : visit.path)
    size += visit.path.length
    return true
  }
}

async function runCommand(context: FindContext, argv: readonly string[], cwd: string | undefined): Promise<number> {
  await context.flush()
  const { process } = context
  const name = argv[0] as string
  const path = which(process, name)
  try {
    if (path === undefined) {
      await context.complain(`${quote(process, name)}: No such file or directory`)
      return 1
    }
    const status = await process.spawn(path, argv, cwd === undefined ? {} : { cwd }).wait()
    return status.kind === 'exited' ? status.code : 1
  } catch (error) {
    if (!isErrno(error)) throw error
    await context.complain(`${quote(process, name)}: ${error.message}`)
    return 1
  }
}

function listing(context: FindContext, visit: Visit): string {
  const { stat } = visit
  const user = context.accounts.user(stat.uid) ?? String(stat.uid)
  const group = context.accounts.group(stat.gid) ?? String(stat.gid)
  const recent = stat.mtimeMs > context.process.clock.now() - 15778476000
  const link = stat.type === 'symlink' ? ` -> ${context.process.files.readlink(visit.path)}` : ''
  return `${String(stat.ino).padStart(9)} ${String(blockBytes(stat) / 1024).padStart(6)} ${modeString(stat.type, stat.mode)} ${String(stat.nlink).padStart(3)} ${user.padEnd(8)} ${group.padEnd(8)} ${String(stat.size).padStart(8)} ${formatDate(recent ? '%b %e %H:%M' : '%b %e  %Y', stat.mtimeMs, 0, 'UTC')} ${visit.path}${link}\n`
}

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '0': '\0' }

function format(context: FindContext, text: string, visit: Visit): string {
  const cut = /(?<!\\)((?:\\\\)*)\\c/.exec(text)
  const body = cut ? text.slice(0, cut.index + (cut[1] as string).length) : text
  return body.replace(/\\([0-7]{1,3}|.)|%([-+ 0#]*)(\d*)(?:\.(\d+))?([ACTB]?)(.)/gs, (whole, escape: string | undefined, flags: string | undefined, width: string | undefined, _precision: string | undefined, time: string | undefined, kind: string | undefined) => {
    if (escape !== undefined) return escapes[escape] ?? (/^[0-7]+$/.test(escape) ? String.fromCharCode(Number.parseInt(escape, 8)) : whole)
    const value = time ? timeField(visit, time, kind as string) : field(context, visit, kind as string)
    if (value === undefined) return whole
    return flags?.includes('-') ? value.padEnd(Number(width)) : value.padStart(Number(width), flags?.includes('0') ? '0' : ' ')
  })
}

function timeField(visit: Visit, which: string, kind: string): string {
  const ms = which === 'A' ? visit.stat.atimeMs : which === 'T' ? visit.stat.mtimeMs : visit.stat.ctimeMs
  const fraction = `.${String(Math.floor((ms % 1000) * 1e6)).padStart(9, '0')}0`
  if (kind === '@') return `${Math.floor(ms / 1000)}${fraction}`
  if (kind === '+') return formatDate('%Y-%m-%d+%H:%M:%S', ms, 0, 'UTC') + fraction
  if (kind === 'S') return formatDate('%S', ms, 0, 'UTC') + fraction
  if (kind === 'T' || kind === 'X') return formatDate('%H:%M:%S', ms, 0, 'UTC') + fraction
  return formatDate(`%${kind}`, ms, 0, 'UTC')
}

interface FieldInput {
  readonly context: FindContext
  readonly visit: Visit
  readonly stat: Visit['stat']
}

/** What `-printf` knows, by its letters. */
const printfFields: Readonly<Record<string, (input: FieldInput) => string | undefined>> = {
  '%': () => '%',
  a: ({ stat }) => formatDate('%a %b %e %H:%M:%S.%N0 %Y', stat.atimeMs, 0, 'UTC'),
  b: ({ stat }) => String(blockBytes(stat) / 512),
  c: ({ stat }) => formatDate('%a %b %e %H:%M:%S.%N0 %Y', stat.ctimeMs, 0, 'UTC'),
  d: ({ visit }) => String(visit.depth),
  D: ({ stat }) => String(stat.dev),
  f: ({ visit }) => visit.path === '/' ? '/' : visit.name,
  F: ({ context, visit }) => context.process.files.statfs(visit.path).type,
  g: ({ context, stat }) => context.accounts.group(stat.gid) ?? String(stat.gid),
  G: ({ stat }) => String(stat.gid),
  h: ({ visit }) => visit.path.includes('/') ? visit.path.slice(0, visit.path.lastIndexOf('/')) : '.',
  H: ({ visit }) => visit.start,
  i: ({ stat }) => String(stat.ino),
  k: ({ stat }) => String(blockBytes(stat) / 1024),
  l: ({ context, visit, stat }) => stat.type === 'symlink' ? context.process.files.readlink(visit.path) : '',
  m: ({ stat }) => (stat.mode & 0o7777).toString(8),
  M: ({ stat }) => modeString(stat.type, stat.mode),
  n: ({ stat }) => String(stat.nlink),
  p: ({ visit }) => visit.path,
  P: ({ visit }) => visit.depth === 0 ? '' : visit.path.slice(visit.start.length).replace(/^\//, ''),
  s: ({ stat }) => String(stat.size),
  S: () => '1',
  t: ({ stat }) => formatDate('%a %b %e %H:%M:%S.%N0 %Y', stat.mtimeMs, 0, 'UTC'),
  u: ({ context, stat }) => context.accounts.user(stat.uid) ?? String(stat.uid),
  U: ({ stat }) => String(stat.uid),
  y: ({ stat }) => ({ file: 'f', directory: 'd', symlink: 'l', fifo: 'p', socket: 's', character: 'c', block: 'b' } as const)[stat.type],
}

function field(context: FindContext, visit: Visit, kind: string): string | undefined {
  const { stat } = visit
  const entry = Object.hasOwn(printfFields, kind) ? printfFields[kind] : undefined
  return entry ? entry({ context, visit, stat }) : undefined
}
