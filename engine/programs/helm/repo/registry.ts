/** Charts in OCI registries: pushed and pulled by the distribution API. */
import { decodeUtf8, encodeUtf8, toHex } from '#engine/base/bytes'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Process } from '#engine/linux/abi/process'
import type { Metadata } from '#engine/programs/helm/chart/types'
import { parseConstraint } from '#engine/programs/helm/chart/constraints'
import { compareVersions, parseVersion, type Version } from '#engine/programs/helm/chart/versions'
import { metadataJson } from '../release/encode'
import { type Access, type Message, send, statusText } from './fetch'

export interface RegistryOptions {
  readonly plainHttp: boolean
  readonly access: Access
}

export interface ChartReference {
  readonly host: string
  readonly repository: string
  /** Empty where none is given. */
  readonly tag: string
}

const configType = 'application/vnd.cncf.helm.config.v1+json'
const chartType = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'
const manifestType = 'application/vnd.oci.image.manifest.v1+json'

/** `oci://HOST/PATH[:TAG]`. */
export function parseReference(text: string): ChartReference {
  const match = /^oci:\/\/([^/]+)\/([^:@]+?)(?::([^:/@]+))?\/?$/.exec(text)
  if (!match) throw new Error(`invalid reference: ${text}`)
  return { host: match[1] as string, repository: match[2] as string, tag: match[3] ?? '' }
}

/** A plus cannot stand in a tag. */
export const tagOf = (version: string): string => version.replaceAll('+', '_')
const versionOf = (tag: string): string => tag.replaceAll('_', '+')

export function urlOf({ host, repository }: Pick<ChartReference, 'host' | 'repository'>, { plainHttp }: RegistryOptions, rest: string): string {
  return `${plainHttp ? 'http' : 'https'}://${host}/v2/${repository}/${rest}`
}

async function exchange(process: Process, url: string, { access }: RegistryOptions, message: Message, wanted: readonly number[]): ReturnType<typeof send> {
  const response = await send(process, url, access, message)
  if (wanted.includes(response.status)) return response
  throw new RegistryRefusal(`${message.method ?? 'GET'} ${JSON.stringify(url)}: response status code ${response.status}: ${reasonOf(await response.body.text(), response.status)}`, response.status)
}

class RegistryRefusal extends Error {
  constructor(message: string, readonly status: number) {
    super(message)
  }
}

function reasonOf(text: string, status: number): string {
  try {
    const [first] = (JSON.parse(text) as { errors: { code: string; message: string }[] }).errors
    return first ? `${first.code.toLowerCase().replaceAll('_', ' ')}: ${first.message}` : statusText(status).slice(4)
  } catch {
    return statusText(status).slice(4)
  }
}

const digestOf = (bytes: Uint8Array): string => `sha256:${toHex(sha256(bytes))}`

export interface Pushed {
  readonly reference: string
  readonly digest: string
}

export async function pushChart(process: Process, archive: Uint8Array, metadata: Metadata, remote: string, options: RegistryOptions): Promise<Pushed> {
  const parsed = parseReference(remote)
  const at = { host: parsed.host, repository: `${parsed.repository}/${metadata.name ?? ''}` }
  const config = encodeUtf8(JSON.stringify(metadataJson(metadata)))
  for (const blob of [config, archive]) await pushBlob(process, at, blob, options)
  const described = (mediaType: string, bytes: Uint8Array): unknown => ({ mediaType, digest: digestOf(bytes), size: bytes.length })
  const annotations = { 'org.opencontainers.image.created': `${new Date(process.clock.now()).toISOString().slice(0, 19)}Z`, ...(metadata.description ? { 'org.opencontainers.image.description': metadata.description } : {}), 'org.opencontainers.image.title': metadata.name, 'org.opencontainers.image.version': metadata.version }
  const manifest = encodeUtf8(JSON.stringify({ schemaVersion: 2, config: described(configType, config), layers: [described(chartType, archive)], annotations }))
  const tag = tagOf(String(metadata.version))
  await exchange(process, urlOf(at, options, `manifests/${tag}`), options, { method: 'PUT', headers: { 'content-type': manifestType }, body: manifest }, [201])
  return { reference: `${at.host}/${at.repository}:${tag}`, digest: digestOf(manifest) }
}

async function pushBlob(process: Process, at: Pick<ChartReference, 'host' | 'repository'>, bytes: Uint8Array, options: RegistryOptions): Promise<void> {
  const digest = digestOf(bytes)
  const known = await send(process, urlOf(at, options, `blobs/${digest}`), options.access, { method: 'HEAD' })
  if (known.status === 200) return
  const url = urlOf(at, options, 'blobs/uploads/')
  const { headers } = await exchange(process, url, options, { method: 'POST' }, [202])
  const place = new URL(headers['location'] ?? '', url).href
  await exchange(process, `${place}${place.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`, options, { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: bytes }, [201])
}

export interface Pulled extends Pushed {
  readonly bytes: Uint8Array
  /** `web-0.1.0.tgz`. */
  readonly file: string
}

/** By its tag, a version, a constraint, or the newest. */
export async function pullChart(process: Process, text: string, version: string, options: RegistryOptions): Promise<Pulled> {
  const parsed = parseReference(text)
  const tag = parsed.tag || (await chosenTag(process, parsed, version, options))
  const reference = `${parsed.host}/${parsed.repository}:${tag}`
  const manifest = await manifestOf(process, parsed, tag, reference, options)
  const layer = (JSON.parse(decodeUtf8(manifest)) as { layers?: { mediaType: string; digest: string }[] }).layers?.find(({ mediaType }) => mediaType === chartType)
  if (!layer) throw new Error(`manifest does not contain a layer with mediatype ${chartType}`)
  const bytes = await (await exchange(process, urlOf(parsed, options, `blobs/${layer.digest}`), options, {}, [200])).body.bytes()
  return { reference, digest: digestOf(manifest), bytes, file: `${parsed.repository.split('/').pop() ?? ''}-${versionOf(tag)}.tgz` }
}

async function manifestOf(process: Process, at: ChartReference, tag: string, reference: string, options: RegistryOptions): Promise<Uint8Array> {
  try {
    return await (await exchange(process, urlOf(at, options, `manifests/${tag}`), options, { headers: { accept: manifestType } }, [200])).body.bytes()
  } catch (error) {
    if (error instanceof RegistryRefusal && error.status === 404) throw new Error(`failed to perform "FetchReference" on source: ${reference}: not found`)
    throw error
  }
}

async function chosenTag(process: Process, at: ChartReference, wanted: string, options: RegistryOptions): Promise<string> {
  if (wanted !== '' && parseVersion(wanted)?.original === wanted && /^v?\d+\.\d+\.\d+/.test(wanted)) return tagOf(wanted)
  const { tags } = JSON.parse(await (await exchange(process, urlOf(at, options, 'tags/list'), options, {}, [200])).body.text()) as { tags: string[] | null }
  const versions = (tags ?? []).flatMap((tag): Version[] => parseVersion(versionOf(tag)) ? [parseVersion(versionOf(tag)) as Version] : []).sort((a, b) => compareVersions(b, a))
  const constraint = parseConstraint(wanted === '' ? '*' : wanted)
  const found = versions.find((version) => constraint.check(version))
  if (found) return tagOf(found.original)
  throw new Error(wanted === '' ? `Unable to locate any tags in provided repository: ${at.host}/${at.repository}` : `Could not locate a version matching provided version string ${wanted}`)
}
