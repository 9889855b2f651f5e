import { concatBytes, decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { VirtualClock } from '#engine/base/clock'
import { SeededRandom } from '#engine/base/random'
import { Errno } from '#engine/linux/abi/errno'
import { encodeExecutable } from '#engine/linux/abi/executable'
import type { Sockets } from '#engine/linux/abi/net'
import type { NetworkProvider } from '#engine/linux/abi/netprovider'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { TreeFileSystem } from '#engine/linux/fs/cow/tree'
import { Machine } from '#engine/linux/machine'
import type { SessionOptions } from '#engine/linux/kernel/hostsession'

export interface TestMachine {
  readonly machine: Machine
  readonly clock: VirtualClock
  /** Errors that no program should throw; empty in a good test. */
  readonly programErrors: unknown[]
  /** Runs a command to its end, moving the clock as far as need be. */
  run(argv: readonly string[], options?: SessionOptions & { input?: string; limitMs?: number }): Promise<{ stdout: string; stderr: string; code: number }>
  /** Runs a body as a process of root. */
  body(work: (process: Process) => Promise<number>): Promise<{ stdout: string; code: number }>
  /** Lets everything run that can run now, then moves the clock by `ms`. */
  advance(ms: number): Promise<void>
}

export interface TestMachineOptions {
  readonly programs?: readonly Program[]
  /** Text files to be there. */
  readonly files?: Readonly<Record<string, string>>
  readonly init?: (process: Process) => Promise<number>
  readonly network?: NetworkProvider
}

/** No network: every call says so. */
export const noNetwork: NetworkProvider = {
  createNamespace: () => ({ inode: 4026531840 }),
  sockets: () => new Proxy({} as Sockets, { get: () => () => Promise.reject(new Errno('ENETUNREACH')) }),
}

export function testMachine(options: TestMachineOptions = {}): TestMachine {
  const clock = new VirtualClock(Date.UTC(2026, 10, 21, 9, 0, 0))
  const programErrors: unknown[] = []
  const programs = new Map((options.programs ?? []).map((program) => [program.name, program]))
  const machine = new Machine({
    name: 'base',
    clock,
    random: new SeededRandom('test'),
    programs,
    network: options.network ?? noNetwork,
    disk: testDisk(clock, programs, options.files ?? {}),
    onProgramError: (_command, error) => programErrors.push(error),
    ...(options.init ? { init: options.init } : programs.has('systemd') ? {} : { init: reapForever }),
  })
  machine.boot()
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 400; i++) await Promise.resolve()
  }
  const advance = async (ms: number): Promise<void> => {
    const until = clock.now() + ms
    await settle()
    for (let next = clock.nextTimerAt(); next !== undefined && next <= until; next = clock.nextTimerAt()) {
      clock.runNext()
      await settle()
    }
    clock.advanceTo(until)
  }
  const finish = async <T>(exit: Promise<T>, limitMs: number): Promise<T> => {
    let value: { result: T } | undefined
    void exit.then((result) => (value = { result }))
    const until = clock.now() + limitMs
    for (await settle(); !value; await settle()) {
      const next = clock.nextTimerAt()
      if (next === undefined || next > until) throw new Error(next === undefined ? 'the command waits forever' : `the command took more than ${limitMs} ms`)
      clock.runNext()
    }
    return value.result
  }
  const run: TestMachine['run'] = async (argv, { input, limitMs = 60_000, ...session } = {}) => {
    const out: Uint8Array[] = []
    const errors: Uint8Array[] = []
    const started = machine.exec(argv, { ...session, stdin: input !== undefined, onStdout: (bytes) => void out.push(bytes.slice()), onStderr: (bytes) => void errors.push(bytes.slice()) })
    if (input !== undefined) void started.write(encodeUtf8(input)).then(() => started.end())
    const code = await finish(started.exit, limitMs)
    return { stdout: decodeUtf8(concatBytes(out)), stderr: decodeUtf8(concatBytes(errors)), code }
  }
  const body: TestMachine['body'] = async (work) => {
    let stdout = ''
    const task = machine.spawnHostProcess('test', async (process) => {
      const { reader, writer } = process.pipe()
      process.install(writer, 1)
      process.install(writer, 2)
      process.background(async () => {
        for (let bytes = await reader.read(); bytes; bytes = await reader.read()) stdout += decodeUtf8(bytes)
      })
      const code = await work(process)
      for (let bytes = reader.readNow?.(); bytes; bytes = reader.readNow?.()) stdout += decodeUtf8(bytes)
      return code
    })
    const code = await finish(task.exit, 600_000)
    return { stdout, code }
  }
  return { machine, clock, programErrors, run, body, advance }
}

async function reapForever(process: Process): Promise<number> {
  let wake: (() => void) | undefined
  process.handle('SIGCHLD', () => wake?.())
  for (;;) {
    const child = await process.waitAny()
    if (child === null) await new Promise<void>((resolve) => (wake = resolve))
  }
}

function testDisk(clock: VirtualClock, programs: ReadonlyMap<string, Program>, files: Readonly<Record<string, string>>): ReturnType<TreeFileSystem['snapshot']> {
  const tree = new TreeFileSystem(() => clock.now(), { type: 'ext4', totalBytes: 20 * 1024 ** 3, totalInodes: 1_310_720 })
  const directory = (path: string): number => {
    let at = tree.root
    for (const name of path.split('/').filter(Boolean)) at = tree.lookup(at, name) || tree.create(at, name, { type: 'directory', mode: 0o755, uid: 0, gid: 0 })
    return at
  }
  const file = (path: string, content: Uint8Array, mode: number): void => {
    const slash = path.lastIndexOf('/')
    tree.setContent(tree.create(directory(path.slice(0, slash)), path.slice(slash + 1), { type: 'file', mode, uid: 0, gid: 0 }), content)
  }
  for (const path of ['/root', '/etc', '/tmp', '/usr/bin', '/usr/sbin', '/var/log', '/var/lib']) directory(path)
  tree.change(directory('/tmp'), { mode: 0o1777 })
  for (const name of ['bin', 'sbin']) tree.create(tree.root, name, { type: 'symlink', mode: 0o777, uid: 0, gid: 0, target: `usr/${name}` })
  for (const name of programs.keys()) file(`/usr/bin/${name}`, encodeExecutable(name), 0o755)
  if (programs.has('systemd')) tree.create(directory('/usr/sbin'), 'init', { type: 'symlink', mode: 0o777, uid: 0, gid: 0, target: '../bin/systemd' })
  for (const [path, text] of Object.entries(files)) file(path, encodeUtf8(text), 0o644)
  return tree.snapshot()
}
