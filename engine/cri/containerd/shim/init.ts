/** What runc does in the new process: mounts, root, user, capabilities, and finding the program. */
import { ProcessKilled, isErrno } from '#engine/linux/abi/errno'
import type { Files, Stat } from '#engine/linux/abi/files'
import type { Credentials, NamespaceRequest, Process } from '#engine/linux/abi/process'
import type { OciMount, OciNamespace, OciProcess, OciSpec } from '../oci'

/** Why a container could not start, in runc's words. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure'
}

export function namespaceRequest(process: Process, spec: OciSpec): NamespaceRequest {
  const { pid, network, ipc, uts } = spec.linux.namespaces
  const plain = (namespace: OciNamespace | undefined): 'new' | { ofPid: number } | undefined =>
    namespace === undefined ? undefined : namespace === 'new' ? 'new' : 'pid' in namespace ? { ofPid: namespace.pid } : undefined
  const net = network !== undefined && network !== 'new' && 'path' in network ? process.networkNamespace(network.path) : plain(network)
  const out: { -readonly [K in keyof NamespaceRequest]: NamespaceRequest[K] } = { mount: 'new' }
  const pidRequest = plain(pid)
  const ipcRequest = plain(ipc)
  const utsRequest = plain(uts)
  if (pidRequest) out.pid = pidRequest
  if (ipcRequest) out.ipc = ipcRequest
  if (utsRequest) out.uts = utsRequest
  if (net) out.network = net
  return out
}

/** Makes the container's root in the child's own mount namespace and goes there. */
export function enterRoot(child: Process, spec: OciSpec): void {
  const root = spec.root.path
  // A bind onto itself makes the root a mount of the own namespace, which alone may become read only.
  if (spec.root.readonly) child.files.mount({ source: root, target: root, type: 'bind', options: ['bind'] })
  // From here on paths are short ones from within the root.
  child.chdir(root)
  for (const mount of spec.mounts) mountInto(child.files, root, mount)
  if (spec.linux.namespaces.uts === 'new' && spec.hostname !== undefined) child.setHostname(spec.hostname)
  for (const [name, value] of Object.entries(spec.linux.sysctl)) setSysctl(child, name, value)
  deviceLinks(child.files, './dev')
  for (const path of spec.linux.maskedPaths) mask(child.files, `.${path}`)
  if (spec.root.readonly) child.files.mount({ source: root, target: root, type: 'bind', options: ['remount', 'ro', 'bind'] })
  child.chroot(root)
}

function mountInto(files: Files, root: string, mount: OciMount): void {
  if (isPlain(files, root, mount.destination)) return mountOver(files, mount)
  const target = resolveInRoot(files, mount.destination)
  const source = mount.type === 'bind' ? files.exists(mount.source) : undefined
  if (mount.type === 'bind' && !source) throw refused(mount, 'no such file or directory')
  prepareTarget(files, target, files.exists(target), mount.type === 'bind' && source?.type !== 'directory', mount)
  files.mount({ source: mount.source, target, type: mount.type, options: mount.options })
}

/** Over what the image has already, as most are: the mount itself finds out whether source and target go together. */
function mountOver(files: Files, mount: OciMount): void {
  try {
    files.mount({ source: mount.source, target: `.${mount.destination}`, type: mount.type, options: mount.options })
  } catch (error) {
    if (isErrno(error, 'ENOENT')) throw refused(mount, 'no such file or directory')
    throw isErrno(error, 'ENOTDIR') ? wrongKind(mount) : error
  }
}

function refused({ source, destination }: OciMount, why: string): StartFailure {
  return new StartFailure(`error mounting "${source}" to rootfs at "${destination}": mount src=${source}, dst=${destination}, dstFd=/proc/thread-self/fd/8, flags=MS_BIND|MS_REC: ${why}`)
}

function wrongKind(mount: OciMount): StartFailure {
  return refused(mount, 'not a directory: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type')
}

function prepareTarget(files: Files, target: string, there: Stat | undefined, isFile: boolean, mount: OciMount): void {
  if (!there && !isFile) return files.mkdirAll(target, 0o755)
  if (!there) {
    files.mkdirAll(target.slice(0, target.lastIndexOf('/')), 0o755)
    return files.writeFile(target, '', 0o644)
  }
  if ((there.type === 'directory') === isFile) throw wrongKind(mount)
}

/** Symbolic links of the container's own root are followed inside it (`/var/run` is `/run`). The root is the working directory. */
function resolveInRoot(files: Files, path: string): string {
  let at = ''
  let links = 0
  const todo = path.split('/').filter((part) => part !== '' && part !== '.')
  while (todo.length > 0) {
    const part = todo.shift() as string
    if (part === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')))
      continue
    }
    const next = `${at}/${part}`
    const target = linkTarget(files, `.${next}`)
    if (target === undefined || ++links > 40) at = next
    else {
      if (target.startsWith('/')) at = ''
      todo.unshift(...target.split('/').filter((piece) => piece !== '' && piece !== '.'))
    }
  }
  return `.${at}`
}

/** Whether a path is there without a link on its way, as most are. */
function isPlain(files: Files, root: string, path: string): boolean {
  try {
    return files.realpath(`.${path}`) === `${root}${path}`
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

function linkTarget(files: Files, path: string): string | undefined {
  try {
    return files.lstat(path).type === 'symlink' ? files.readlink(path) : undefined
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

const devices: readonly (readonly [string, number, number])[] = [['null', 1, 3], ['zero', 1, 5], ['full', 1, 7], ['random', 1, 8], ['urandom', 1, 9], ['tty', 5, 0]]
const links: readonly (readonly [string, string])[] = [['/proc/self/fd', 'fd'], ['/proc/self/fd/0', 'stdin'], ['/proc/self/fd/1', 'stdout'], ['/proc/self/fd/2', 'stderr'], ['pts/ptmx', 'ptmx']]

function deviceLinks(files: Files, dev: string): void {
  if (!files.exists(dev)) return
  const there = new Set(files.readDirectory(dev).map((entry) => entry.name))
  for (const [name, major, minor] of devices) if (!there.has(name)) files.mknod(`${dev}/${name}`, 'character', major, minor, 0o666)
  for (const [target, name] of links) if (!there.has(name)) files.symlink(target, `${dev}/${name}`)
}

function mask(files: Files, path: string): void {
  const stat = files.exists(path)
  if (!stat) return
  if (stat.type === 'directory') files.mount({ source: 'tmpfs', target: path, type: 'tmpfs', options: ['ro'] })
  else files.mount({ source: '/dev/null', target: path, type: 'bind', options: ['bind'] })
}

function setSysctl(child: Process, name: string, value: string): void {
  const path = `/proc/sys/${name.replace(/\./g, '/')}`
  try {
    child.files.writeFile(path, value)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new StartFailure(`open ${path}: ${error.message.toLowerCase()}`)
  }
}

/** A user other than root keeps no effective capability across exec. */
export function credentialsOf(process: OciProcess, seccomp: boolean): Credentials {
  const { uid, gid, additionalGids } = process.user
  return {
    uid, gid, euid: uid, egid: gid,
    groups: [...additionalGids].sort((a, b) => a - b),
    capabilities: new Set(uid === 0 ? process.capabilities : []),
    noNewPrivs: process.noNewPrivileges,
    ...(seccomp ? { seccomp: 'filter' as const } : {}),
  }
}

/** Working directory, user, program: the last steps before exec. Throws StartFailure; the returned thunk becomes the program. */
export function prepareExec(child: Process, process: OciProcess, seccomp: boolean): () => Promise<number> {
  enterDirectory(child, process)
  const env = new Map(process.env.map((entry): [string, string] => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]))
  if (!env.has('HOME')) env.set('HOME', homeOf(child.files, process.user.uid))
  child.setCredentials(credentialsOf(process, seccomp))
  const path = findProgram(child.files, process.args[0] ?? '', env.get('PATH') ?? '')
  return async () => {
    try {
      return await child.exec(path, process.args, env)
    } catch (error) {
      if (error instanceof ProcessKilled || !isErrno(error)) throw error
      throw new StartFailure(`exec ${path}: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`)
    }
  }
}

function enterDirectory(child: Process, process: OciProcess): void {
  const cwd = process.cwd === '' ? '/' : process.cwd
  try {
    if (!child.files.exists(cwd)) child.files.mkdirAll(cwd, 0o755)
    child.chdir(cwd)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new StartFailure(`error during container init: chdir to cwd ("${cwd}") set in config.json failed: ${error.message.toLowerCase()}`)
  }
}

function homeOf(files: Files, uid: number): string {
  if (!files.exists('/etc/passwd')) return uid === 0 ? '/root' : '/'
  const line = files.readText('/etc/passwd').split('\n').find((entry) => entry.split(':')[2] === String(uid))
  return line?.split(':')[5] || (uid === 0 ? '/root' : '/')
}

function findProgram(files: Files, name: string, path: string): string {
  if (name.includes('/')) return checkProgram(files, name)
  for (const directory of path.split(':')) {
    const candidate = `${directory === '' ? '.' : directory}/${name}`
    const stat = files.exists(candidate)
    if (stat && stat.type !== 'directory' && files.access(candidate, { execute: true })) return candidate
  }
  throw new StartFailure(`exec: "${name}": executable file not found in $PATH`)
}

function checkProgram(files: Files, path: string): string {
  const stat = files.exists(path)
  if (!stat) throw new StartFailure(`exec: "${path}": stat ${path}: no such file or directory`)
  if (stat.type === 'directory' || !files.access(path, { execute: true })) throw new StartFailure(`exec: "${path}": permission denied`)
  return path
}
