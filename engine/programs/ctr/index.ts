/** ctr: its commands over containerd's client service. */
import type { Program } from '#engine/linux/abi/program'
import type { Process } from '#engine/linux/abi/process'
import { clientService, type ContainerSummary, type ImageSummary } from '#engine/cri/containerd/clientservices'
import { RpcError } from '#engine/cri/rpc'
import { RpcClient } from '#engine/cri/transport'
import { closedTable } from '#engine/cri/units'

class CtrError extends Error {
  override readonly name = 'CtrError'
}

interface Context { readonly process: Process; readonly namespace: string; readonly call: <T>(method: string, message?: object) => Promise<T>; readonly flags: ReadonlySet<string>; readonly values: ReadonlyMap<string, string>; readonly operands: readonly string[] }

type Run = (context: Context) => Promise<number>

const print = async (context: Context, text: string): Promise<number> => {
  await context.process.stdout.write(text)
  return 0
}

async function imagesList(context: Context): Promise<number> {
  const { images } = await context.call<{ images: ImageSummary[] }>('Images', {})
  if (context.flags.has('q') || context.flags.has('quiet')) return print(context, images.map((image) => `${image.name}\n`).join(''))
  const filter = context.operands[0]?.replace(/^name[=~]+/, '')
  const rows = images.filter((image) => filter === undefined || image.name.includes(filter)).map((image) => [image.name, image.mediaType, image.digest, bytes(image.sizeBytes), 'linux/amd64', Object.entries(image.labels).map(([key, value]) => `${key}=${value}`).join(',') || '-'])
  return print(context, closedTable([['REF', 'TYPE', 'DIGEST', 'SIZE', 'PLATFORMS', 'LABELS'], ...rows], 1, 1))
}

function bytes(size: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB']
  let value = size
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return unit === 0 ? `${value.toFixed(1)} B` : `${value.toFixed(1)} ${units[unit] ?? ''}`
}

async function imagesPull(context: Context): Promise<number> {
  const [name] = context.operands
  if (name === undefined) throw new CtrError('please provide an image reference to pull')
  if (!name.includes('/') || !/^[^/]*[.:]/.test(name)) throw new CtrError(`failed to resolve reference ${JSON.stringify(name)}: object required`)
  const user = context.values.get('user') ?? context.values.get('u')
  const [username = '', ...password] = (user ?? '').split(':')
  const { image } = await context.call<{ image: { digest: string; sizeBytes: number } }>('Pull', { name, ...(user === undefined ? {} : { auth: { username, password: password.join(':') } }) })
  return print(context, `${name} saved\n└──manifest (${image.digest.slice(7, 19)}) already exists\napplication/vnd.oci.image.manifest.v1+json ${image.digest}\nPulling from OCI Registry (${name})\telapsed: 0.4 s\ttotal:  ${bytes(image.sizeBytes)}\t(${bytes(image.sizeBytes)}/s)\n`)
}

async function imagesTag(context: Context): Promise<number> {
  const [source, ...targets] = context.operands
  if (source === undefined) throw new CtrError('please provide an image reference to tag from')
  if (targets.length === 0) throw new CtrError('please provide an image reference to tag to')
  for (const target of targets) {
    await context.call('Tag', { name: source, target, force: context.flags.has('force') })
    await print(context, `${target}\n`)
  }
  return 0
}

async function imagesRemove(context: Context): Promise<number> {
  let code = 0
  for (const name of context.operands) {
    try {
      await context.call('RemoveImage', { name })
      await print(context, `${name}\n`)
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      await context.process.stderr.write(`ctr: unable to delete ${name}: ${error.description}\n`)
      code = 1
    }
  }
  return code
}

async function containersList(context: Context): Promise<number> {
  const { containers } = await context.call<{ containers: ContainerSummary[] }>('Containers')
  const sorted = [...containers].sort((a, b) => (a.id < b.id ? -1 : 1))
  if (context.flags.has('q') || context.flags.has('quiet')) return print(context, sorted.map((item) => `${item.id}\n`).join(''))
  return print(context, closedTable([['CONTAINER', 'IMAGE', 'RUNTIME'], ...sorted.map((item) => [item.id, item.image === '' ? '-' : item.image, item.runtime])], 4, 4))
}

async function containersInfo(context: Context): Promise<number> {
  const [id] = context.operands
  if (id === undefined) throw new CtrError('container id must be provided: invalid argument')
  const { containers } = await context.call<{ containers: ContainerSummary[] }>('Containers')
  const found = containers.find((item) => item.id === id)
  if (!found) throw new CtrError(`container ${JSON.stringify(id)} in namespace ${JSON.stringify(context.namespace)}: not found`)
  const created = new Date(Math.floor(found.createdMs)).toISOString()
  return print(context, `${JSON.stringify({ ID: found.id, Labels: found.labels, Image: found.image, Runtime: { Name: found.runtime, Options: {} }, SnapshotKey: found.id, Snapshotter: 'overlayfs', CreatedAt: created, UpdatedAt: created, Extensions: {}, SandboxID: '', ...(found.spec ? { Spec: found.spec } : {}) }, null, 4)}\n`)
}

async function containersRemove(context: Context): Promise<number> {
  for (const id of context.operands) await context.call('Delete', { id })
  return 0
}

async function tasksList(context: Context): Promise<number> {
  const { containers } = await context.call<{ containers: ContainerSummary[] }>('Containers')
  const tasks = containers.filter((item) => item.status !== 'created').sort((a, b) => (a.id < b.id ? -1 : 1))
  if (context.flags.has('q') || context.flags.has('quiet')) return print(context, tasks.map((item) => `${item.id}\n`).join(''))
  return print(context, closedTable([['TASK', 'PID', 'STATUS'], ...tasks.map((item) => [item.id, String(item.pid), item.status.toUpperCase()])], 4, 4))
}

async function tasksKill(context: Context): Promise<number> {
  for (const id of context.operands) await context.call('Kill', { id, signal: context.values.get('signal') ?? context.values.get('s') ?? 'SIGTERM' })
  return 0
}

async function tasksExec(context: Context): Promise<number> {
  const [id, ...cmd] = context.operands
  if (!context.values.has('exec-id')) throw new CtrError('exec-id must be provided')
  const result = await context.call<{ exitCode: number; stdout: string; stderr: string }>('Exec', { id, cmd })
  await context.process.stdout.write(result.stdout)
  await context.process.stderr.write(result.stderr)
  return result.exitCode
}

async function run(context: Context): Promise<number> {
  const [image, id, ...args] = context.operands
  if (image === undefined) throw new CtrError('image ref must be provided')
  if (id === undefined) throw new CtrError('container id must be provided')
  const detached = context.flags.has('d') || context.flags.has('detach')
  const log = `/run/containerd/ctr-${context.namespace}-${id}.log`
  await context.call('Run', { id, image, args, hostNetwork: context.flags.has('net-host'), privileged: context.flags.has('privileged'), logPath: log })
  if (detached) return 0
  const { exitCode } = await context.call<{ exitCode: number }>('Wait', { id })
  const { files } = context.process
  for (const line of files.readText(log).split('\n').filter((item) => item !== '')) {
    const [, stream = '', , ...text] = line.split(' ')
    await (stream === 'stderr' ? context.process.stderr : context.process.stdout).write(`${text.join(' ')}\n`)
  }
  if (context.flags.has('rm')) await context.call('Delete', { id })
  files.unlink(log)
  return exitCode
}

async function namespacesList(context: Context): Promise<number> {
  const { namespaces } = await context.call<{ namespaces: { name: string; labels: Record<string, string> }[] }>('Namespaces')
  const sorted = [...namespaces].sort((a, b) => (a.name < b.name ? -1 : 1))
  if (context.flags.has('q') || context.flags.has('quiet')) return print(context, sorted.map((item) => `${item.name}\n`).join(''))
  return print(context, closedTable([['NAME', 'LABELS'], ...sorted.map((item) => [item.name, Object.entries(item.labels).map(([key, value]) => `${key}=${value}`).join(',')])], 1, 1))
}

async function version(context: Context): Promise<number> {
  const server = await context.call<{ version: string; revision: string }>('Version')
  return print(context, `Client:\n  Version:  ${server.version}\n  Revision: ${server.revision}\n  Go version: go1.24.11\n\nServer:\n  Version:  ${server.version}\n  Revision: ${server.revision}\n  UUID: ${uuid(context)}\n`)
}

function uuid(context: Context): string {
  const path = '/var/lib/containerd/io.containerd.grpc.v1.introspection/uuid'
  return context.process.files.exists(path) ? context.process.files.readText(path) : ''
}

const groups: Readonly<Record<string, Readonly<Record<string, Run>>>> = {
  images: { ls: imagesList, list: imagesList, pull: imagesPull, tag: imagesTag, rm: imagesRemove, remove: imagesRemove, delete: imagesRemove, del: imagesRemove },
  containers: { ls: containersList, list: containersList, info: containersInfo, rm: containersRemove, delete: containersRemove, del: containersRemove },
  tasks: { ls: tasksList, list: tasksList, kill: tasksKill, exec: tasksExec },
  namespaces: { ls: namespacesList, list: namespacesList, create: async (context) => (await context.call('CreateNamespace', { name: context.operands[0] ?? '' }), 0), rm: async (context) => (await context.call('DeleteNamespace', { name: context.operands[0] ?? '' }), print(context, `${context.operands[0] ?? ''}\n`)) },
}
const aliases: Readonly<Record<string, string>> = { i: 'images', image: 'images', c: 'containers', container: 'containers', t: 'tasks', task: 'tasks', namespace: 'namespaces', ns: 'namespaces' }
const valued = new Set(['address', 'a', 'namespace', 'n', 'timeout', 'connect-timeout', 'exec-id', 'signal', 's', 'user', 'u', 'platform', 'snapshotter', 'mount', 'env', 'label', 'cwd', 'runtime'])

export const ctr: Program = {
  name: 'ctr',
  unsupported: 'content, events, install, leases, plugins, snapshots, shim, oci, export, import, push; run only thinly',
  async run(process) {
    try {
      return await dispatch(process)
    } catch (error) {
      if (error instanceof RpcError) await process.stderr.write(`ctr: ${error.description}\n`)
      else if (error instanceof CtrError) await process.stderr.write(`ctr: ${error.message}\n`)
      else throw error
      return 1
    }
  },
}

async function dispatch(process: Process): Promise<number> {
  const { flags, values, words } = parse(process.argv.slice(1))
  const found = command(words)
  if (!found) {
    await process.stdout.write(words.length === 0 ? 'NAME:\n   ctr - ctr is an unsupported debug and administrative client for interacting with the containerd daemon.\n' : `No help topic for '${words[words.length > 1 ? 1 : 0] ?? ''}'\n`)
    return words.length === 0 ? 0 : 3
  }
  const setting = (long: string, short: string, variable: string, fallback: string): string => values.get(long) ?? values.get(short) ?? process.env.get(variable) ?? fallback
  const namespace = setting('namespace', 'n', 'CONTAINERD_NAMESPACE', 'default')
  const address = setting('address', 'a', 'CONTAINERD_ADDRESS', '/run/containerd/containerd.sock')
  if (!process.files.exists(address)) throw new CtrError(`cannot access socket ${address}: stat ${address}: no such file or directory`)
  const rpc = new RpcClient(process.net, address)
  const call = <T>(method: string, message: object = {}): Promise<T> => rpc.call<T>(clientService, method, { namespace, ...message })
  return found.run({ process, namespace, call, flags, values, operands: found.operands })
}

/** Flags may stand anywhere, but after `run IMAGE ID` all belongs to the container. */
function parse(args: readonly string[]): { flags: Set<string>; values: Map<string, string>; words: string[] } {
  const flags = new Set<string>()
  const values = new Map<string, string>()
  const words: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    const inRun = words[0] === 'run' && words.length >= 3
    const [name = '', ...rest] = arg.replace(/^--?/, '').split('=')
    if (!arg.startsWith('-') || arg === '-' || inRun) words.push(arg)
    else if (rest.length > 0) values.set(name, rest.join('='))
    else if (valued.has(name)) values.set(name, args[++i] ?? '')
    else flags.add(name)
  }
  return { flags, values, words }
}

function command(words: readonly string[]): { run: Run; operands: readonly string[] } | undefined {
  const [first = '', second = '', ...rest] = words
  if (first === 'run') return { run, operands: words.slice(1) }
  if (first === 'version') return { run: version, operands: [] }
  const wanted = groups[aliases[first] ?? first]?.[second]
  return wanted ? { run: wanted, operands: rest } : undefined
}

export const ctrPrograms: readonly Program[] = [ctr]
