/** podman images, pull, push, tag, rmi, history, inspect, exists, prune. */
import type { StoredImage } from '#engine/cri/images/store'
import { findImage, presentImage, pullImage, pushTo, removeImage, storedName, tagImage } from '#engine/cri/podman/images'
import { removeContainer } from '#engine/cri/podman/lifecycle'
import { PodmanError } from '#engine/cri/podman/model'
import { localName } from '#engine/cri/podman/registries'
import { parseReference, repositoryOf } from '#engine/cri/images/reference'
import { formatRows, humanSize, humanSpan, podmanTable, tableText } from '#engine/programs/common/containers/report'
import { each, type Commands, say, type Session, timeText } from './session'
import { transferOptions } from './transfer'

const titles = { Repository: 'REPOSITORY', Tag: 'TAG', ID: 'IMAGE ID', Id: 'IMAGE ID', Created: 'CREATED', CreatedSince: 'CREATED', Size: 'SIZE', Digest: 'DIGEST' }

interface ImageRow { readonly Repository: string; readonly Tag: string; readonly ID: string; readonly [field: string]: unknown }

function rowsOf(session: Session, image: StoredImage): ImageRow[] {
  const { library, flags } = session
  const created = Date.parse(image.config.created)
  const common = {
    ID: flags.has('no-trunc') ? image.id : image.id.slice(7, 19), Created: `${humanSpan(library.now() - created)} ago`, CreatedSince: `${humanSpan(library.now() - created)} ago`, CreatedAt: timeText(created), CreatedTime: timeText(created),
    Size: humanSize(image.sizeBytes), Digest: image.digest, Id: image.id.slice(7), Labels: image.config.config.Labels ?? {}, Names: image.repoTags, Containers: library.containers().filter((container) => container.imageId === image.id).length, createdMs: created,
  }
  if (image.repoTags.length === 0) return [{ ...common, Repository: '<none>', Tag: '<none>' }]
  return image.repoTags.map((tag) => ({ ...common, Repository: tag.slice(0, tag.lastIndexOf(':')), Tag: tag.slice(tag.lastIndexOf(':') + 1) }))
}

function isIntermediate(session: Session, image: StoredImage): boolean {
  const { store, namespace } = session.library
  return image.repoTags.length === 0 && store.list(namespace).some((other) => store.record(namespace, other.id)?.labels['parent'] === image.id)
}

export function listedImages(session: Session, all: boolean): StoredImage[] {
  const { store, namespace } = session.library
  return store.list(namespace).filter((image) => all || !isIntermediate(session, image)).sort((a, b) => (Date.parse(b.config.created) - Date.parse(a.config.created)) || b.createdMs - a.createdMs)
}

async function images(session: Session): Promise<number> {
  const { flags } = session
  const filters = flags.all('filter')
  const wanted = listedImages(session, flags.has('all')).filter((image) => filters.every((filter) => matches(session, image, filter)))
  const rows = wanted.flatMap((image) => rowsOf(session, image)).filter((row) => namedBy(row, flags.operands[0]))
  if (flags.has('quiet')) return say(session, [...new Set(rows.map((row) => row.ID))].map((id) => `${id}\n`).join(''))
  const format = flags.value('format')
  if (format === 'json') return say(session, `${JSON.stringify(wanted.map((image) => jsonOf(image)), null, 4)}\n`)
  if (format !== undefined) return say(session, formatRows(format, rows, titles, { ...podmanTable, noHeading: flags.has('noheading') }))
  const columns = [{ title: 'REPOSITORY', field: 'Repository' }, { title: 'TAG', field: 'Tag' }, ...(flags.has('digests') ? [{ title: 'DIGEST', field: 'Digest' }] : []), { title: 'IMAGE ID', field: 'ID' }, { title: 'CREATED', field: 'Created' }, { title: 'SIZE', field: 'Size' }]
  return say(session, tableText(columns, rows, { ...podmanTable, noHeading: flags.has('noheading') }))
}

function namedBy(row: ImageRow, wanted: string | undefined): boolean {
  if (wanted === undefined) return true
  const [, repository = wanted, tag] = /^(.*?)(?::([^/:]+))?$/.exec(wanted) ?? []
  return (row.Repository === repository || row.Repository.endsWith(`/${repository}`)) && (tag === undefined || row.Tag === tag)
}

function matches(session: Session, image: StoredImage, filter: string): boolean {
  const [key = '', ...rest] = filter.split('=')
  const value = rest.join('=')
  if (key === 'label') {
    const [name = '', ...label] = value.split('=')
    const labels = image.config.config.Labels ?? {}
    return label.length > 0 ? labels[name] === label.join('=') : name in labels
  }
  if (key === 'dangling') return (image.repoTags.length === 0) === (value === 'true')
  if (key === 'reference') return image.repoTags.some((tag) => new RegExp(`(^|/)${value.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]*')}(:|$)`).test(tag))
  if (key === 'id') return image.id.slice(7).startsWith(value)
  if (key === 'before' || key === 'since') {
    const other = presentImage(session.library, value)
    return key === 'before' ? Date.parse(image.config.created) < Date.parse(other.config.created) : Date.parse(image.config.created) > Date.parse(other.config.created)
  }
  if (key === 'containers') return session.library.containers().some((container) => container.imageId === image.id) === (value === 'true')
  throw new PodmanError(`unsupported image filter ${JSON.stringify(key)}`)
}

function jsonOf(image: StoredImage): object {
  return { Id: image.id.slice(7), ParentId: '', RepoTags: null, RepoDigests: image.repoDigests, Size: image.sizeBytes, SharedSize: 0, VirtualSize: image.sizeBytes, Labels: image.config.config.Labels ?? null, Containers: 0, Names: image.repoTags, Digest: image.digest, History: image.repoTags, Created: Math.floor(Date.parse(image.config.created) / 1000), CreatedAt: image.config.created }
}

async function pull(session: Session): Promise<number> {
  const { flags, library, process } = session
  for (const name of flags.operands) {
    const image = await pullImage(library, name, async (text) => process.stderr.write(text), transferOptions(session))
    await say(session, `${image.id.slice(7)}\n`)
  }
  return 0
}

async function push(session: Session): Promise<number> {
  const { flags, library, process } = session
  const [source = '', destination] = flags.operands
  const image = presentImage(library, source)
  const target = (destination ?? storedName(library, source) ?? source).replace(/^docker:\/\//, '')
  const result = await pushTo(library, image, localName(target), async (text) => process.stderr.write(text), transferOptions(session))
  const file = flags.value('digestfile')
  if (file !== undefined) process.files.writeFile(file, result.digest)
  return 0
}

async function tag(session: Session): Promise<number> {
  const [source = '', ...targets] = session.flags.operands
  const image = presentImage(session.library, source)
  for (const target of targets) tagImage(session.library, image, localName(target))
  return 0
}

async function untag(session: Session): Promise<number> {
  const [source = '', ...names] = session.flags.operands
  const image = presentImage(session.library, source)
  const gone = names.length > 0 ? names.map((name) => storedName(session.library, name) ?? missingTag(name)) : image.repoTags
  session.library.store.removeNames(session.library.namespace, gone)
  return 0
}

function missingTag(name: string): never {
  throw new PodmanError(`${name}: tag not known`)
}

async function rmi(session: Session): Promise<number> {
  const { flags, library } = session
  if (!flags.has('all') && flags.operands.length === 0) throw new PodmanError('image name or ID must be specified')
  const names = flags.has('all') ? listedImages(session, true).map((image) => image.id.slice(7)) : flags.operands
  return each(session, names, async (name) => {
    if (flags.has('all') && !findImage(library, name)) return
    if (flags.has('ignore') && !findImage(library, name)) return
    const force = flags.has('force')
    const { untagged, deleted } = await removeImage(library, name, force || flags.has('all'), (container) => removeContainer(library, container, { force: true }))
    await say(session, [...untagged.map((each) => `Untagged: ${each}\n`), ...deleted.map((id) => `Deleted: ${id}\n`)].join(''))
  })
}

async function history(session: Session): Promise<number> {
  const { flags, library } = session
  const image = presentImage(library, flags.operands[0] ?? '')
  const entries = [...image.config.history].reverse()
  const truncate = (text: string): string => (flags.has('no-trunc') || flags.given('format') || text.length <= 47 ? text : `${text.slice(0, 44)}...`)
  const rows = entries.map((entry, index) => ({
    ID: index === 0 ? image.id.slice(7, 19) : '<missing>', Created: `${humanSpan(library.now() - Date.parse(entry.created))} ago`, CreatedAt: entry.created, CreatedSince: `${humanSpan(library.now() - Date.parse(entry.created))} ago`, CreatedBy: truncate(entry.created_by), Size: entry.empty_layer ? '0 B' : humanSize(image.sizeBytes / Math.max(1, image.config.rootfs.diff_ids.length)), Comment: entry.comment ?? '',
  }))
  if (flags.has('quiet')) return say(session, rows.map((row) => `${row.ID}\n`).join(''))
  const format = flags.value('format')
  if (format === 'json') return say(session, `${JSON.stringify(entries.map((entry) => ({ id: image.id.slice(7), created: entry.created, createdBy: entry.created_by, size: 0, comment: entry.comment ?? '', tags: [] })), null, 4)}\n`)
  if (format !== undefined) return say(session, formatRows(format, rows, { ID: 'ID', CreatedBy: 'CREATED BY' }, podmanTable))
  return say(session, tableText([{ title: 'ID', field: 'ID' }, { title: 'CREATED', field: 'Created' }, { title: 'CREATED BY', field: 'CreatedBy' }, { title: 'SIZE', field: 'Size' }, { title: 'COMMENT', field: 'Comment' }], rows, podmanTable))
}

export function imageInspection(session: Session, image: StoredImage): object {
  const { config } = image
  const { layers } = { layers: config.rootfs.diff_ids }
  return {
    Id: image.id.slice(7), Digest: image.digest, RepoTags: image.repoTags, RepoDigests: image.repoDigests.length > 0 ? image.repoDigests : image.repoTags.map((tag) => `${repositoryOf(parseReference(tag))}@${image.digest}`), Parent: session.library.store.record(session.library.namespace, image.id)?.labels['parent']?.replace(/^sha256:|^scratch$/, '') ?? '',
    Comment: config.history.at(-1)?.comment ?? '', Created: config.created, Config: config.config, Version: '', Author: config.author ?? '', Architecture: config.architecture, Os: config.os, Size: image.sizeBytes, VirtualSize: image.sizeBytes,
    GraphDriver: { Name: 'overlay', Data: { UpperDir: `/var/lib/containers/storage/overlay/${layers.at(-1)?.slice(7) ?? ''}/diff`, WorkDir: `/var/lib/containers/storage/overlay/${layers.at(-1)?.slice(7) ?? ''}/work` } },
    RootFS: { Type: 'layers', Layers: layers }, Labels: config.config.Labels ?? null, Annotations: {}, ManifestType: 'application/vnd.oci.image.manifest.v1+json', User: config.config.User ?? '', History: config.history, NamesHistory: image.repoTags,
    ...(config.config.Healthcheck ? { Healthcheck: config.config.Healthcheck } : {}),
  }
}

async function prune(session: Session): Promise<number> {
  const { library, flags } = session
  const used = new Set(library.containers().map((container) => container.imageId))
  const unused = library.store.list(library.namespace).filter((image) => !used.has(image.id) && !isIntermediate(session, image) && (flags.has('all') || image.repoTags.length === 0))
  for (const image of unused) {
    const { deleted } = await removeImage(library, image.id.slice(7), true, async () => undefined)
    await say(session, deleted.map((id) => `${id}\n`).join(''))
  }
  return 0
}

const transfer = 'quiet,q authfile= creds= tls-verify cert-dir= all-tags,a arch= os= platform= variant= disable-content-trust policy='

export const imageCommands: Commands = {
  images: { flags: 'all,a filter,f= format= no-trunc noheading,n quiet,q digests history sort=', operands: [0, 1], run: images },
  pull: { flags: transfer, operands: [1, 99], run: pull },
  push: { flags: `${transfer} digestfile= format,f= compress remove-signatures sign-by= compression-format=`, operands: [1, 2], run: push },
  tag: { flags: '', operands: [2, 99], run: tag },
  untag: { flags: '', operands: [1, 99], run: untag },
  rmi: { flags: 'all,a force,f ignore,i', run: rmi },
  history: { flags: 'format= human,H no-trunc quiet,q', operands: [1, 1], run: history },
  'image prune': { flags: 'all,a force,f filter=', run: prune },
  'image exists': { flags: '', operands: [1, 1], run: async (session) => (findImage(session.library, session.flags.operands[0] ?? '') ? 0 : 1) },
}
