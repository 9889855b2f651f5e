/** Static pods: manifests of a directory, read at start and whenever one changes. */
import { md5 } from '@noble/hashes/legacy.js'
import { encodeUtf8, toHex } from '#engine/base/bytes'
import { remembered } from '#engine/base/remembered'
import { parseYaml, YamlError } from '#engine/base/yaml/parser'
import { compactJson } from '#engine/api/jsonpath/evaluate'
import type { Pod, Toleration } from '#engine/api/kinds'
import { isErrno } from '#engine/linux/abi/errno'
import { rfc3339Nano } from '#engine/cri/containerd/shim/logs'
import type { KubeletContext } from '../context'
import { defaultPod } from './defaults'
import { configHash, configSeen, configSource } from './names'
import type { PodSchema } from './schema'

/** Changes of one save come in several events; the kubelet acts on what stands after them. */
const settleMs = 5

interface Manifest {
  readonly content: string
  /** Undefined: it is no pod. */
  readonly pod: Pod | undefined
  readonly complaint?: string
}

/**
 * A manifest that turns bad keeps its pod until the directory is listed anew, which a kubelet does every so often
 * (`fileCheckFrequency`); here only while there is one. A listing leaves bad manifests out.
 */
export class FileSource {
  private readonly cache = new Map<string, Manifest>()
  private readonly kept = new Map<string, Pod>()
  private relist: { cancel(): void } | undefined
  private startedAtMs = 0

  constructor(
    private readonly context: KubeletContext,
    private readonly deliver: (pods: readonly Pod[]) => void,
  ) {}

  start(): void {
    this.startedAtMs = this.context.clock.now()
    this.context.klog.info('kubelet.go:383', 'Adding static pod path', { path: this.path })
    this.context.process.background(() => this.follow())
  }

  private get path(): string {
    return this.context.config.staticPodPath
  }

  private async follow(): Promise<void> {
    const { process, clock, config } = this.context
    for (;;) {
      if (!process.files.exists(this.path)) {
        this.context.klog.error('file_linux.go:61', 'path does not exist, ignoring', 'Unable to read config path', { path: this.path })
        this.deliver([])
        await clock.sleep(config.fileCheckFrequencyMs)
        continue
      }
      await this.followDirectory()
      // Nobody tells the kubelet of a directory that went away whole: it finds out when it lists it next.
      if (!process.files.exists(this.path)) await clock.sleep(this.untilListing())
    }
  }

  private async followDirectory(): Promise<void> {
    const { files } = this.context.process
    const { ino } = files.stat(this.path)
    const watch = files.watch(this.path)
    const above = files.watch(this.path.slice(0, this.path.lastIndexOf('/')) || '/')
    const isGone = (): boolean => !files.exists(this.path) || files.stat(this.path).ino !== ino
    this.context.process.background(() => untilClosed(async () => {
      do await above.next()
      while (!isGone())
      watch.close()
    }))
    this.read(true)
    await untilClosed(async () => {
      for (;;) {
        await watch.next()
        await this.context.clock.sleep(settleMs)
        if (isGone()) return
        this.read(false)
      }
    })
    watch.close()
    above.close()
  }

  private untilListing(): number {
    const { clock, config } = this.context
    const every = Math.max(1000, config.fileCheckFrequencyMs)
    return every - ((clock.now() - this.startedAtMs) % every)
  }

  /** `listing`: bad manifests lose their pods; else they only are complained of, once. */
  private read(listing: boolean): void {
    const { files } = this.context.process
    const stat = files.stat(this.path)
    const names = stat.type === 'directory' ? files.readDirectory(this.path).filter((entry) => entry.type !== 'directory' && !entry.name.startsWith('.')).map((entry) => `${this.path}/${entry.name}`).sort() : [this.path]
    for (const known of [...this.cache.keys(), ...this.kept.keys()]) if (!names.includes(known)) this.forget(known)
    const found = names.map((name) => this.podOf(name, listing)).filter((pod) => pod !== undefined)
    this.deliver(found)
    this.planListing(names.some((name) => this.cache.get(name)?.complaint !== undefined))
  }

  private forget(name: string): void {
    this.cache.delete(name)
    this.kept.delete(name)
  }

  private podOf(path: string, listing: boolean): Pod | undefined {
    const before = this.cache.get(path)
    const { pod, complaint } = this.readManifest(path)
    if (pod) {
      this.kept.set(path, pod)
      return pod
    }
    if (listing) {
      this.kept.delete(path)
      this.context.klog.error('file.go:187', complaint ?? '', 'Could not process manifest file', { path })
    } else if (before?.complaint !== complaint) this.context.klog.error('file_linux.go:93', `can't process config file "${path}": ${complaint ?? ''}`, 'Unable to process watch event')
    return this.kept.get(path)
  }

  private planListing(isBad: boolean): void {
    this.relist?.cancel()
    this.relist = undefined
    if (!isBad) return
    const { clock, process } = this.context
    this.relist = clock.after(this.untilListing(), () => process.background(async () => {
      await Promise.resolve()
      if (process.files.exists(this.path)) this.read(true)
    }))
  }

  private readManifest(path: string): Manifest {
    let content: string
    try {
      content = this.context.process.files.readText(path)
    } catch (error) {
      if (!isErrno(error)) throw error
      return this.remember(path, { content: '', pod: undefined, complaint: `open ${path}: ${error.message.toLowerCase()}` })
    }
    const known = this.cache.get(path)
    if (known?.content === content && known.complaint?.startsWith('open ') !== true) return known
    return this.remember(path, this.parse(path, content))
  }

  private remember(path: string, manifest: Manifest): Manifest {
    this.cache.set(path, manifest)
    return manifest
  }

  private parse(path: string, content: string): Manifest {
    try {
      return { content, pod: staticPod(this.context, path, content) }
    } catch (error) {
      if (error instanceof InvalidPod) return { content, pod: undefined, complaint: error.message }
      if (!(error instanceof YamlError) && !(error instanceof ManifestError)) throw error
      return { content, pod: undefined, complaint: `${path}: couldn't parse as pod(${error.message}), please check config file` }
    }
  }
}

/** A watch that is closed ends what waits for it. */
async function untilClosed(run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

/** The file is no pod at all. */
class ManifestError extends Error {}
/** It is one, with mistakes. */
class InvalidPod extends Error {}

/** The pod of a manifest, as the kubelet sees it now. */
function staticPod({ podSchema, nodeName, clock }: KubeletContext, path: string, content: string): Pod {
  const read = readers.get(podSchema) ?? remembered(100, (text) => manifestPod(podSchema, JSON.parse(text) as ManifestKey))
  readers.set(podSchema, read)
  const pod = read(JSON.stringify([nodeName, path, content] satisfies ManifestKey))
  return { ...pod, metadata: { ...pod.metadata, annotations: { ...pod.metadata.annotations, [configSeen]: rfc3339Nano(clock.now()) } } }
}

type ManifestKey = readonly [nodeName: string, path: string, content: string]

/** Copies of a node read the same manifests: each is understood once. */
const readers = new WeakMap<PodSchema, (key: string) => Pod>()

function manifestPod(schema: PodSchema, [nodeName, path, content]: ManifestKey): Pod {
  const pod = podDocument(schema, parseYaml(content))
  if (!pod.metadata?.name) throw new InvalidPod('invalid pod: name is needed for the pod')
  const { metadata } = pod
  if (Array.isArray(pod.spec?.containers)) defaultPod(pod)
  const hash = toHex(md5(encodeUtf8(`host:${nodeName}file:${path}${JSON.stringify(pod.spec)}${JSON.stringify(metadata)}`)))
  metadata.uid ??= hash
  metadata.name = `${metadata.name ?? ''}-${nodeName.toLowerCase()}`
  metadata.namespace ??= 'default'
  metadata.annotations = { ...metadata.annotations, [configHash]: metadata.uid, [configSource]: 'file' }
  if (pod.spec) Object.assign(pod.spec as object, { nodeName, tolerations: withNoExecute(pod.spec.tolerations ?? []) })
  const errors = schema.validate(pod)
  if (errors.length > 0) throw new InvalidPod(`invalid pod: [${errors.join(', ')}]`)
  pod.status = { phase: 'Pending' } as never
  return pod
}

/** A static pod stays whatever becomes of its node. */
function withNoExecute(tolerations: readonly Toleration[]): readonly Toleration[] {
  const there = tolerations.some((toleration) => toleration.operator === 'Exists' && toleration.effect === 'NoExecute' && !toleration.key)
  return there ? tolerations : [...tolerations, { operator: 'Exists', effect: 'NoExecute' }]
}

function podDocument(schema: PodSchema, document: unknown): Pod {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw new ManifestError(`couldn't get version/kind; json parse error: json: cannot unmarshal ${Array.isArray(document) ? 'array' : typeof document} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`)
  const { apiVersion, kind } = document as { apiVersion?: string; kind?: string }
  if (!kind) throw new ManifestError(`Object 'Kind' is missing in '${compactJson(document)}'`)
  if (!apiVersion) throw new ManifestError(`Object 'apiVersion' is missing in '${compactJson(document)}'`)
  if (!schema.knows(apiVersion, kind)) throw new ManifestError(`no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`)
  if (apiVersion !== 'v1' || kind !== 'Pod') throw new ManifestError(`invalid pod: ${compactJson(document)}`)
  const { pod, error } = schema.decode(document)
  if (error !== undefined) throw new ManifestError(error)
  return structuredClone(pod)
}
