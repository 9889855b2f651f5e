/** Images as docker lists, names and removes them, over the common store. */
import { chainIds, type ImageManifest } from '../images/content'
import { formatReference, type ImageReference, parseReference, ReferenceError, withDefaultTag } from '../images/reference'
import type { StoredImage } from '../images/store'
import { parentOf, type ImageScope } from '../archive/scope'
import { familiarName } from '../archive/save'
import { hasLabel } from './events'
import type { DockerHost } from './host'
import { mobyNamespace, shortId } from './host'
import { badParameter, conflict, type ContainerRecord, notFound } from './model'

export interface Deleted { readonly Untagged?: string; readonly Deleted?: string }
type Filters = Readonly<Record<string, readonly string[]>>

export class Images {
  readonly scope: ImageScope

  constructor(private readonly host: DockerHost) {
    const { process } = host
    this.scope = { files: process.files, store: host.images, namespace: mobyNamespace, now: () => process.clock.now() }
  }

  /** By name, id or the beginning of an id. */
  find(text: string): StoredImage {
    const found = this.lookUp(text)
    if (!found) throw notFound(`No such image: ${withLatest(text)}`)
    return found
  }

  lookUp(text: string): StoredImage | undefined {
    return this.host.images.find(mobyNamespace, text)
  }

  /** Those people see: named ones and dangling ones, no steps on the way to others. */
  all(): StoredImage[] {
    const images = this.host.images.list(mobyNamespace)
    const parents = new Set(images.map((image) => parentOf(this.scope, image.id)).filter((id) => id !== undefined))
    return images.filter((image) => image.repoTags.length > 0 || image.repoDigests.length > 0 || !parents.has(image.id)).sort((a, b) => createdMs(b) - createdMs(a))
  }

  count(): number {
    return this.all().length
  }

  list(filters: Filters, everything: boolean): object[] {
    const images = everything ? this.host.images.list(mobyNamespace).sort((a, b) => createdMs(b) - createdMs(a)) : this.all()
    return images.flatMap((image) => {
      const shown = this.select(image, filters)
      return shown ? [this.summary(image, shown)] : []
    })
  }

  /** The tags that are shown of an image; undefined where it is not. */
  private select(image: StoredImage, filters: Filters): readonly string[] | undefined {
    let tags = image.repoTags.map(familiarName)
    for (const [name, values] of Object.entries(filters)) {
      if (values.length === 0) continue
      if (name === 'reference') {
        tags = tags.filter((tag) => values.some((value) => fitsReference(tag, value)))
        if (tags.length === 0) return undefined
      } else if (!this.fits(image, name, values)) return undefined
    }
    return tags
  }

  private fits(image: StoredImage, name: string, values: readonly string[]): boolean {
    switch (name) {
      case 'dangling': return values.some((value) => (value === 'true' || value === '1') === (image.repoTags.length === 0))
      case 'label': return values.every((value) => hasLabel(image.config.config.Labels ?? {}, value))
      case 'before': return values.every((value) => createdMs(image) < createdMs(this.find(value)))
      case 'since': return values.every((value) => createdMs(image) > createdMs(this.find(value)))
      case 'until': return true
      default: throw badParameter(`Invalid filter '${name}'`)
    }
  }

  private summary(image: StoredImage, tags: readonly string[]): object {
    return {
      Containers: -1, Created: Math.floor(createdMs(image) / 1000), Id: image.id, Labels: image.config.config.Labels ?? null, ParentId: parentOf(this.scope, image.id) ?? '', RepoDigests: image.repoDigests.length > 0 ? image.repoDigests.map(familiarName) : image.repoTags.length > 0 ? null : ['<none>@<none>'],
      RepoTags: tags.length > 0 ? tags : image.repoDigests.length > 0 ? null : ['<none>:<none>'], SharedSize: -1, Size: image.sizeBytes, VirtualSize: image.sizeBytes,
    }
  }

  inspect(text: string): object {
    const image = this.find(text)
    const { config, created, architecture, os, rootfs } = image.config
    const chain = chainIds(rootfs.diff_ids)
    const upper = this.host.images.snapshots.upperDirectory(chain.at(-1) ?? '') ?? ''
    const lower = this.host.images.snapshots.lower(chain.at(-2))
    const full = { Hostname: '', Domainname: '', User: '', AttachStdin: false, AttachStdout: false, AttachStderr: false, Tty: false, OpenStdin: false, StdinOnce: false, Env: null, Cmd: null, Image: '', Volumes: null, WorkingDir: '', Entrypoint: null, OnBuild: null, Labels: null }
    const [last] = [...image.config.history].reverse()
    return {
      Id: image.id, RepoTags: image.repoTags.map(familiarName), RepoDigests: image.repoDigests.map(familiarName), Parent: parentOf(this.scope, image.id) ?? '', Comment: (last as { comment?: string } | undefined)?.comment ?? '', Created: created, Container: '',
      ContainerConfig: { ...full }, DockerVersion: '', Author: (image.config as { author?: string }).author ?? '', Config: { ...full, ...config }, Architecture: architecture, Os: os, Size: image.sizeBytes, VirtualSize: image.sizeBytes,
      GraphDriver: { Data: { ...(lower.length > 0 ? { LowerDir: lower.join(':') } : {}), MergedDir: upper.replace(/\/fs$/, '/merged'), UpperDir: upper, WorkDir: upper.replace(/\/fs$/, '/work') }, Name: 'overlay2' },
      RootFS: { Type: 'layers', Layers: rootfs.diff_ids }, Metadata: { LastTagTime: '0001-01-01T00:00:00Z' },
    }
  }

  /** Newest layer first; ids of the images on the way where they are still known. */
  history(text: string): object[] {
    const image = this.find(text)
    const manifest = this.host.images.content.readJson<ImageManifest>(image.digest)
    const sizes = manifest?.layers.map((layer) => layer.size) ?? []
    let layer = 0
    const entries = image.config.history.map((entry) => {
      const { comment = '', empty_layer: empty = false } = entry as { comment?: string; empty_layer?: boolean }
      return { Comment: comment, Created: Math.floor(Date.parse(entry.created) / 1000), CreatedBy: entry.created_by, Id: '<missing>', Size: empty ? 0 : (sizes[layer++] ?? 0), Tags: null as readonly string[] | null }
    }).reverse()
    let at: StoredImage | undefined = image
    for (const entry of entries) {
      if (!at) break
      entry.Id = at.id
      entry.Tags = at.repoTags.length > 0 ? at.repoTags.map(familiarName) : null
      const parent = parentOf(this.scope, at.id)
      at = parent === undefined ? undefined : this.lookUp(parent)
    }
    return entries
  }

  tag(text: string, repository: string, tag: string): void {
    const image = this.find(text)
    const reference = parse(tag === '' ? repository : `${repository}:${tag}`)
    const name = formatReference(withDefaultTag(reference))
    this.name(name, image)
    this.host.events.publish('image', 'tag', image.id, { name: familiarName(name) })
  }

  /** A name that stood for another image leaves that one without. */
  name(name: string, image: StoredImage): void {
    const before = this.host.images.record(mobyNamespace, name)
    if (before && before.digest !== image.digest) this.keepDangling(this.find(name), name)
    this.host.images.setName(mobyNamespace, name, image.digest)
  }

  private keepDangling(image: StoredImage, name: string): void {
    if (image.names.every((other) => other === name)) this.host.images.setName(mobyNamespace, image.id, image.digest)
  }

  remove(text: string, options: { force: boolean; prune: boolean }): Deleted[] {
    const image = this.find(text)
    const byId = image.id.startsWith(text.startsWith('sha256:') ? text : `sha256:${text}`) && !image.repoTags.includes(formatted(text) ?? '')
    return byId ? this.removeById(image, options) : this.removeByName(image, text, options)
  }

  private removeByName(image: StoredImage, text: string, options: { force: boolean; prune: boolean }): Deleted[] {
    const name = formatted(text) ?? text
    const user = this.users(image)[0]
    const tags = image.repoTags.length > 0 ? image.repoTags : image.repoDigests
    if (!options.force && tags.length <= 1 && user) throw conflict(`conflict: unable to remove repository reference ${JSON.stringify(familiarName(text))} (must force) - container ${shortId(user.id)} is using its referenced image ${shortImage(image)}`)
    const digests = digestsLeft(image, name)
    const gone = [name, ...digests]
    const rest = image.names.filter((other) => !gone.includes(other) && other !== image.id)
    const out: Deleted[] = gone.map((each) => ({ Untagged: familiarName(each) }))
    for (const each of gone) this.host.events.publish('image', 'untag', image.id, { name: familiarName(each) })
    if (rest.length > 0) {
      this.host.images.removeNames(mobyNamespace, gone)
      return out
    }
    if (this.users(image).length > 0 || this.childrenOf(image).length > 0) {
      this.host.images.setName(mobyNamespace, image.id, image.digest)
      this.host.images.removeNames(mobyNamespace, gone)
      return out
    }
    return [...out, ...this.erase(image, options.prune)]
  }

  private removeById(image: StoredImage, options: { force: boolean; prune: boolean }): Deleted[] {
    const repositories = new Set(image.repoTags.map((tag) => tag.slice(0, tag.lastIndexOf(':'))))
    const running = this.users(image).find((record) => record.state.status === 'running')
    if (running) throw conflict(`conflict: unable to delete ${shortImage(image)} (cannot be forced) - image is being used by running container ${shortId(running.id)}`)
    if (this.childrenOf(image).length > 0) throw conflict(`conflict: unable to delete ${shortImage(image)} (cannot be forced) - image has dependent child images`)
    if (!options.force && repositories.size > 1) throw conflict(`conflict: unable to delete ${shortImage(image)} (must be forced) - image is referenced in multiple repositories`)
    const stopped = this.users(image)[0]
    if (!options.force && stopped) throw conflict(`conflict: unable to delete ${shortImage(image)} (must be forced) - image is being used by stopped container ${shortId(stopped.id)}`)
    const names = [...image.repoTags, ...image.repoDigests]
    const out: Deleted[] = names.map((name) => ({ Untagged: familiarName(name) }))
    for (const name of names) this.host.events.publish('image', 'untag', image.id, { name: familiarName(name) })
    return [...out, ...this.erase(image, options.prune)]
  }

  /** The image and its layers, as far as no other image has them; then what it was built on, where nobody names that. */
  private erase(image: StoredImage, prune: boolean): Deleted[] {
    const parent = parentOf(this.scope, image.id)
    const chain = chainIds(image.config.rootfs.diff_ids)
    this.host.images.removeNames(mobyNamespace, image.names)
    this.host.events.publish('image', 'delete', image.id, { name: image.id })
    const layers = chain.filter((key) => !this.host.images.snapshots.has(key)).reverse()
    const out: Deleted[] = [{ Deleted: image.id }, ...layers.map((key) => ({ Deleted: key }))]
    const above = parent === undefined || !prune ? undefined : this.lookUp(parent)
    if (!above || above.repoTags.length > 0 || above.repoDigests.length > 0 || this.users(above).length > 0 || this.childrenOf(above).length > 0) return out
    return [...out, ...this.erase(above, prune)]
  }

  private users(image: StoredImage): ContainerRecord[] {
    return this.host.records.all().filter((record) => record.imageId === image.id)
  }

  private childrenOf(image: StoredImage): StoredImage[] {
    return this.host.images.list(mobyNamespace).filter((other) => parentOf(this.scope, other.id) === image.id)
  }

  /** Dangling ones, or with `all` whatever no container uses. */
  prune(filters: Filters): { ImagesDeleted: Deleted[] | null; SpaceReclaimed: number } {
    const onlyDangling = !(filters['dangling'] ?? ['true']).some((value) => value === 'false' || value === '0')
    const candidates = this.all().filter((image) => this.users(image).length === 0 && (!onlyDangling || image.repoTags.length + image.repoDigests.length === 0) && (filters['label'] ?? []).every((label) => hasLabel(image.config.config.Labels ?? {}, label)))
    let reclaimed = 0
    const deleted = candidates.flatMap((image) => {
      if (this.childrenOf(image).length > 0) return []
      reclaimed += image.sizeBytes
      const names = [...image.repoTags, ...image.repoDigests]
      return [...names.map((name): Deleted => ({ Untagged: familiarName(name) })), ...this.erase(image, true)]
    })
    return { ImagesDeleted: deleted.length === 0 ? null : deleted, SpaceReclaimed: reclaimed }
  }
}

/** With the last tag of a repository its digests go too. */
function digestsLeft(image: StoredImage, name: string): string[] {
  if (name.includes('@')) return []
  const repository = name.slice(0, name.lastIndexOf(':'))
  const others = image.repoTags.some((tag) => tag !== name && tag.slice(0, tag.lastIndexOf(':')) === repository)
  return others ? [] : image.repoDigests.filter((digest) => digest.startsWith(`${repository}@`))
}

function formatted(text: string): string | undefined {
  try {
    return formatReference(withDefaultTag(parseReference(text)))
  } catch (error) {
    if (error instanceof ReferenceError) return undefined
    throw error
  }
}

export function parse(text: string): ImageReference {
  try {
    return parseReference(text)
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    throw badParameter(error.message)
  }
}

function withLatest(text: string): string {
  return text.startsWith('sha256:') || /[:@]/.test(text.split('/').pop() ?? '') ? text : `${text}:latest`
}

function shortImage(image: StoredImage): string {
  return image.id.replace('sha256:', '').slice(0, 12)
}

export function createdMs(image: StoredImage): number {
  return Date.parse(image.config.created) || 0
}

/** `nginx`, `nginx:1.*`, `*:latest`: as path.Match, a name without tag stands for all tags. */
function fitsReference(tag: string, wanted: string): boolean {
  const source = (text: string): RegExp => new RegExp(`^${text.replace(/[\\^$.+()|{}]/g, '\\$&').replace(/\*/g, '[^/]*').replace(/\?/g, '[^/]')}$`)
  const repository = tag.slice(0, tag.lastIndexOf(':'))
  return source(wanted).test(tag) || source(wanted).test(repository) || familiarName(formatted(wanted) ?? wanted) === tag
}

