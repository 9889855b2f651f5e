/** Starting a unit's processes: user, group, environment, directories, streams, control group. */
import { Errno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import type { ChildOptions, ChildProcess, Credentials, Process } from '#engine/linux/abi/process'
import type { Task } from '#engine/linux/kernel/task'
import { JournalStream } from '#engine/linux/journald/stream'
import { type ExecCommand, expandVariables, parseAssignments, parseEnvironmentFile } from '#engine/linux/systemd/command'
import { slicePath, type Unit } from '#engine/linux/systemd/unit'
import { isTrue } from '#engine/linux/systemd/unitfile'
import { findGroup, findUser, groupsOf, type User } from '#engine/linux/users/accounts'

/** A step before the program itself failed: systemd's own exit code for it. */
export class SpawnFailure extends Error {
  override readonly name = 'SpawnFailure'

  constructor(
    readonly step: 'EXEC' | 'CHDIR' | 'USER' | 'GROUP' | 'STDOUT',
    readonly code: number,
    readonly path: string,
    readonly reason: string,
  ) {
    super(`Failed at step ${step} spawning ${path}: ${reason}`)
  }
}

export function unitEnvironment(process: Process, unit: Unit): Map<string, string> {
  const env = new Map([['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], ['LANG', 'C.UTF-8'], ['INVOCATION_ID', unit.invocationId], ['SYSTEMD_EXEC_PID', '']])
  for (const text of unit.serviceAll('Environment')) for (const [name, value] of parseAssignments(text)) env.set(name, value)
  for (const entry of unit.serviceAll('EnvironmentFile')) {
    const path = entry.replace(/^-/, '')
    const found = process.files.exists(path)
    if (found) for (const [name, value] of parseEnvironmentFile(process.files.readText(path))) env.set(name, value)
    else if (!entry.startsWith('-')) throw new Errno('ENOENT', path)
  }
  const user = unit.service('User')
  const account = user === undefined ? undefined : findUser(process.files, user)
  if (account) for (const [name, value] of [['HOME', account.home], ['LOGNAME', account.name], ['USER', account.name], ['SHELL', account.shell]] as const) if (!env.has(name)) env.set(name, value)
  return env
}

export interface SpawnExtras {
  readonly env?: readonly (readonly [string, string])[]
  /** Coming back from a snapshot: the pid and start the process had. */
  readonly resume?: { readonly pid: number; readonly startedAtMs: number }
}

export function spawnCommand(process: Process, unit: Unit, command: ExecCommand, extras: SpawnExtras = {}): ChildProcess {
  const env = new Map([...unitEnvironment(process, unit), ...(extras.env ?? [])])
  const argv = expandVariables(command.argv, env)
  const path = locate(process, command.path, env)
  const credentials = command.privileged ? undefined : credentialsOf(process, unit, command.path)
  const output = outputOf(process, unit, command.path)
  const input = process.files.open('/dev/null', { read: true })
  const options: ChildOptions = {
    env,
    cwd: workingDirectory(process, unit, command.path),
    descriptors: new Map([[0, input], [1, output], [2, output]]),
    onlyNamedDescriptors: true,
    session: {},
    cgroup: unit.cgroup,
    umask: Number.parseInt(unit.service('UMask') ?? '022', 8),
    oomScoreAdjust: Number(unit.service('OOMScoreAdjust') ?? 0),
    ...(credentials ? { credentials } : {}),
    ...(isTrue(unit.service('PrivateNetwork'), false) ? { namespaces: { network: 'new' as const } } : {}),
    ...(extras.resume ? { resume: extras.resume } : {}),
  }
  try {
    return process.spawn(path, argv, options)
  } catch (error) {
    if (error instanceof Errno && error.code !== 'EAGAIN') throw new SpawnFailure('EXEC', 203, command.path, error.message)
    throw error
  }
}

/** The control group of a unit with its limits; also makes the directories it asks for. */
export function prepareUnit(process: Process, unit: Unit): void {
  const { files } = process
  const path = `/sys/fs/cgroup${unit.cgroup}`
  if (!files.exists(path)) files.mkdirAll(path)
  applyResources(process, unit)
  const owner = unit.service('User') === undefined ? undefined : findUser(files, unit.service('User') ?? '')
  for (const [key, root] of [['RuntimeDirectory', '/run'], ['StateDirectory', '/var/lib'], ['CacheDirectory', '/var/cache'], ['LogsDirectory', '/var/log']] as const)
    for (const text of unit.serviceAll(key))
      for (const name of text.split(/\s+/).filter(Boolean)) {
        files.mkdirAll(`${root}/${name}`, 0o755)
        if (owner) files.chown(`${root}/${name}`, owner.uid, owner.gid)
      }
}

export function applyResources(process: Process, unit: Unit): void {
  const set = (file: string, text: string): void => process.files.writeFile(`/sys/fs/cgroup${unit.cgroup}/${file}`, text)
  const section = unit.file.sections.get(unit.file.type === 'slice' ? 'Slice' : 'Service')
  const value = (key: string): string | undefined => section?.get(key)?.at(-1)
  const memory = value('MemoryMax') ?? value('MemoryLimit')
  if (memory !== undefined) set('memory.max', memory === 'infinity' ? 'max' : memory)
  const quota = value('CPUQuota')
  if (quota !== undefined) set('cpu.max', `${Math.round(Number.parseFloat(quota) * 1000)} 100000`)
  const tasks = value('TasksMax')
  if (tasks !== undefined) set('pids.max', tasks === 'infinity' ? 'max' : tasks)
  else if (unit.file.type === 'service' && process.pid === 1) set('pids.max', defaultTasksMax)
}

/** 15 % of what the kernel allows. */
export const defaultTasksMax = '9555'

function locate(process: Process, path: string, env: ReadonlyMap<string, string>): string {
  if (path.startsWith('/')) {
    if (!process.files.exists(path)) throw new SpawnFailure('EXEC', 203, path, 'No such file or directory')
    return path
  }
  for (const directory of (env.get('PATH') ?? '').split(':')) if (process.files.exists(`${directory}/${path}`)) return `${directory}/${path}`
  throw new SpawnFailure('EXEC', 203, path, 'No such file or directory')
}

function credentialsOf(process: Process, unit: Unit, path: string): Partial<Credentials> | undefined {
  const userName = unit.service('User')
  const groupName = unit.service('Group')
  if (userName === undefined && groupName === undefined) return undefined
  const user = userName === undefined ? undefined : findUser(process.files, idOrName(userName))
  if (userName !== undefined && !user) throw new SpawnFailure('USER', 217, path, 'No such process')
  const group = groupName === undefined ? undefined : findGroup(process.files, idOrName(groupName))
  if (groupName !== undefined && !group) throw new SpawnFailure('GROUP', 216, path, 'No such process')
  const noNewPrivs = isTrue(unit.service('NoNewPrivileges'), false)
  return { ...idsOf(process, user, group?.gid), ...(noNewPrivs ? { noNewPrivs } : {}) }
}

function idOrName(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text
}

function idsOf(process: Process, user: User | undefined, given: number | undefined): Partial<Credentials> {
  const gid = given ?? user?.gid ?? 0
  return user ? { uid: user.uid, euid: user.uid, gid, egid: gid, groups: groupsOf(process.files, user) } : { gid, egid: gid, groups: [gid] }
}

function workingDirectory(process: Process, unit: Unit, path: string): string {
  const given = unit.service('WorkingDirectory')
  if (given === undefined) return '/'
  const wanted = given === '~' || given === '-~' ? (findUser(process.files, unit.service('User') ?? 'root')?.home ?? '/') : given.replace(/^-/, '')
  if (process.files.exists(wanted)?.type === 'directory') return wanted
  if (given.startsWith('-')) return '/'
  throw new SpawnFailure('CHDIR', 200, path, 'No such file or directory')
}

function outputOf(process: Process, unit: Unit, path: string): OpenFile {
  const wanted = unit.service('StandardOutput') ?? 'journal'
  const file = /^(file|append|truncate):(.*)$/.exec(wanted)
  if (file) return process.files.open(file[2] as string, { write: true, create: true, append: file[1] === 'append', truncate: file[1] === 'truncate' }, 0o644)
  if (wanted === 'null') return process.files.open('/dev/null', { write: true })
  const { kernel } = process as Task
  const identifier = unit.service('SyslogIdentifier') ?? path.split('/').pop() ?? path
  const source = { identifier, unit: unit.name, invocationId: unit.invocationId, slice: unit.slice, cgroup: `${slicePath(unit.slice)}/${unit.name}` }
  return new JournalStream(kernel.journal, source, () => kernel.current, kernel.newInode())
}
