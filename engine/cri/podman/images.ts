/** Images of the storage: found by short names, pulled, pushed, removed. */
import type { Emit } from '../build/run'
import type { AuthConfig } from '../api'
import type { ImageManifest } from '../images/content'
import { callRegistry, fetchImage } from '../images/pull'
import { pushImage, type PushResult } from '../images/push'
import { formatReference, type ImageReference, parseReference, repositoryOf } from '../images/reference'
import type { StoredImage } from '../images/store'
import { packImage } from '../archive/save'
import { RpcError } from '../rpc'
import type { Library } from './library'
import { type ContainerRecord, PodmanError } from './model'
import { authFor, type Candidate, pullCandidates, Registries, storedNames } from './registries'

export interface TransferOptions {
  readonly quiet?: boolean
  readonly tlsVerify?: boolean | undefined
  readonly auth?: AuthConfig | undefined
  readonly authFile?: string | undefined
}

export function findImage(library: Library, text: string): StoredImage | undefined {
  if (/^(?:sha256:)?[0-9a-f]{1,64}$/.test(text)) {
    const byId = library.image(text)
    if (byId) return byId
  }
  for (const name of storedNames(library, text.replace(/^(?:containers-storage:|docker:\/\/)/, ''))) {
    const record = library.store.record(library.namespace, name)
    if (record) return library.store.list(library.namespace).find((image) => image.names.includes(name))
  }
  return undefined
}

export function presentImage(library: Library, text: string, code?: number): StoredImage {
  const image = findImage(library, text)
  if (!image) throw new PodmanError(`${text}: image not known`, code)
  return image
}

/** The stored name that a text means, where it means one. */
export function storedName(library: Library, text: string): string | undefined {
  return storedNames(library, text).find((name) => library.store.record(library.namespace, name))
}

export async function pullImage(library: Library, text: string, emit: Emit, options: TransferOptions = {}): Promise<StoredImage> {
  const plain = text.replace(/^docker:\/\//, '')
  const candidates = pullCandidates(library, plain)
  const failures: string[] = []
  for (const candidate of candidates) {
    if (candidate.note !== undefined && !options.quiet) await emit(`${candidate.note}\n`)
    if (!options.quiet) await emit(`Trying to pull ${candidate.name}...\n`)
    try {
      return await pullOne(library, candidate, emit, options)
    } catch (error) {
      if (!(error instanceof PodmanError)) throw error
      failures.push(error.message)
    }
  }
  if (failures.length === 1) throw new PodmanError(failures[0] ?? '')
  throw new PodmanError(`${failures.length} errors occurred while pulling:\n${failures.map((failure) => ` * ${failure}`).join('\n')}`)
}

async function pullOne(library: Library, { name }: Candidate, emit: Emit, options: TransferOptions): Promise<StoredImage> {
  const reference = parseReference(name)
  const { process, store } = library
  const registries = new Registries(process.files)
  try {
    const fetched = await fetchImage({ net: process.net, clock: process.clock, hosts: (domain) => registries.hosts(domain, options.tlsVerify), has: (chain) => store.snapshots.has(chain) }, reference, options.auth ?? authFor(process, reference.domain, options.authFile))
    if (!options.quiet) await emit(transferText(fetched.manifest, fetched.imageId))
    store.unpack(fetched)
    for (const each of [name, `${repositoryOf(reference)}@${fetched.digest}`, fetched.imageId]) store.setName(library.namespace, each, fetched.digest)
    return library.imageById(fetched.imageId) as StoredImage
  } catch (error) {
    if (error instanceof RpcError) throw new PodmanError(`initializing source docker://${name}: ${transportWords(error, name, await isKnown(library, reference, registries))}`)
    throw error
  }
}

/** A registry of everybody's does not tell what is missing from what is hidden, but for a tag of what is there. */
async function isKnown(library: Library, reference: ImageReference, registries: Registries): Promise<boolean> {
  const [host] = registries.hosts(reference.domain, undefined)
  if (!host) return false
  const answer = await callRegistry({ net: library.process.net }, host, { method: 'GET', path: `/v2/${reference.path}/tags/list` }, undefined).catch(() => undefined)
  return answer?.status === 200
}

function transferText(manifest: string, id: string): string {
  const { layers } = JSON.parse(manifest) as ImageManifest
  return `Getting image source signatures\n${layers.map((layer) => `Copying blob ${layer.digest}\n`).join('')}Copying config ${id}\nWriting manifest to image destination\nStoring signatures\n`
}

/** What containers/image says of a registry's refusal. */
export function transportWords(error: RpcError, name: string, known = true): string {
  const reference = parseReference(name)
  const host = reference.domain === 'docker.io' ? 'registry-1.docker.io' : reference.domain
  const text = error.description
  const what = `reading manifest ${reference.digest ?? reference.tag ?? 'latest'} in ${reference.domain}/${reference.path}`
  if (/: not found$/.test(text)) return reference.domain === 'docker.io' && !known ? `${what}: requested access to the resource is denied` : `${what}: manifest unknown: manifest unknown`
  if (/pull access denied/.test(text)) return `${what}: unauthorized: authentication required`
  const dial = /failed to do request: Head "[^"]*": (.*)$/.exec(text)?.[1] ?? /^Get "[^"]*": (.*)$/.exec(text)?.[1]
  return dial === undefined ? text : `pinging container registry ${reference.domain === 'docker.io' ? host : reference.domain}: Get "https://${host}/v2/": ${dial}`
}

export async function pushTo(library: Library, image: StoredImage, name: string, emit: Emit, options: TransferOptions = {}): Promise<PushResult> {
  const reference = parseReference(name)
  const { process } = library
  const registries = new Registries(process.files)
  if (!options.quiet) await emit('Getting image source signatures\n')
  try {
    const result = await pushImage({ net: process.net, hosts: (domain) => registries.hosts(domain, options.tlsVerify) }, packImage(library, image, []), reference, options.auth ?? authFor(process, reference.domain, options.authFile), ociTypes)
    if (!options.quiet) await emit(`${image.config.rootfs.diff_ids.map((digest) => `Copying blob ${digest}\n`).join('')}Copying config ${image.id}\nWriting manifest to image destination\nStoring signatures\n`)
    const names = library.store.record(library.namespace, name)
    if (names) {
      library.store.content.write(result.digest, result.manifest)
      library.store.setName(library.namespace, `${repositoryOf(reference)}@${result.digest}`, image.digest)
    }
    return result
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    throw new PodmanError(`trying to reuse blob ${image.config.rootfs.diff_ids[0] ?? ''} at destination: ${pushWords(error, reference.domain)}`)
  }
}

function pushWords(error: RpcError, domain: string): string {
  if (error.code === 'Unauthenticated') return `checking whether a blob exists in ${domain}: authentication required`
  const dial = /^Get "[^"]*": (.*)$/.exec(error.description)?.[1]
  return dial === undefined ? error.description : `pinging container registry ${domain}: Get "https://${domain}/v2/": ${dial}`
}

export const ociTypes = { manifest: 'application/vnd.oci.image.manifest.v1+json', config: 'application/vnd.oci.image.config.v1+json', layer: 'application/vnd.oci.image.layer.v1.tar+gzip' }

export interface Removal { readonly untagged: readonly string[]; readonly deleted: readonly string[] }

/** `force` takes containers of the image along, by `remove`. */
export async function removeImage(library: Library, text: string, force: boolean, remove: (container: ContainerRecord) => Promise<void>): Promise<Removal> {
  const image = presentImage(library, text, 1)
  const name = storedName(library, text)
  const tags = image.repoTags
  if (name !== undefined && tags.length > 1 && tags.includes(name)) {
    library.store.removeNames(library.namespace, [name])
    return { untagged: [name], deleted: [] }
  }
  if (name === undefined && tags.length > 1 && !force) throw new PodmanError(`unable to delete image ${JSON.stringify(image.id.slice(7))} by ID with more than one tag (${JSON.stringify(tags).replace(/"/g, '').replace(/,/g, ' ')}): please force removal`, 2)
  const users = library.containers().filter((container) => container.imageId === image.id)
  if (users.length > 0 && !force) throw new PodmanError(`image used by ${users[0]?.id ?? ''}: image is in use by a container: consider listing external containers and force-removing image`, 2)
  for (const user of users) await remove(user)
  return deleteImage(library, image)
}

/** Gone with the parents that nothing else needs. */
function deleteImage(library: Library, image: StoredImage): Removal {
  const { store, namespace } = library
  const deleted: string[] = []
  let at: StoredImage | undefined = image
  while (at) {
    const current: StoredImage = at
    const parent = store.record(namespace, current.id)?.labels['parent']
    const children = store.list(namespace).some((other) => store.record(namespace, other.id)?.labels['parent'] === current.id)
    if (children) {
      store.removeNames(namespace, current.names.filter((each) => each !== current.id))
      break
    }
    store.removeNames(namespace, current.names)
    deleted.push(current.id.slice(7))
    const above = parent === undefined ? undefined : library.imageById(parent)
    at = above && above.repoTags.length === 0 && !library.containers().some((container) => container.imageId === above.id) ? above : undefined
  }
  return { untagged: image.repoTags, deleted }
}

export function tagImage(library: Library, image: StoredImage, name: string): void {
  const full = formatReference(parseReference(name))
  library.store.setName(library.namespace, image.id, image.digest)
  library.store.setName(library.namespace, full, image.digest)
}
