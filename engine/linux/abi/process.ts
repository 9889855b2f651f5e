/**
 * A process from the inside: what a program gets, and all it may touch. A process dies by having its pending call
 * rejected with `ProcessKilled` and every later one refused; its descriptors are closed by the kernel.
 */
import type { Clock } from '#engine/base/clock'
import type { KeySource } from '#engine/base/pki/keys'
import type { Random } from '#engine/base/random'
import type { Files, OpenFile, Terminal } from '#engine/linux/abi/files'
import type { NetworkNamespace, Sockets } from '#engine/linux/abi/net'
import type { ExitStatus, Signal } from '#engine/linux/abi/signals'

export interface Credentials {
  readonly uid: number
  readonly gid: number
  /** Effective ids: what permission checks use. */
  readonly euid: number
  readonly egid: number
  readonly groups: readonly number[]
  /** Names without `CAP_`: `NET_BIND_SERVICE`. Root of a machine has all. */
  readonly capabilities: ReadonlySet<string>
  readonly noNewPrivs?: boolean
  readonly seccomp?: 'filter'
}

/** What an executable on disk is: the program it names, and data of the build such as its version. */
export interface Executable {
  readonly path: string
  readonly program: string
  readonly attributes: Readonly<Record<string, string>>
}

export interface ByteReader {
  /** At most `max` bytes, null at the end. */
  read(max?: number): Promise<Uint8Array | null>
  /** All that is left. Throws EFBIG past `limit` bytes (default 256 MiB). */
  readAll(limit?: number): Promise<Uint8Array>
  text(): Promise<string>
  /** Lines without their newline. */
  lines(): AsyncIterable<string>
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>
}

export interface ByteWriter {
  write(content: Uint8Array | string): Promise<void>
}

export interface Uname {
  readonly sysname: string
  readonly nodename: string
  readonly release: string
  readonly version: string
  readonly machine: string
}

/** Where a new process's descriptors come from: an own descriptor's number, or an open file. */
export type DescriptorSource = number | OpenFile

export interface NamespaceRequest {
  /** A new mount namespace; mounts made in it are its own. */
  readonly mount?: 'new' | { readonly ofPid: number }
  readonly pid?: 'new' | { readonly ofPid: number }
  readonly uts?: 'new' | { readonly ofPid: number }
  readonly ipc?: 'new' | { readonly ofPid: number }
  readonly network?: 'new' | NetworkNamespace | { readonly ofPid: number }
}

export interface ChildOptions {
  readonly env?: ReadonlyMap<string, string>
  readonly cwd?: string
  /** Replaces descriptors 0, 1, 2 and others; those not named are inherited. */
  readonly descriptors?: ReadonlyMap<number, DescriptorSource>
  /** With `true` only the named descriptors are there. */
  readonly onlyNamedDescriptors?: boolean
  readonly credentials?: Partial<Credentials>
  /** A new process group led by the child, or an existing group to join. */
  readonly processGroup?: 'new' | number
  /** A new session led by the child, with this terminal as its controlling one. */
  readonly session?: { readonly terminal?: OpenFile }
  /** Path below /sys/fs/cgroup. */
  readonly cgroup?: string
  readonly namespaces?: NamespaceRequest
  /** A directory that becomes the child's root (pivot_root). */
  readonly root?: string
  readonly umask?: number
  readonly oomScoreAdjust?: number
  /** For a machine that resumes from a snapshot: the pid and start time the process had. */
  readonly resume?: { readonly pid: number; readonly startedAtMs: number }
}

export interface ChildProcess {
  readonly pid: number
  /** Waits for the end and reaps it. Can be asked again. */
  wait(): Promise<ExitStatus>
  kill(signal: Signal): void
}

export type SignalHandler = 'default' | 'ignore' | (() => void)

/** A line of the process table, for those who may look past themselves (ps, systemd, runtimes). */
export interface ProcessEntry {
  readonly pid: number
  readonly ppid: number
  readonly processGroup: number
  readonly session: number
  readonly argv: readonly string[]
  readonly command: string
  readonly uid: number
  readonly state: 'R' | 'S' | 'D' | 'T' | 'Z'
  readonly startedAtMs: number
  readonly cpuMs: number
  readonly memoryBytes: number
  readonly nice: number
  readonly tty: string | undefined
  readonly cgroup: string
}

export interface Process {
  readonly pid: number
  readonly ppid: number
  readonly processGroup: number
  readonly session: number
  readonly argv: readonly string[]
  readonly env: Map<string, string>
  readonly executable: Executable
  readonly credentials: Credentials
  readonly files: Files
  readonly net: Sockets
  /** Sleeping on it ends when the process dies. */
  readonly clock: Clock
  readonly random: Random
  /** Where fresh RSA keys come from; without it they are computed, slowly. */
  readonly keys?: KeySource | undefined
  readonly stdin: ByteReader
  readonly stdout: ByteWriter
  readonly stderr: ByteWriter
  /** Aborted when the process dies: for waits on anything but system calls. */
  readonly dying: AbortSignal
  /** True while the machine comes back from a snapshot: what stands in /run is to be taken up again. */
  readonly resumed: boolean

  cwd(): string
  chdir(path: string): void
  /** A directory becomes the root of this process (pivot_root in a mount namespace of its own): EPERM without the right. */
  chroot(path: string): void
  /** Sets the file mode mask if given; returns the one before. */
  umask(mask?: number): number
  uname(): Uname
  setHostname(name: string): void
  /** The controlling terminal. */
  terminal(): Terminal | undefined

  /** The open file behind a descriptor: EBADF where none is. */
  descriptor(fd: number): OpenFile
  descriptors(): ReadonlyMap<number, OpenFile>
  /** Installs an open file at a number (dup2), or at the lowest free one; returns it. */
  install(file: OpenFile, fd?: number): number
  closeDescriptor(fd: number): void
  pipe(): { readonly reader: OpenFile; readonly writer: OpenFile }
  /** A new pseudo terminal: the master is for who emulates the terminal, the slave a tty for programs. */
  openPty(size: { columns: number; rows: number }): { readonly master: OpenFile; readonly slave: OpenFile }

  /** A child that runs `body` as a copy of this process (a subshell); the body may end in `exec`. */
  fork(body: (child: Process) => Promise<number>, options?: ChildOptions): ChildProcess
  /** fork and exec: ENOENT, EACCES, ENOEXEC before anything starts. */
  spawn(path: string, argv: readonly string[], options?: ChildOptions): ChildProcess
  /** Becomes another program; returns its exit code, which the caller returns at once. Honours `#!`. */
  exec(path: string, argv: readonly string[], env?: ReadonlyMap<string, string>): Promise<number>
  /**
   * A thread: work that goes on beside `run` and ends with the process. Its death by ProcessKilled is silent, any other
   * error ends the process. The only way to start work that nobody awaits.
   */
  background(work: () => Promise<void>): void
  /** Ends at once. */
  exit(code: number): never
  /** Any child that changed state; null where there are no children. With `now`, undefined instead of waiting. */
  waitAny(options?: { now?: boolean }): Promise<{ pid: number; status: ExitStatus } | { pid: number; stopped: Signal } | null | undefined>

  handle(signal: Signal, handler: SignalHandler): void
  /** To a process (pid > 0), the own group (0), everybody (-1) or a group (-pgid). ESRCH, EPERM. */
  kill(pid: number, signal: Signal | 0): void
  setProcessGroup(pid: number, processGroup: number): void
  /** Sets how nice a process is, -20 to 19, and tells how nice it was. ESRCH, EPERM for those of others, EACCES to be less nice without the right to. */
  setNice(pid: number, nice: number): number
  /** Becomes leader of a new session without terminal. */
  newSession(): void
  setCredentials(credentials: Partial<Credentials>): void

  /** Processes of the own pid namespace. */
  processes(): ProcessEntry[]
  /** Uses the processor: costs virtual time, is accounted to the cgroup, and lets others run. */
  compute(ms: number): Promise<void>
  /** Sets what this process holds of memory; past its cgroup's limit the OOM killer comes. */
  setMemory(bytes: number): void
  /** The own network namespace; that of another process or a named one is reached through its /proc or /run/netns file. */
  networkNamespace(path?: string): NetworkNamespace
  /** Swaps to an area that mkswap has made: EINVAL where it has not, EBUSY where it is in use. */
  swapon(path: string, priority?: number): void
  swapoff(path: string): void
  /** Reboots or powers off the machine: EPERM without the right. */
  reboot(how: 'reboot' | 'poweroff'): void
}
