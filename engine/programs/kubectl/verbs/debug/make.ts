/** The three ways to a debug container: in the running pod, in a copy of it, in a pod on a node. */
import { copyObject, type KubeObject } from '#engine/api/object'
import { StatusError } from '#engine/api/status'
import { builtinPatchMeta } from '#engine/programs/kubectl/patch/builtin'
import { mergeStrategic } from '#engine/programs/kubectl/patch/applystrategic'
import { twoWayStrategicPatch } from '#engine/programs/common/patch/strategic'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { pods, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { createObject, patchObject } from '../write'
import type { DebugOptions } from './options'
import { type DebugContainer, type DebugPod, findDebugContainer } from './podspec'
import { applyProfile, type DebugStyle } from './profiles'

export interface Made {
  readonly pod: KubeObject
  /** Empty where no container was added. */
  readonly container: string
}

export async function debugNode(session: Session, options: DebugOptions, node: string): Promise<Made> {
  const container = session.flags.string('container') || 'debugger'
  const name = `node-debugger-${node}-${session.process.random.suffix(5)}`
  if (!session.flags.bool('quiet')) await session.out(`Creating debugging pod ${name} with container ${container} on node ${node}.\n`)
  const pod: DebugPod = {
    apiVersion: 'v1', kind: 'Pod',
    metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'kubectl-debug' } },
    spec: { containers: [newContainer(session, options, container)], nodeName: node, restartPolicy: 'Never', tolerations: [{ operator: 'Exists' }] },
  }
  finish(session, options, pod, container, 'node')
  return { pod: await createObject(session, pods, session.namespace, pod as unknown as KubeObject, { fieldManager: 'kubectl-debug' }), container }
}

export async function debugByEphemeralContainer(session: Session, options: DebugOptions, pod: DebugPod): Promise<Made> {
  const name = await containerName(session, pod)
  const target = session.flags.string('target')
  const added = { ...newContainer(session, options, name), ...(target === '' ? {} : { targetContainerName: target }) }
  const before = pod as unknown as KubeObject
  const after = copyObject(before) as unknown as DebugPod
  after.spec.ephemeralContainers = [...(after.spec.ephemeralContainers ?? []), added]
  finish(session, options, after, name, 'ephemeral')
  await warnOfUser(session, after, name)
  const patch = ephemeralPatch(before, after, name)
  try {
    return { pod: await patchObject(session, pods, pod.metadata.namespace ?? '', pod.metadata.name, 'strategic', patch, { fieldManager: 'kubectl-debug' }, 'ephemeralcontainers'), container: name }
  } catch (error) {
    if (error instanceof StatusError && error.status.reason === 'NotFound' && !error.status.details?.name) throw new CliError(`ephemeral containers are disabled for this cluster (error from server: ${JSON.stringify(error.message)})`)
    throw error
  }
}

/** A name that is there already: the change is followed by what it was, so that nothing comes of it, as with the real one. */
function ephemeralPatch(before: KubeObject, after: DebugPod, name: string): Record<string, unknown> {
  const meta = builtinPatchMeta('Pod')
  const old = (before as unknown as DebugPod).spec.ephemeralContainers?.find((container) => container.name === name)
  if (!old) return twoWayStrategicPatch(before, after as unknown as KubeObject, meta)
  const list = after.spec.ephemeralContainers ?? []
  const { spec } = twoWayStrategicPatch({ spec: { ephemeralContainers: [old] } }, { spec: { ephemeralContainers: [list.at(-1)] } }, meta) as { spec?: { ephemeralContainers?: unknown[] } }
  return { spec: { '$setElementOrder/ephemeralContainers': list.map((container) => ({ name: container.name })), ephemeralContainers: [...(spec?.ephemeralContainers ?? []), old] } }
}

export async function debugByCopy(session: Session, options: DebugOptions, pod: DebugPod): Promise<Made> {
  const { flags } = session
  const { pod: copy, container } = await copyOf(session, options, pod)
  const created = await createObject(session, pods, pod.metadata.namespace ?? '', copy as unknown as KubeObject, { fieldManager: 'kubectl-debug' })
  if (flags.bool('replace')) await session.request('DELETE', resourcePath(pods, pod.metadata.namespace ?? '', pod.metadata.name), { body: { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 } })
  return { pod: created, container }
}

async function copyOf(session: Session, options: DebugOptions, pod: DebugPod): Promise<{ pod: DebugPod; container: string }> {
  const { flags } = session
  const { namespace, annotations, labels } = pod.metadata
  const { spec } = copyObject(pod as unknown as KubeObject) as unknown as DebugPod
  delete spec.ephemeralContainers
  if (flags.changed('share-processes')) spec.shareProcessNamespace = flags.bool('share-processes')
  if (!flags.bool('same-node')) delete spec.nodeName
  const copy: DebugPod = {
    apiVersion: 'v1', kind: 'Pod',
    metadata: { name: flags.string('copy-to'), ...(namespace === undefined ? {} : { namespace }), ...(annotations ? { annotations } : {}), ...(labels ? { labels } : {}) },
    spec,
  }
  setImages(session, copy)
  const name = await debuggedContainer(session, copy)
  if (name === '') return { pod: copy, container: '' }
  change(session, options, findDebugContainer(copy, name) as DebugContainer)
  finish(session, options, copy, name, 'copy')
  await warnOfUser(session, copy, name)
  return { pod: copy, container: name }
}

function setImages({ flags }: Session, { spec }: DebugPod): void {
  const images = flags.map('set-image')
  for (const container of spec.containers) {
    const image = images.get(container.name) ?? images.get('*')
    if (image) container.image = image
  }
}

/** The named container, or a new one; empty where only images are set. */
async function debuggedContainer(session: Session, copy: DebugPod): Promise<string> {
  const { flags } = session
  const named = flags.string('container')
  if (named !== '' && findDebugContainer(copy, named)) return named
  if (flags.string('image') === '') {
    if (flags.map('set-image').size > 0) return ''
    throw new CliError('you must specify image when creating new container')
  }
  const name = await containerName(session, copy)
  copy.spec.containers.push({ name, terminationMessagePolicy: 'File' })
  return name
}

async function containerName(session: Session, pod: DebugPod): Promise<string> {
  const { flags } = session
  if (flags.string('container') !== '') return flags.string('container')
  let name = ''
  do name = `debugger-${session.process.random.suffix(5)}`
  while (findDebugContainer(pod, name))
  if (!flags.bool('quiet')) await session.out(`Defaulting debug container name to ${name}.\n`)
  return name
}

function newContainer(session: Session, options: DebugOptions, name: string): DebugContainer {
  const container: DebugContainer = { name, terminationMessagePolicy: 'File' }
  change(session, options, container)
  return container
}

function change({ flags }: Session, { words, env }: DebugOptions, container: DebugContainer): void {
  if (words.length > 0) {
    container[flags.bool('arguments-only') ? 'args' : 'command'] = [...words]
    if (!flags.bool('arguments-only')) delete container.args
  }
  if (env.length > 0) container.env = [...env]
  if (flags.string('image') !== '') container.image = flags.string('image')
  if (flags.string('image-pull-policy') !== '') container.imagePullPolicy = flags.string('image-pull-policy')
  delete container.stdin
  delete container.tty
  if (flags.bool('stdin')) container.stdin = true
  if (flags.bool('tty')) container.tty = true
}

/** What a profile allows is of little use to another user than root. */
async function warnOfUser(session: Session, pod: DebugPod, name: string): Promise<void> {
  const own = findDebugContainer(pod, name)?.securityContext
  if (!pod.spec.securityContext?.runAsUser || own?.runAsUser !== undefined) return
  if (own?.privileged || (own?.capabilities?.add ?? []).length > 0) await session.err('Warning: Non-root user is configured for the entire target Pod, and some capabilities granted by debug profile may not work. Please consider using "--custom" with a custom profile that specifies "securityContext.runAsUser: 0".\n')
}

function finish({ flags }: Session, { custom }: DebugOptions, pod: DebugPod, name: string, style: DebugStyle): void {
  applyProfile(flags, pod, name, style)
  const container = findDebugContainer(pod, name)
  if (custom && container) Object.assign(container, mergeStrategic(container as unknown as Record<string, unknown>, custom, builtinPatchMeta('Pod').field('spec').field('containers').item()))
}
