/** How a process comes to be: what it inherits and what the caller changes. */
import { Errno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import type { NetworkNamespace } from '#engine/linux/abi/net'
import type { ChildOptions, Executable, NamespaceRequest } from '#engine/linux/abi/process'
import { unbound } from '#engine/linux/kernel/boundfile'
import { changeCredentials, rootCredentials } from '#engine/linux/kernel/credentials'
import type { Kernel } from '#engine/linux/kernel/kernel'
import { type Namespaces, UtsNamespace } from '#engine/linux/kernel/namespaces'
import { PidNamespace } from '#engine/linux/kernel/pid'
import { joinGroup, leadSession } from '#engine/linux/kernel/session'
import type { TaskStart } from '#engine/linux/kernel/taskstart'
import { Task } from '#engine/linux/kernel/task'
import type { Place } from '#engine/linux/vfs/mount'
import { walk } from '#engine/linux/vfs/walk'

const noExecutable: Executable = { path: '', program: '', attributes: {} }

export function giveBirth(kernel: Kernel, parent: Task | undefined, options: ChildOptions): Task {
  const cgroup = options.cgroup === undefined ? (parent?.cgroup ?? kernel.cgroups) : kernel.cgroups.descend(options.cgroup)
  cgroup.admitProcess()
  if (parent?.namespaces.pid.dying) throw new Errno('ENOMEM')
  const start = parent ? startOfChild(kernel, parent, options) : startOfFirst(kernel, options)
  const task = new Task(kernel, start, cgroup)
  if (parent) inherit(parent, task)
  enterTables(task, options)
  try {
    place(task, options)
    installDescriptors(parent, task, options)
  } catch (error) {
    task.abandon()
    throw error
  }
  return task
}

function startOfChild(kernel: Kernel, parent: Task, options: ChildOptions): TaskStart {
  const namespaces = namespacesFor(kernel, parent, options.namespaces)
  const joined = joinedRoot(parent, options.namespaces)
  return {
    pids: kernel.newPid(namespaces.pid, options.resume && { level: parent.namespaces.pid.level, number: options.resume.pid }),
    parent,
    group: parent.group,
    session: parent.sessionPid,
    namespaces,
    credentials: changeCredentials(parent.credentials, options.credentials ?? {}),
    root: joined ?? parent.root,
    cwd: joined ?? parent.place,
    umask: options.umask ?? parent.fileMask,
    env: new Map(options.env ?? parent.env),
    argv: parent.argv,
    executable: parent.executable,
    command: parent.command,
    ...times(kernel, options),
  }
}

/** Pid 1 of the machine, and processes of the host's. */
function startOfFirst(kernel: Kernel, options: ChildOptions): TaskStart {
  const { namespaces } = kernel
  const pids = kernel.newPid(namespaces.pid, options.resume && { level: 0, number: options.resume.pid })
  const root = namespaces.mount.root.place()
  const credentials = changeCredentials(rootCredentials, options.credentials ?? {})
  return { pids, parent: undefined, group: pids, session: pids, namespaces, credentials, root, cwd: root, umask: options.umask ?? 0o022, env: new Map(options.env), argv: [], executable: noExecutable, command: 'kernel', ...times(kernel, options) }
}

function times(kernel: Kernel, options: ChildOptions): Pick<TaskStart, 'startedAtMs' | 'resumed'> {
  return { startedAtMs: options.resume?.startedAtMs ?? kernel.clock.now(), resumed: kernel.options.resumed && options.resume !== undefined }
}

/** Who joins another process's mount namespace starts at its root. */
function joinedRoot(parent: Task | undefined, request: NamespaceRequest | undefined): Place | undefined {
  const mount = request?.mount
  if (!parent || mount === undefined || mount === 'new') return undefined
  return parent.namespaces.pid.tasks.get(mount.ofPid)?.root
}

function inherit(parent: Task, task: Task): void {
  for (const [signal, handler] of parent.handlers) if (handler === 'ignore') task.handlers.set(signal, handler)
  task.oomScoreAdjust = parent.oomScoreAdjust
  parent.children.add(task)
}

function enterTables(task: Task, options: ChildOptions): void {
  const { pids } = task
  pids.enter(task)
  if (pids.number === 1 && !pids.namespace.init) pids.namespace.init = task
  task.cgroup.add(task)
  if (options.oomScoreAdjust !== undefined) task.oomScoreAdjust = options.oomScoreAdjust
  task.group.group.add(task)
  task.sessionPid.sessionMembers.add(task)
  if (options.session) leadSession(task, options.session.terminal)
  else if (options.processGroup === 'new') joinGroup(task, pids)
  else if (options.processGroup !== undefined) {
    const group = task.parent?.namespaces.pid.pids.get(options.processGroup)
    joinGroup(task, group ?? pids)
  }
}

function place(task: Task, options: ChildOptions): void {
  if (options.root !== undefined) task.changeRoot(walk(task, options.root))
  if (options.cwd !== undefined) task.chdir(options.cwd)
}

function installDescriptors(parent: Task | undefined, task: Task, options: ChildOptions): void {
  if (parent && options.onlyNamedDescriptors !== true) for (const [fd, file] of parent.table.files) if (!options.descriptors?.has(fd)) task.table.install(file, fd)
  if (!options.descriptors) return
  for (const [fd, source] of options.descriptors) {
    const file: OpenFile = typeof source === 'number' ? fileOf(parent, source) : unbound(source)
    task.table.install(file, fd)
    parent?.uninstalled.delete(file)
  }
}

function fileOf(parent: Task | undefined, fd: number): OpenFile {
  if (!parent) throw new Errno('EBADF')
  return parent.table.get(fd)
}

function namespacesFor(kernel: Kernel, parent: Task, request: NamespaceRequest | undefined): Namespaces {
  const own = parent.namespaces
  if (!request) return own
  if (!parent.credentials.capabilities.has('SYS_ADMIN')) throw new Errno('EPERM')
  const of = <K extends keyof Namespaces>(kind: K, wanted: 'new' | { ofPid: number } | undefined, make: () => Namespaces[K]): Namespaces[K] => {
    if (wanted === undefined) return own[kind]
    if (wanted === 'new') return make()
    const task = own.pid.tasks.get(wanted.ofPid)
    if (!task) throw new Errno('ESRCH')
    return task.namespaces[kind]
  }
  return {
    mount: of('mount', request.mount, () => own.mount.copy(kernel.newInode())),
    pid: of('pid', request.pid, () => new PidNamespace(kernel.newInode(), own.pid, own.pid.level + 1)),
    uts: of('uts', request.uts, () => new UtsNamespace(kernel.newInode(), own.uts.hostname)),
    ipc: of('ipc', request.ipc, () => ({ inode: kernel.newInode() })),
    network: networkFor(kernel, parent, request.network),
  }
}

function networkFor(kernel: Kernel, parent: Task, wanted: NamespaceRequest['network']): NetworkNamespace {
  if (wanted === undefined) return parent.namespaces.network
  if (wanted === 'new') return kernel.network.createNamespace()
  if ('inode' in wanted) return wanted
  const task = parent.namespaces.pid.tasks.get(wanted.ofPid)
  if (!task) throw new Errno('ESRCH')
  return task.namespaces.network
}
