/** crictl's commands on single containers, pods and images. */
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { emptyBody, type MessageChannel } from '#engine/base/http'
import { parseYaml } from '#engine/base/yaml/parser'
import type { ContainerConfig, PodSandboxConfig } from '#engine/cri/api'
import { channel, execProtocol, frame } from '#engine/cri/streaming/channels'
import type { Terminal } from '#engine/linux/abi/files'
import { Fatal, flag, has, type Options, protoJson, render, type Session, timeOf } from './session'

const required = (options: Options): readonly string[] => {
  if (options.operands.length === 0) throw new Fatal('ID cannot be empty')
  return options.operands
}

export async function inspect(session: Session, options: Options): Promise<number> {
  const cri = await session.cri()
  for (const id of required(options)) {
    const { status, info } = await session.call('get container status', 'ContainerStatus', { containerID: id }, () => cri.runtime.ContainerStatus({ containerId: id, verbose: !has(options, 'quiet', 'q') }))
    const shown = { ...(protoJson(status) as object), createdAt: timeOf(status.createdAt), startedAt: timeOf(status.startedAt), finishedAt: timeOf(status.finishedAt) }
    await session.out(render({ info: parsedInfo(info), status: sortedKeys(shown) }, flag(options, 'output', 'o') ?? 'json', flag(options, 'template')) ?? '')
  }
  return 0
}

export async function inspectp(session: Session, options: Options): Promise<number> {
  const cri = await session.cri()
  for (const id of required(options)) {
    const { status, info } = await session.call('getting pod sandbox status', 'PodSandboxStatus', { podSandboxID: id }, () => cri.runtime.PodSandboxStatus({ podSandboxId: id, verbose: !has(options, 'quiet', 'q') }))
    await session.out(render({ info: parsedInfo(info), status: sortedKeys({ ...(protoJson(status) as object), createdAt: timeOf(status.createdAt) }) }, flag(options, 'output', 'o') ?? 'json', flag(options, 'template')) ?? '')
  }
  return 0
}

export async function inspecti(session: Session, options: Options): Promise<number> {
  const cri = await session.cri()
  for (const name of required(options)) {
    const { image, info } = await session.call('image status', 'ImageStatus', { image: name }, () => cri.images.ImageStatus({ image: { image: name }, verbose: !has(options, 'quiet', 'q') }))
    if (!image) throw new Fatal(`no such image ${JSON.stringify(name)} present`)
    await session.out(render({ info: parsedInfo(info), status: protoJson(image) }, flag(options, 'output', 'o') ?? 'json', flag(options, 'template')) ?? '')
  }
  return 0
}

function parsedInfo(info: Readonly<Record<string, string>>): unknown {
  return info['info'] === undefined ? {} : (JSON.parse(info['info']) as unknown)
}

function sortedKeys(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

export async function info(session: Session, options: Options): Promise<number> {
  const cri = await session.cri()
  const status = await session.call('getting status of runtime', 'Status', {}, () => cri.runtime.Status({ verbose: true }))
  const more = Object.fromEntries(Object.entries(status.info).map(([key, text]) => [key, parsedOr(text)]))
  await session.out(render({ ...more, features: status.features, runtimeHandlers: status.runtimeHandlers, status: status.status }, flag(options, 'output', 'o') ?? 'json', flag(options, 'template')) ?? '')
  return 0
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

export async function version(session: Session): Promise<number> {
  const cri = await session.cri()
  const found = await cri.runtime.Version({ version: '0.1.0' })
  await session.out(`Version:  ${found.version}\nRuntimeName:  ${found.runtimeName}\nRuntimeVersion:  ${found.runtimeVersion}\nRuntimeApiVersion:  ${found.runtimeApiVersion}\n`)
  return 0
}

/** Does something to each operand; the first failure is told at the end, as crictl joins them. */
async function each(session: Session, operands: readonly string[], work: (id: string) => Promise<string>): Promise<number> {
  const failures: string[] = []
  for (const id of operands) {
    try {
      await session.out(`${await work(id)}\n`)
    } catch (error) {
      if (!(error instanceof Fatal)) throw error
      failures.push(error.message)
    }
  }
  if (failures.length > 0) throw new Fatal(failures.join('\n'))
  return 0
}

export async function stop(session: Session, options: Options): Promise<number> {
  const cri = await session.cri()
  const timeout = Number(flag(options, 'timeout', 't') ?? 0)
  return each(session, required(options), async (id) => {
    await session.call(`stopping the container ${JSON.stringify(id)}`, 'StopContainer', { containerID: id }, async () => {
      await cri.runtime.ContainerStatus({ containerId: id })
      await cri.runtime.StopContainer({ containerId: id, timeout })
    })
    return id
  })
}

export async function start(session: Session, options: Options): Promise<number> {
  const cri = await session.cri()
  return each(session, required(options), async (id) => {
    await session.call(`starting the container ${JSON.stringify(id)}`, 'StartContainer', { containerID: id }, () => cri.runtime.StartContainer({ containerId: id }))
    return id
  })
}

export async function remove(session: Session, options: Options): Promise<number> {
  const cri = await session.cri()
  const all = has(options, 'all', 'a')
  const force = has(options, 'force', 'f')
  const ids = all ? (await cri.runtime.ListContainers({})).containers.map(({ id }) => id) : required(options)
  return each(session, ids, async (id) => {
    const { status } = await session.call('get container status', 'ContainerStatus', { containerID: id }, () => cri.runtime.ContainerStatus({ containerId: id }))
    if (status.state === 'CONTAINER_RUNNING' && !force) throw new Fatal(`container ${JSON.stringify(id)} is running, please stop it first`)
    await session.call(`removing container ${JSON.stringify(id)}`, 'RemoveContainer', { containerID: id }, () => cri.runtime.RemoveContainer({ containerId: id }))
    return id
  })
}

export async function stopPods(session: Session, options: Options): Promise<number> {
  const cri = await session.cri()
  return each(session, required(options), async (id) => {
    await session.call(`stopping the pod sandbox ${JSON.stringify(id)}`, 'StopPodSandbox', { podSandboxID: id }, async () => {
      await cri.runtime.PodSandboxStatus({ podSandboxId: id })
      await cri.runtime.StopPodSandbox({ podSandboxId: id })
    })
    return `Stopped sandbox ${id}`
  })
}

export async function removePods(session: Session, options: Options): Promise<number> {
  const cri = await session.cri()
  const force = has(options, 'force', 'f')
  const ids = has(options, 'all', 'a') ? (await cri.runtime.ListPodSandbox({})).items.map(({ id }) => id) : required(options)
  return each(session, ids, async (id) => {
    const { status } = await session.call('get sandbox status', 'PodSandboxStatus', { podSandboxID: id }, () => cri.runtime.PodSandboxStatus({ podSandboxId: id }))
    if (status.state === 'SANDBOX_READY' && !force) throw new Fatal(`pod sandbox ${JSON.stringify(id)} is running, please stop it first`)
    await session.call(`removing the pod sandbox ${JSON.stringify(id)}`, 'RemovePodSandbox', { podSandboxID: id }, () => cri.runtime.RemovePodSandbox({ podSandboxId: id }))
    return `Removed sandbox ${id}`
  })
}

export async function removeImages(session: Session, options: Options): Promise<number> {
  const cri = await session.cri()
  let names: readonly string[] = options.operands
  if (has(options, 'all', 'a') || has(options, 'prune', 'q')) {
    const used = new Set((await cri.runtime.ListContainers({})).containers.map((container) => container.imageId))
    const { images } = await cri.images.ListImages({})
    names = images.filter((image) => (has(options, 'prune') ? !used.has(image.id) && !image.pinned : true)).map(({ id }) => id)
  }
  for (const name of names.length > 0 || has(options, 'all', 'a', 'prune') ? names : required(options)) {
    const { image } = await cri.images.ImageStatus({ image: { image: name } })
    if (!image) throw new Fatal(`no such image ${name}`)
    await session.call(`error of removing image ${JSON.stringify(name)}`, 'RemoveImage', { image: name }, () => cri.images.RemoveImage({ image: { image: name } }))
    for (const tag of image.repoTags.length > 0 ? image.repoTags : [image.id]) await session.out(`Deleted: ${tag}\n`)
  }
  return 0
}

export async function pull(session: Session, options: Options): Promise<number> {
  const [name] = options.operands
  if (name === undefined) throw new Fatal('Image path or image ID cannot be empty')
  const cri = await session.cri()
  const creds = flag(options, 'creds')
  const [username = '', ...password] = (creds ?? '').split(':')
  const { imageRef } = await session.call('pulling image', 'PullImage', { image: name }, () => cri.images.PullImage({ image: { image: name }, ...(creds === undefined ? {} : { auth: { username, password: password.join(':') } }) }))
  await session.out(`Image is up to date for ${imageRef}\n`)
  return 0
}

export async function logs(session: Session, options: Options): Promise<number> {
  const [id] = required(options)
  const cri = await session.cri()
  const { status } = await session.call('get container status', 'ContainerStatus', { containerID: id ?? '' }, () => cri.runtime.ContainerStatus({ containerId: id ?? '' }))
  const { files } = session.process
  if (status.logPath === '' || !files.exists(status.logPath)) throw new Fatal(`failed to try resolving symlinks in path ${JSON.stringify(status.logPath)}: lstat ${status.logPath}: no such file or directory`)
  const tail = flag(options, 'tail', 'n')
  let shown = 0
  const give = async (all: readonly string[]): Promise<void> => {
    for (const line of all.slice(shown)) {
      const [stamp = '', stream = '', tag = '', ...text] = line.split(' ')
      const out = `${has(options, 'timestamps', 't') ? `${stamp} ` : ''}${text.join(' ')}${tag.startsWith('P') ? '' : '\n'}`
      await (stream === 'stderr' ? session.process.stderr : session.process.stdout).write(out)
    }
    shown = all.length
  }
  const read = (): string[] => files.readText(status.logPath).split('\n').filter((line) => line !== '')
  const first = read()
  if (tail !== undefined && tail !== '-1') shown = Math.max(0, first.length - Number(tail))
  await give(first)
  if (!has(options, 'follow', 'f')) return 0
  const watch = files.watch(status.logPath)
  for (;;) {
    const now = await cri.runtime.ContainerStatus({ containerId: status.id }).catch(() => undefined)
    await give(read())
    if (now?.status.state !== 'CONTAINER_RUNNING') return 0
    await Promise.race([watch.next(), session.process.clock.sleep(1000)])
  }
}

export async function exec(session: Session, options: Options): Promise<number> {
  const [id = '', ...cmd] = required(options)
  if (cmd.length === 0) throw new Fatal('requires at least 2 arg(s), only received 1')
  const cri = await session.cri()
  if (has(options, 'sync', 's')) {
    const result = await session.call('execing command in container synchronously', 'ExecSync', { containerID: id }, () => cri.runtime.ExecSync({ containerId: id, cmd, timeout: Number(flag(options, 'timeout') ?? 0) }))
    await session.process.stdout.write(result.stdout)
    await session.process.stderr.write(result.stderr)
    if (result.exitCode !== 0) throw new Fatal(`execing command in container synchronously: command '${cmd.join(' ')}' exited with ${result.exitCode}: ${decodeUtf8(result.stderr)}`)
    return 0
  }
  const tty = has(options, 'tty', 't')
  const { url } = await session.call('execing command in container', 'Exec', { containerID: id }, () => cri.runtime.Exec({ containerId: id, cmd, tty, stdin: has(options, 'interactive', 'i'), stdout: true, stderr: !tty }))
  return stream(session, url, has(options, 'interactive', 'i'), tty)
}

/** Connects the terminal to a stream of the runtime; the command's exit code becomes crictl's failure. */
export async function stream(session: Session, address: string, stdin: boolean, tty: boolean): Promise<number> {
  const { process } = session
  const url = new URL(address)
  const answer = await process.net.request({ host: url.hostname, port: Number(url.port) }, { method: 'POST', path: url.pathname, headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-protocol': execProtocol }, body: emptyBody })
  const peer = answer.upgraded
  if (!peer) throw new Fatal(`execing command in container: ${await answer.body.text()}`)
  const restore = tty ? await rawTerminal(process.terminal(), peer) : undefined
  if (stdin) process.background(() => pumpInput(session, peer))
  try {
    return await pumpOutput(session, peer)
  } finally {
    restore?.()
  }
}

/** The terminal hands every key on; undone by what is returned. */
async function rawTerminal(terminal: Terminal | undefined, peer: MessageChannel): Promise<(() => void) | undefined> {
  if (!terminal) return undefined
  const mode = { ...terminal.mode() }
  terminal.setMode({ canonical: false, echo: false, signals: false, crToNl: false, nlToCrNl: false })
  await peer.send(frame(channel.resize, encodeUtf8(JSON.stringify({ Width: terminal.columns, Height: terminal.rows }))))
  return () => terminal.setMode(mode)
}

async function pumpInput(session: Session, peer: MessageChannel): Promise<void> {
  for (let data = await session.process.stdin.read(); data && !peer.closed; data = await session.process.stdin.read()) await peer.send(frame(channel.stdin, data))
  if (!peer.closed) await peer.send(Uint8Array.of(channel.close, channel.stdin))
}

async function pumpOutput(session: Session, peer: MessageChannel): Promise<number> {
  for (let message = await peer.receive(); message; message = await peer.receive()) {
    const data = message.subarray(1)
    if (message[0] === channel.stdout) await session.process.stdout.write(data)
    else if (message[0] === channel.stderr) await session.process.stderr.write(data)
    else if (message[0] === channel.error) {
      const status = JSON.parse(decodeUtf8(data)) as { status?: string; message?: string; reason?: string; details?: { causes?: { message?: string }[] } }
      if (status.status === 'Success') return 0
      throw new Fatal(`execing command in container: ${status.reason === 'NonZeroExitCode' ? `command terminated with exit code ${status.details?.causes?.[0]?.message ?? '1'}` : (status.message ?? '')}`)
    }
  }
  return 0
}

function readManifest(session: Session, path: string | undefined, what: string): unknown {
  if (path === undefined) throw new Fatal(`incorrect usage`)
  try {
    return parseYaml(session.process.files.readText(path))
  } catch (error) {
    throw new Fatal(`load ${what}: config at ${path} not found: ${(error as Error).message.toLowerCase()}`)
  }
}

function sandboxOf(value: unknown): PodSandboxConfig {
  const given = (value ?? {}) as { metadata?: Partial<PodSandboxConfig['metadata']>; hostname?: string; log_directory?: string; linux?: { cgroup_parent?: string } }
  const { metadata } = given
  if (!metadata?.name || !metadata.namespace || !metadata.uid) throw new Fatal('run pod sandbox: rpc error: code = Unknown desc = sandbox config must include metadata')
  return {
    metadata: { name: metadata.name, namespace: metadata.namespace, uid: metadata.uid, attempt: metadata.attempt ?? 0 }, hostname: given.hostname ?? metadata.name, logDirectory: given.log_directory ?? '', portMappings: [], labels: {}, annotations: {},
    linux: { cgroupParent: given.linux?.cgroup_parent ?? '', sysctls: {}, securityContext: { namespaceOptions: { network: 'POD', pid: 'CONTAINER', ipc: 'POD' } } },
  }
}

export async function runPod(session: Session, options: Options): Promise<number> {
  const config = sandboxOf(readManifest(session, options.operands[0], 'podSandboxConfig'))
  const cri = await session.cri()
  const { podSandboxId } = await session.call('run pod sandbox', 'RunPodSandbox', {}, () => cri.runtime.RunPodSandbox({ config, runtimeHandler: flag(options, 'runtime') ?? '' }))
  await session.out(`${podSandboxId}\n`)
  return 0
}

export async function create(session: Session, options: Options): Promise<number> {
  const [pod = '', containerFile, podFile] = options.operands
  const given = (readManifest(session, containerFile, 'containerConfig') ?? {}) as { metadata?: { name?: string }; image?: { image?: string }; command?: string[]; args?: string[]; log_path?: string }
  const sandboxConfig = sandboxOf(readManifest(session, podFile, 'podSandboxConfig'))
  const config: ContainerConfig = {
    metadata: { name: given.metadata?.name ?? '', attempt: 0 }, image: { image: given.image?.image ?? '' }, command: given.command ?? [], args: given.args ?? [], workingDir: '', envs: [], mounts: [], labels: {}, annotations: {}, logPath: given.log_path ?? '',
    linux: { resources: {}, securityContext: {} },
  }
  const cri = await session.cri()
  if (has(options, 'with-pull')) await session.call('pulling image', 'PullImage', { image: config.image.image }, () => cri.images.PullImage({ image: config.image }))
  const { containerId } = await session.call('creating container', 'CreateContainer in sandbox', { podSandboxID: pod }, () => cri.runtime.CreateContainer({ podSandboxId: pod, config, sandboxConfig }))
  await session.out(`${containerId}\n`)
  return 0
}

export async function imageFsInfo(session: Session, options: Options): Promise<number> {
  const cri = await session.cri()
  const answer = await session.call('get image filesystem info', 'ImageFsInfo', {}, () => cri.images.ImageFsInfo({}))
  await session.out(render({ status: protoJson(answer) }, flag(options, 'output', 'o') ?? 'json', flag(options, 'template')) ?? '')
  return 0
}

