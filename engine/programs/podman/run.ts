/** podman run and create. */
import { attach } from '#engine/cri/podman/exec'
import { createContainer } from '#engine/cri/podman/create'
import { findImage, pullImage, storedName } from '#engine/cri/podman/images'
import { removeContainer, startContainer, waitFor } from '#engine/cri/podman/lifecycle'
import { type ContainerRecord, PodmanError } from '#engine/cri/podman/model'
import { createPod } from '#engine/cri/podman/pods'
import type { StoredImage } from '#engine/cri/images/store'
import { isErrno } from '#engine/linux/abi/errno'
import { entrypointOf, environment, mountsOf, pairs, portsOf, resourcesOf, restartOf, runFlags } from './options'
import { type Commands, complain, say, type Session } from './session'
import { transferOptions } from './transfer'

async function imageFor(session: Session, name: string): Promise<StoredImage> {
  const { library, process, flags } = session
  const policy = flags.value('pull') ?? 'missing'
  const known = policy === 'always' ? undefined : findImage(library, name)
  if (known) return known
  if (policy === 'never') throw new PodmanError(`${name}: image not known`)
  return pullImage(library, name, async (text) => process.stderr.write(text), { ...transferOptions(session), quiet: flags.has('quiet') })
}

async function makeContainer(session: Session): Promise<ContainerRecord> {
  const { flags, library } = session
  const [imageName = '', ...args] = flags.operands
  checkConflicts(session)
  const image = await imageFor(session, imageName)
  const name = flags.value('name')
  if (flags.has('replace') && name !== undefined && library.container(name)) await removeContainer(library, library.presentContainer(name), { force: true })
  const pod = podFor(session)
  return createContainer(library, {
    image, imageName: storedName(library, imageName) ?? image.repoTags[0] ?? image.id.slice(7), args, name, pod, ...podless(session, image, pod), entrypoint: entrypointOf(flags.value('entrypoint')), env: environment(session), cwd: flags.value('workdir'), user: flags.value('user'),
    labels: pairs(flags.all('label')), annotations: pairs(flags.all('annotation')), mounts: mountsOf(session), terminal: flags.has('tty'), interactive: flags.has('interactive'),
    privileged: flags.has('privileged'), readonly: flags.has('read-only'), capAdd: flags.all('cap-add').flatMap((text) => text.split(',')), capDrop: flags.all('cap-drop').flatMap((text) => text.split(',')), ...resourcesOf(session),
    restart: restartOf(flags.value('restart')), autoRemove: flags.has('rm'), stopTimeout: flags.value('stop-timeout') === undefined ? undefined : Number(flags.value('stop-timeout')), stopSignal: flags.value('stop-signal'), createCommand: session.process.argv,
  })
}

function checkConflicts({ flags, library }: Session): void {
  if (flags.has('rm') && flags.value('restart') !== undefined && flags.value('restart') !== 'no') throw new PodmanError('the --rm option conflicts with --restart, when the restartPolicy is not "" and "no"')
  const cidfile = flags.value('cidfile')
  if (cidfile !== undefined && library.files.exists(cidfile)) throw new PodmanError(`container id file exists. Ensure another container is not using it or delete ${cidfile}`)
}

/** `--pod new:NAME` makes one. */
function podFor(session: Session): string | undefined {
  const text = session.flags.value('pod')
  if (text === undefined) return undefined
  const { library } = session
  if (text.startsWith('new:')) return createPod(library, { name: text.slice(4), ports: portsOf(session.flags.all('publish')), createCommand: session.process.argv }).id
  const found = library.pod(text)
  if (!found) throw new PodmanError(`no pod with name or ID ${text} found: no such pod`)
  if (session.flags.all('publish').length > 0) throw new PodmanError('published or exposed ports must be defined when the pod is created: network cannot be configured when it is shared with a pod')
  return found.id
}

/** What a container in a pod has from the pod. */
function podless(session: Session, image: StoredImage, pod: string | undefined): object {
  const { flags, library, process } = session
  if (pod !== undefined) return { hostname: library.presentPod(pod).hostname }
  const freePort = (): number => 32_768 + ((process.random.bytes(2)[0] ?? 0) * 64) % 28_000
  return {
    ...(flags.value('hostname') === undefined ? {} : { hostname: flags.value('hostname') }), networks: networkNames(session), aliases: flags.all('network-alias'), dns: flags.all('dns'), hosts: flags.all('add-host'),
    ports: portsOf(flags.all('publish'), { ...image.config.config.ExposedPorts, ...Object.fromEntries(flags.all('expose').map((port) => [port, {}])) }, flags.has('publish-all'), freePort),
  }
}

function networkNames({ flags, library }: Session): string[] {
  return flags.all('network').flatMap((text) => text.split(',')).map((text) => {
    if (!text.startsWith('container:')) return text.split(':')[0] ?? text
    const other = library.presentContainer(text.slice('container:'.length))
    return `container:${other.id}`
  })
}

async function create(session: Session): Promise<number> {
  const record = await makeContainer(session)
  writeId(session, record)
  return say(session, `${record.id}\n`)
}

function writeId({ flags, process }: Session, record: ContainerRecord): void {
  const path = flags.value('cidfile')
  if (path !== undefined) process.files.writeFile(path, record.id)
}

async function run(session: Session): Promise<number> {
  const { flags, library, process } = session
  if (flags.has('tty') && flags.has('interactive') && !flags.has('detach') && !process.descriptors().get(0)?.tty) await process.stderr.write(`time="${new Date(Math.floor(library.now())).toISOString().slice(0, 19)}Z" level=warning msg="The input device is not a TTY. The --tty and --interactive flags might not work properly"\n`)
  const record = await makeContainer(session)
  writeId(session, record)
  return flags.has('detach') ? detached(session, record) : foreground(session, record)
}

async function detached(session: Session, record: ContainerRecord): Promise<number> {
  try {
    await startContainer(session.library, record)
  } catch (error) {
    if (error instanceof PodmanError && record.autoRemove) await removeContainer(session.library, record, { force: true })
    throw error
  }
  return say(session, `${record.id}\n`)
}

export async function foreground(session: Session, record: ContainerRecord): Promise<number> {
  const { library, process } = session
  try {
    const child = await startContainer(library, record, true)
    forwardSignals(session, record)
    const ended = waitFor(library, record)
    await attach(library, record, { stdin: record.interactive, terminal: record.terminal && process.descriptors().get(0)?.tty !== undefined })
    const code = await ended
    await child.wait()
    return code
  } catch (error) {
    if (!(error instanceof PodmanError)) throw error
    await complain(session, error.message)
    if (record.autoRemove && library.container(record.id)) await removeContainer(library, record, { force: true })
    return error.code
  }
}

function forwardSignals({ library, process }: Session, record: ContainerRecord): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.handle(signal, () => {
      try {
        const { pid } = library.state(record.id)
        if (pid > 0) process.kill(pid, signal)
      } catch (error) {
        if (!isErrno(error)) throw error
      }
    })
  }
}

export const runCommands: Commands = {
  run: { flags: runFlags, stop: 1, operands: [1, 9999], run },
  create: { flags: runFlags, stop: 1, operands: [1, 9999], run: create },
}
