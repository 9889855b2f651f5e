/** find's actions. */
import { isErrno } from '#engine/linux/abi/errno'
import { Quit, type FindContext, type Node, type Visit } from '#engine/programs/text/find/nodes'
import { checkFormat, formatted, listing } from '#engine/programs/text/find/printing'
import { quote, reason } from '#engine/programs/common/gnu'
import { which } from '#engine/programs/coreutils/running'

export interface Taken {
  readonly node: Node
  /** How many arguments belong to the action. */
  readonly taken: number
}

type Act = (context: FindContext, visit: Visit, args: readonly string[]) => Promise<unknown>

/** How many arguments each takes, and what it does; the answer is always yes. */
const simple: Readonly<Record<string, readonly [taken: number, act: Act]>> = {
  '-print': [0, (context, visit) => context.print(`${visit.path}\n`)],
  '-print0': [0, (context, visit) => context.print(`${visit.path}\0`)],
  '-printf': [1, (context, visit, [text = '']) => context.print(formatted(context, text, visit))],
  '-fprint': [1, (context, visit, [file = '']) => context.printTo(file, `${visit.path}\n`)],
  '-fprint0': [1, (context, visit, [file = '']) => context.printTo(file, `${visit.path}\0`)],
  '-fprintf': [2, (context, visit, [file = '', text = '']) => context.printTo(file, formatted(context, text, visit))],
  '-ls': [0, (context, visit) => context.print(listing(context, visit))],
  '-fls': [1, (context, visit, [file = '']) => context.printTo(file, listing(context, visit))],
  '-prune': [0, async (_, visit) => (visit.prune = true)],
  '-quit': [0, () => Promise.reject(new Quit() as unknown as Error)],
}

const executing: ReadonlySet<string> = new Set(['-exec', '-execdir', '-ok', '-okdir'])

export function hasAction(name: string): boolean {
  return Object.hasOwn(simple, name) || executing.has(name) || name === '-delete'
}

/** A string says what is wrong. */
export function actionFor(context: FindContext, name: string, args: readonly string[]): Taken | string {
  if (name === '-delete') return { node: (visit) => remove(context, visit), taken: 0 }
  const [taken, act] = simple[name] ?? []
  if (taken === undefined || !act) return execution(context, name, args)
  if (args.length < taken) return `missing argument to \`${name}'`
  if (/printf$/.test(name)) checkFormat(context, args[taken - 1] ?? '')
  const node: Node = async (visit) => {
    await act(context, visit, args)
    return true
  }
  return { node, taken }
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
  const plus = name.startsWith('-ok') ? -1 : args.findIndex((arg, index) => arg === '+' && args[index - 1] === '{}')
  const many = plus >= 0 && (semicolon < 0 || plus < semicolon)
  const end = many ? plus : semicolon
  const words = args.slice(0, Math.max(0, end))
  if (end < 0) return `missing argument to \`${name}'`
  if (words.length === 0) return `invalid argument \`;' to \`${name}'`
  const inDirectory = name.endsWith('dir')
  return { node: many ? collector(context, words.slice(0, -1), inDirectory) : single(context, name, words, inDirectory), taken: end + 1 }
}

function single(context: FindContext, name: string, words: readonly string[], inDirectory: boolean): Node {
  return async (visit) => {
    const shown = inDirectory ? `./${visit.name}` : visit.path
    const argv = words.map((word) => word.replaceAll('{}', shown))
    if (name.startsWith('-ok')) {
      await context.flush()
      if (!(await confirmCommand(context, argv[0] as string, shown))) return false
    }
    return (await runCommand(context, argv, inDirectory ? parentOf(visit) : undefined)) === 0
  }
}

async function confirmCommand(context: FindContext, command: string, path: string): Promise<boolean> {
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
