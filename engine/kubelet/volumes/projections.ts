/** configMap, secret, downwardAPI and projected volumes: payloads made from their sources, written atomically. */
import { encodeUtf8, fromBase64 } from '#engine/base/bytes'
import type { Pod, Volume } from '#engine/api/kinds'
import { isErrno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'
import type { KubeletContext } from '../context'
import { podField, type FieldSources, containerResource } from '../runtime/fieldref'
import { type Payload, writeAtomically } from './atomic'
import { MountError } from './errors'
import type { ObjectCache } from './objects'
import type { VolumePlugin, VolumeSetup } from './plugin'
import type { TokenManager } from './tokens'

interface Item { key: string; path: string; mode?: number }
interface DataSource { name?: string | undefined; items?: Item[] | undefined; optional?: boolean | undefined }
interface DownwardItem { path: string; fieldRef?: { fieldPath: string }; resourceFieldRef?: { containerName?: string; resource: string; divisor?: string | number }; mode?: number }

export interface ProjectionSources {
  readonly objects: ObjectCache
  readonly tokens: TokenManager
  fields(pod: Pod): FieldSources
  allocatable(): Readonly<Record<string, string>>
}

export function projectionPlugins(context: KubeletContext, sources: ProjectionSources): VolumePlugin[] {
  const payloads = new Payloads(sources)
  const plugin = (directory: string, handles: (volume: Volume) => boolean, make: (pod: Pod, volume: Volume, path: string) => Promise<Payload[]>): VolumePlugin => ({
    directory,
    live: true,
    owned: true,
    handles,
    async setUp({ pod, volume, path }: VolumeSetup) {
      let payload: Payload[]
      try {
        payload = await make(pod, volume, path)
      } catch (error) {
        if ((error as Error).name === 'ProcessKilled') throw error
        throw new MountError(`MountVolume.SetUp failed for volume "${volume.name}" : ${(error as Error).message}`)
      }
      const { files } = context.process
      if (!files.exists(path)) files.mkdirAll(path, 0o777)
      files.chmod(path, 0o777)
      writeAtomically(files, path, payload, context.clock.now())
      return path
    },
  })
  return [
    plugin('kubernetes.io~configmap', (volume) => volume.configMap !== undefined, (pod, volume) => payloads.configMap(pod, volume.configMap ?? {}, volume.configMap?.defaultMode ?? 420)),
    plugin('kubernetes.io~secret', (volume) => volume.secret !== undefined, (pod, volume) => payloads.secret(pod, { ...volume.secret, name: volume.secret?.secretName } as DataSource, volume.secret?.defaultMode ?? 420)),
    plugin('kubernetes.io~downward-api', (volume) => volume.downwardAPI !== undefined, (pod, volume) => Promise.resolve(payloads.downward(pod, (volume.downwardAPI?.items ?? []) as DownwardItem[], volume.downwardAPI?.defaultMode ?? 420))),
    plugin('kubernetes.io~projected', (volume) => volume.projected !== undefined, (pod, volume, path) => payloads.projected(pod, volume, (name) => textAt(context.process.files, `${path}/${name}`))),
  ]
}

class Payloads {
  constructor(private readonly sources: ProjectionSources) {}

  async configMap(pod: Pod, source: DataSource, mode: number): Promise<Payload[]> {
    const object = await optional(source, () => this.sources.objects.configMap(pod, source.name ?? ''))
    if (!object) return []
    const data = new Map([...Object.entries(object.data ?? {}).map(([key, value]): [string, Uint8Array] => [key, encodeUtf8(value)]), ...Object.entries(object.binaryData ?? {}).map(([key, value]): [string, Uint8Array] => [key, fromBase64(value)])])
    return pick(data, source, mode, (key) => `configmap references non-existent config key: ${key}`)
  }

  async secret(pod: Pod, source: DataSource, mode: number): Promise<Payload[]> {
    const object = await optional(source, () => this.sources.objects.secret(pod, source.name ?? ''))
    if (!object) return []
    const data = new Map(Object.entries(object.data ?? {}).map(([key, value]): [string, Uint8Array] => [key, fromBase64(value)]))
    return pick(data, source, mode, (key) => `references non-existent secret key: ${key}`)
  }

  downward(pod: Pod, items: readonly DownwardItem[], mode: number): Payload[] {
    return items.map((item) => ({
      path: item.path,
      mode: item.mode ?? mode,
      data: encodeUtf8(item.fieldRef ? podField(pod, item.fieldRef.fieldPath, this.sources.fields(pod)) : item.resourceFieldRef ? containerResource(pod, item.resourceFieldRef, undefined, this.sources.allocatable()) : ''),
    }))
  }

  async projected(pod: Pod, volume: Volume, standing: (name: string) => string | undefined): Promise<Payload[]> {
    const mode = volume.projected?.defaultMode ?? 420
    const out: Payload[] = []
    for (const source of volume.projected?.sources ?? []) {
      if (source.configMap) out.push(...(await this.configMap(pod, source.configMap as DataSource, mode)))
      else if (source.secret) out.push(...(await this.secret(pod, source.secret as DataSource, mode)))
      else if (source.downwardAPI) out.push(...this.downward(pod, (source.downwardAPI.items ?? []) as DownwardItem[], mode))
      else if (source.serviceAccountToken) out.push(await this.token(pod, source.serviceAccountToken, mode, standing))
      else throw new Error('projected volume source is not supported by this kubelet')
    }
    return out
  }

  private async token(pod: Pod, source: { path: string; audience?: string; expirationSeconds?: number }, mode: number, standing: (name: string) => string | undefined): Promise<Payload> {
    const token = await this.sources.tokens.token(pod, source.audience ?? '', source.expirationSeconds ?? 3600, () => standing(source.path))
    const user = soleUser(pod)
    return { path: source.path, data: encodeUtf8(token), mode: pod.spec?.securityContext?.fsGroup !== undefined || user !== undefined ? 0o600 : mode, ...(user === undefined ? {} : { uid: user }) }
  }
}

function textAt(files: Files, path: string): string | undefined {
  try {
    return files.readText(path)
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

/** The uid that all containers run as, if it is one and the same. */
function soleUser(pod: Pod): number | undefined {
  const users = new Set([...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].map((container) => container.securityContext?.runAsUser ?? pod.spec?.securityContext?.runAsUser))
  const [only] = [...users]
  return users.size === 1 ? only : undefined
}

async function optional<T>(source: DataSource, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (source.optional && (error as { status?: { reason?: string } }).status?.reason === 'NotFound') return undefined
    throw error
  }
}

function pick(data: ReadonlyMap<string, Uint8Array>, source: DataSource, mode: number, missing: (key: string) => string): Payload[] {
  if (!source.items || source.items.length === 0) return [...data].map(([path, bytes]) => ({ path, data: bytes, mode }))
  const out: Payload[] = []
  for (const item of source.items) {
    const bytes = data.get(item.key)
    if (bytes) out.push({ path: item.path, data: bytes, mode: item.mode ?? mode })
    else if (!source.optional) throw new Error(missing(item.key))
  }
  return out
}
