/** A command the host runs on a machine: through pipes or on a terminal, as a login of a user would have it. */
import { Errno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import { exitCodeOf, type ExitStatus, type Signal } from '#engine/linux/abi/signals'
import type { Kernel } from '#engine/linux/kernel/kernel'
import { loadImage } from '#engine/linux/kernel/program'
import { leadSession } from '#engine/linux/kernel/session'
import { deliver } from '#engine/linux/kernel/signals'
import type { Task } from '#engine/linux/kernel/task'
import { findUser, groupsOf, loginEnvironment, type User } from '#engine/linux/users/accounts'

const userSlice = '/user.slice/user-0.slice'
/** What stops a fork bomb, in one session; another still opens. */
const maxSessionProcesses = '1024'
/** Somebody logs in to a machine that has been up for a while: what ran before has used the smaller numbers. */
const pidsUsedBefore = 10_240

export interface SessionOptions {
  /** Default root. */
  readonly user?: string
  /** Default: the user's home. */
  readonly cwd?: string
  /** Added to the login environment. */
  readonly env?: Readonly<Record<string, string>>
  /** A terminal of this size; without it stdin, stdout and stderr are pipes. */
  readonly terminal?: { readonly columns: number; readonly rows: number; readonly term?: string }
  /** Without it stdin is at its end at once. */
  readonly stdin?: boolean
  /** What is written; the writer waits until the promise resolves. On a terminal all comes as stdout. */
  readonly onStdout?: (bytes: Uint8Array) => void | Promise<void>
  readonly onStderr?: (bytes: Uint8Array) => void | Promise<void>
}

export interface HostSession {
  readonly pid: number
  /** The exit code, 128 + n after a signal, once all output has been handed over. 127 and 126 as a shell's, when it cannot be started. */
  readonly exit: Promise<number>
  /** Typed or piped input; waits while there is no room. Silently dropped once the other side is gone. */
  write(bytes: Uint8Array): Promise<void>
  /** End of input. */
  end(): void
  resize(columns: number, rows: number): void
  /** Hangs up: as closing the terminal window or losing the connection. */
  hangUp(): void
  kill(signal: Signal): void
}

export function startSession(kernel: Kernel, argv: readonly string[], options: SessionOptions): HostSession {
  const name = `session-${kernel.forks + 1}.scope`
  kernel.cgroups.descend(`${userSlice}/${name}`).set('pids.max', maxSessionProcesses)
  kernel.pidNamespace.startAfter(pidsUsedBefore)
  const task = kernel.birth(undefined, { cgroup: `${userSlice}/${name}`, session: {} })
  const { sessionPid } = task
  const link = options.terminal ? onTerminal(kernel, task, options.terminal) : onPipes(kernel, task, options.stdin === true)
  const ended = new Promise<ExitStatus>((resolve) => (task.onEnd = resolve))
  const pumps = [pump(link.output, options.onStdout), ...(link.errors ? [pump(link.errors, options.onStderr)] : [])]
  const exit = ended.then(async (status) => {
    for (const each of pumps) await each.drain()
    link.release()
    removeScope(kernel, name)
    return exitCodeOf(status)
  })
  start(kernel, task, argv, options)
  return {
    pid: task.pid,
    exit,
    write: (bytes) => feed(link.input, bytes),
    end: () => link.endInput(),
    resize: (columns, rows) => link.output.tty?.resize(columns, rows),
    hangUp: () => {
      link.release()
      // What runs on in the background is hung up too, as an interactive bash does; daemons have sessions of their own.
      for (const member of [...sessionPid.sessionMembers]) deliver(member, 'SIGHUP', undefined)
    },
    kill: (signal) => deliver(task, signal, undefined),
  }
}

/** Gone with its last process; what was left in the background keeps it. */
function removeScope(kernel: Kernel, name: string): void {
  const slice = kernel.cgroups.find(userSlice)
  if (slice?.children.get(name)?.taskCount === 0) slice.remove(name)
}

interface Link {
  readonly input: OpenFile | undefined
  readonly output: OpenFile
  readonly errors: OpenFile | undefined
  endInput(): void
  release(): void
}

function onTerminal(kernel: Kernel, task: Task, size: { columns: number; rows: number }): Link {
  const { master, slave } = kernel.ttys.open(size)
  for (const fd of [0, 1, 2]) task.table.install(slave, fd)
  leadSession(task, slave)
  return { input: master, output: master, errors: undefined, endInput: () => void master.writeNow(Uint8Array.of(4)), release: () => master.release() }
}

function onPipes(kernel: Kernel, task: Task, withInput: boolean): Link {
  const input = kernel.makePipe()
  const output = kernel.makePipe()
  const errors = kernel.makePipe()
  task.table.install(input.reader, 0)
  task.table.install(output.writer, 1)
  task.table.install(errors.writer, 2)
  if (!withInput) input.writer.release()
  const release = (): void => {
    for (const end of [input.writer, output.reader, errors.reader]) end.release()
  }
  return { input: withInput ? input.writer : undefined, output: output.reader, errors: errors.reader, endInput: () => input.writer.release(), release }
}

function start(kernel: Kernel, task: Task, argv: readonly string[], options: SessionOptions): void {
  try {
    const user = becomeUser(task, options)
    const command = argv[0] ?? user.shell
    const image = loadImage(task, kernel.programs, locate(task, command), argv.length > 0 ? argv : [`-${user.shell.split('/').pop() ?? 'sh'}`], task.env)
    task.become(image)
    task.run(() => image.program.run(task))
  } catch (error) {
    if (!(error instanceof Errno)) throw error
    task.run(async () => {
      await task.stderr.write(`exec: ${argv[0] ?? ''}: ${error.code === 'ENOENT' ? 'command not found' : error.message}\n`)
      return error.code === 'ENOENT' ? 127 : 126
    })
  }
}

function becomeUser(task: Task, options: SessionOptions): User {
  const user = findUser(task.files, options.user ?? 'root')
  if (!user) throw new Errno('ENOENT', options.user)
  if (user.uid !== 0) task.credentials = { uid: user.uid, gid: user.gid, euid: user.uid, egid: user.gid, groups: groupsOf(task.files, user), capabilities: new Set() }
  task.env = loginEnvironment(user, options.terminal ? (options.terminal.term ?? 'xterm-256color') : undefined)
  for (const [name, value] of Object.entries(options.env ?? {})) task.env.set(name, value)
  for (const directory of [options.cwd, user.home])
    if (directory !== undefined && task.files.exists(directory)?.type === 'directory') {
      task.chdir(directory)
      break
    }
  return user
}

function locate(task: Task, command: string): string {
  if (command.includes('/')) return command
  for (const directory of (task.env.get('PATH') ?? '').split(':')) {
    const path = `${directory}/${command}`
    if (task.files.exists(path)?.type === 'file') return path
  }
  throw new Errno('ENOENT', command)
}

/** Hands over what is written until the end, or until `drain` finds nothing more to come at once. */
function pump(file: OpenFile, take: SessionOptions['onStdout']): { drain(): Promise<void> } {
  let idle: (() => void) | undefined
  let draining = false
  let over = false
  const loop = async (): Promise<void> => {
    for (;;) {
      const bytes = file.readNow?.(65536)
      if (bytes === null) break
      if (bytes) await take?.(bytes)
      else if (draining) break
      else await new Promise<void>((resolve) => {
        const cancel = file.onReadable?.(resolve)
        idle = () => {
          cancel?.()
          resolve()
        }
      })
    }
    over = true
  }
  const done = loop()
  return {
    drain: () => {
      draining = true
      if (!over) idle?.()
      return done
    },
  }
}

async function feed(file: OpenFile | undefined, bytes: Uint8Array): Promise<void> {
  if (!file) return
  try {
    await file.write(bytes)
  } catch (error) {
    if (!(error instanceof Errno)) throw error
  }
}
