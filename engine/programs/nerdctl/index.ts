/** nerdctl: what an administrator needs of it on a node. */
import type { Program } from '#engine/linux/abi/program'
import type { Process } from '#engine/linux/abi/process'
import { clientService } from '#engine/cri/containerd/clientservices'
import type { ContainerSummary, ImageSummary } from '#engine/cri/containerd/summaries'
import { normalizeReference, ReferenceError } from '#engine/cri/images/reference'
import { RpcError } from '#engine/cri/rpc'
import { RpcClient } from '#engine/cri/transport'
import { binarySize, humanDuration, table } from '#engine/cri/units'
import { toHex } from '#engine/base/bytes'

class Failure extends Error {
  override readonly name = 'Failure'
}

interface Context { readonly process: Process; readonly namespace: string; readonly flags: ReadonlyMap<string, readonly string[]>; readonly operands: readonly string[]; call<T>(method: string, message?: object): Promise<T> }
interface Command { readonly valued?: string; readonly stopAfter?: number; run(context: Context): Promise<number> }

const say = async (context: Context, text: string): Promise<number> => (await context.process.stdout.write(text), 0)
const has = (context: Context, ...names: string[]): boolean => names.some((name) => context.flags.has(name))
const value = (context: Context, ...names: string[]): string | undefined => names.map((name) => context.flags.get(name)?.at(-1)).find((found) => found !== undefined)
const nameOf = (container: ContainerSummary): string => container.labels['nerdctl/name'] ?? k8sName(container)
const logOf = (context: Context, id: string): string => `/var/lib/nerdctl/1935db59/containers/${context.namespace}/${id}/${id}.log`

function k8sName({ labels }: ContainerSummary): string {
  const pod = labels['io.kubernetes.pod.name']
  if (pod === undefined) return ''
  const container = labels['io.kubernetes.container.name']
  return `k8s://${labels['io.kubernetes.pod.namespace'] ?? ''}/${pod}${container === undefined ? '' : `/${container}`}`
}

async function containers(context: Context): Promise<ContainerSummary[]> {
  return (await context.call<{ containers: ContainerSummary[] }>('Containers')).containers.sort((a, b) => b.createdMs - a.createdMs)
}

async function find(context: Context, text: string): Promise<ContainerSummary> {
  const found = (await containers(context)).filter((item) => item.id.startsWith(text) || nameOf(item) === text)
  if (found.length === 1) return found[0] as ContainerSummary
  throw new Failure(found.length === 0 ? `no such container ${text}` : `ambiguous ID "${text}"`)
}

function statusOf(context: Context, item: ContainerSummary): string {
  if (item.status === 'running') return 'Up'
  if (item.status === 'created') return 'Created'
  return `Exited (${item.exitCode}) ${humanDuration(context.process.clock.now() - item.exitedAtMs)} ago`
}

async function ps(context: Context): Promise<number> {
  const list = (await containers(context)).filter((item) => has(context, 'a', 'all') || item.status === 'running')
  if (has(context, 'q', 'quiet')) return say(context, list.map((item) => `${item.id.slice(0, 12)}\n`).join(''))
  const rows = list.map((item) => [item.id.slice(0, 12), item.image, `"${item.args.join(' ').slice(0, 20)}${item.args.join(' ').length > 20 ? '…' : ''}"`, `${humanDuration(context.process.clock.now() - item.createdMs)} ago`, statusOf(context, item), '', nameOf(item)])
  return say(context, table([['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'], ...rows], 4, 4))
}

async function images(context: Context): Promise<number> {
  const { images: list } = await context.call<{ images: ImageSummary[] }>('Images')
  const shown = list.filter((image) => !image.name.includes('@')).sort((a, b) => b.createdMs - a.createdMs)
  if (has(context, 'q', 'quiet')) return say(context, shown.map((image) => `${image.digest.slice(7, 19)}\n`).join(''))
  const rows = shown.map((image) => [familiar(image.name.slice(0, image.name.lastIndexOf(':'))), image.name.slice(image.name.lastIndexOf(':') + 1), image.digest.slice(7, 19), `${humanDuration(context.process.clock.now() - image.createdMs)} ago`, 'linux/amd64', binarySize(image.sizeBytes * 2.5, 4).replace(/(?=[KMG]iB)/, ''), binarySize(image.sizeBytes, 4)])
  return say(context, table([['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'PLATFORM', 'SIZE', 'BLOB SIZE'], ...rows], 4, 4))
}

function familiar(name: string): string {
  return name.replace(/^docker\.io\/library\//, '').replace(/^docker\.io\//, '')
}

async function pull(context: Context): Promise<number> {
  const [name] = context.operands
  if (name === undefined) throw new Failure('requires at least 1 arg(s), only received 0')
  const full = normalizeReference(name)
  const { image } = await context.call<{ image: ImageSummary }>('Pull', { name: full })
  return say(context, has(context, 'q', 'quiet') ? `${full}\n` : `${full}: resolved       |++++++++++++++++++++++++++++++++++++++|\nmanifest-${image.digest}: done           |++++++++++++++++++++++++++++++++++++++|\nconfig-${image.id}: done           |++++++++++++++++++++++++++++++++++++++|\n`)
}

async function create(context: Context): Promise<string> {
  const [name, ...args] = context.operands
  if (name === undefined) throw new Failure('requires at least 1 arg(s), only received 0')
  const image = normalizeReference(name)
  const { images: known } = await context.call<{ images: ImageSummary[] }>('Images')
  if (!known.some((item) => item.name === image)) await context.call('Pull', { name: image })
  const id = toHex(context.process.random.bytes(32))
  const own = value(context, 'name') ?? `${name.split('/').pop()?.split(':')[0] ?? 'c'}-${id.slice(0, 5)}`
  if ((await containers(context)).some((item) => nameOf(item) === own)) throw new Failure(`name-store error\nname ${JSON.stringify(own)} is already used`)
  const log = logOf(context, id)
  context.process.files.mkdirAll(log.slice(0, log.lastIndexOf('/')), 0o700)
  await context.call('Create', { id, image, args, env: [...(context.flags.get('e') ?? []), ...(context.flags.get('env') ?? [])], labels: { 'nerdctl/name': own, 'nerdctl/namespace': context.namespace }, hostname: id.slice(0, 12), privileged: has(context, 'privileged'), hostNetwork: value(context, 'net', 'network') === 'host', logPath: log })
  return id
}

async function run(context: Context): Promise<number> {
  const id = await create(context)
  await context.call('Start', { id })
  if (has(context, 'd', 'detach')) return say(context, `${id}\n`)
  const { exitCode } = await context.call<{ exitCode: number }>('Wait', { id })
  await printLog(context, id)
  if (has(context, 'rm')) await context.call('Delete', { id })
  return exitCode
}

async function printLog(context: Context, id: string, path = logOf(context, id)): Promise<void> {
  const { files } = context.process
  if (!files.exists(path)) return
  for (const line of files.readText(path).split('\n').filter((item) => item !== '')) {
    const [, stream = '', , ...text] = line.split(' ')
    await (stream === 'stderr' ? context.process.stderr : context.process.stdout).write(`${text.join(' ')}\n`)
  }
}

/** Each operand in turn; prints it, and what failed at the end. */
async function each(context: Context, work: (item: ContainerSummary) => Promise<void>): Promise<number> {
  let code = 0
  for (const text of context.operands) {
    try {
      await work(await find(context, text))
      await say(context, `${text}\n`)
    } catch (error) {
      if (!(error instanceof Failure) && !(error instanceof RpcError)) throw error
      await fatal(context.process, error instanceof RpcError ? error.description : error.message)
      code = 1
    }
  }
  return code
}

async function stop(context: Context, item: ContainerSummary): Promise<void> {
  if (item.status !== 'running') return
  await context.call('Kill', { id: item.id, signal: 'SIGTERM' })
  const late = context.process.clock.sleep(Number(value(context, 't', 'time') ?? 10) * 1000).then(() => context.call('Kill', { id: item.id, signal: 'SIGKILL' }).catch(() => undefined))
  await Promise.race([context.call('Wait', { id: item.id }), late])
  await context.call('Wait', { id: item.id })
}

async function remove(context: Context, item: ContainerSummary): Promise<void> {
  if (item.status === 'running' && !has(context, 'f', 'force')) throw new Failure(`container ${item.id} is in running status. unpause/stop container first or force removal`)
  if (item.status === 'running') {
    await context.call('Kill', { id: item.id, signal: 'SIGKILL' })
    await context.call('Wait', { id: item.id })
  }
  await context.call('Delete', { id: item.id })
}

async function removeImages(context: Context): Promise<number> {
  for (const text of context.operands) {
    const name = normalizeReference(text)
    await context.call('RemoveImage', { name })
    await say(context, `Untagged: ${name}\n`)
  }
  return 0
}

async function exec(context: Context): Promise<number> {
  const [text = '', ...cmd] = context.operands
  const { id } = await find(context, text)
  const result = await context.call<{ exitCode: number; stdout: string; stderr: string }>('Exec', { id, cmd })
  await context.process.stdout.write(result.stdout)
  await context.process.stderr.write(result.stderr)
  return result.exitCode
}

async function inspect(context: Context): Promise<number> {
  const found = await Promise.all(context.operands.map((text) => find(context, text)))
  const shown = found.map((item) => ({ Id: item.id, Created: new Date(Math.floor(item.createdMs)).toISOString(), Path: item.args[0] ?? '', Args: item.args.slice(1), State: { Status: item.status === 'stopped' ? 'exited' : item.status, Running: item.status === 'running', Pid: item.pid, ExitCode: item.exitCode }, Image: item.image, Name: nameOf(item), Platform: 'linux', Config: { Labels: item.labels } }))
  return say(context, `${JSON.stringify(shown, null, 4)}\n`)
}

const runFlags = 'name e env net network v volume p publish u user w workdir label l m memory cpus hostname restart entrypoint'
const commands: Readonly<Record<string, Command>> = {
  ps: { valued: 'filter f format n last', run: ps },
  images: { valued: 'filter format', run: images },
  pull: { valued: 'platform', run: pull },
  run: { valued: runFlags, stopAfter: 1, run },
  create: { valued: runFlags, stopAfter: 1, run: async (context) => say(context, `${await create(context)}\n`) },
  start: { run: (context) => each(context, async (item) => void (await context.call('Start', { id: item.id }))) },
  stop: { valued: 't time', run: (context) => each(context, (item) => stop(context, item)) },
  kill: { valued: 's signal', run: (context) => each(context, async (item) => void (await context.call('Kill', { id: item.id, signal: value(context, 's', 'signal') ?? 'SIGKILL' }))) },
  rm: { run: (context) => each(context, (item) => remove(context, item)) },
  rmi: { run: removeImages },
  tag: { run: async (context) => (await context.call('Tag', { name: normalizeReference(context.operands[0] ?? ''), target: normalizeReference(context.operands[1] ?? ''), force: true }), 0) },
  logs: { valued: 'n tail since', run: async (context) => (await printLog(context, (await find(context, context.operands[0] ?? '')).id), 0) },
  exec: { valued: 'e env u user w workdir', stopAfter: 1, run: exec },
  inspect: { valued: 'format f type mode', run: inspect },
  version: { run: async (context) => say(context, `Client:\n Version:\tv2.2.0\n OS/Arch:\tlinux/amd64\n\nServer:\n containerd:\n  Version:\t${(await context.call<{ version: string }>('Version')).version}\n runc:\n  Version:\t1.3.4\n`) },
}

const globals = new Set(['n', 'namespace', 'a', 'address', 'H', 'host'])

export const nerdctl: Program = {
  name: 'nerdctl',
  unsupported: 'build, compose, networks, volumes, port publishing, interactive containers; containers have a network of their own without addresses unless --net host',
  async run(process) {
    try {
      return await dispatch(process)
    } catch (error) {
      if (!(error instanceof Failure) && !(error instanceof RpcError) && !(error instanceof ReferenceError)) throw error
      await fatal(process, error instanceof RpcError ? error.description : error.message)
      return 1
    }
  },
}

async function fatal(process: Process, message: string): Promise<void> {
  await process.stderr.write(`time="${new Date(Math.floor(process.clock.now())).toISOString().slice(0, 19)}Z" level=fatal msg=${JSON.stringify(message)}\n`)
}

async function dispatch(process: Process): Promise<number> {
  const first = parse(process.argv.slice(1), globals, 0)
  const [name = '', ...rest] = first.operands
  const command = commands[name]
  if (!command) throw new Failure(name === '' ? 'a command is needed; `nerdctl ps`, `images`, `run`, `pull` ... are simulated' : `unknown subcommand ${JSON.stringify(name)} for "nerdctl"`)
  const { flags, operands } = parse(rest, new Set((command.valued ?? '').split(' ')), command.stopAfter ?? Number.POSITIVE_INFINITY)
  const namespace = first.flags.get('n')?.at(-1) ?? first.flags.get('namespace')?.at(-1) ?? process.env.get('CONTAINERD_NAMESPACE') ?? 'default'
  const address = first.flags.get('address')?.at(-1) ?? '/run/containerd/containerd.sock'
  if (!process.files.exists(address)) throw new Failure(`cannot access containerd socket ${JSON.stringify(address)}: no such file or directory`)
  const rpc = new RpcClient(process.net, address)
  return command.run({ process, namespace, flags, operands, call: (method, message = {}) => rpc.call(clientService, method, { namespace, ...message }) })
}

function parse(args: readonly string[], valued: ReadonlySet<string>, stopAfter: number): { flags: Map<string, string[]>; operands: string[] } {
  const flags = new Map<string, string[]>()
  const operands: string[] = []
  const put = (name: string, text: string): void => void flags.set(name, [...(flags.get(name) ?? []), text])
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    const [name = '', ...rest] = arg.replace(/^--?/, '').split('=')
    if (!arg.startsWith('-')) {
      operands.push(arg)
      if (operands.length > stopAfter || stopAfter === 0) return { flags, operands: [...operands, ...args.slice(i + 1)] }
    } else if (rest.length > 0) put(name, rest.join('='))
    else if (valued.has(name)) put(name, args[++i] ?? '')
    else for (const each of arg.startsWith('--') ? [name] : [...name]) put(each, 'true')
    if (operands.length === stopAfter && stopAfter > 0) return { flags, operands: [...operands, ...args.slice(i + 1)] }
  }
  return { flags, operands }
}

export const nerdctlPrograms: readonly Program[] = [nerdctl]
