/** Images and replica counts. */
import { CliError } from '../session/errors'
import { isMap } from './fieldpath'
import type { Image, Kustomization } from './kustomization'
import type { Data, Resource } from './resource'

const podKinds = ['Pod', 'PodTemplate', 'Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job', 'CronJob', 'ReplicationController']
const maxDepth = 100

export function setImages(resources: readonly Resource[], images: readonly Image[]): void {
  for (const image of images) {
    for (const { object, kind } of resources) {
      if (kind === 'CustomResourceDefinition') continue
      visit(object, image, 0)
      // The real one passes over the built-in kinds twice, which shows in suffixes.
      if (image.tagSuffix && podKinds.includes(kind)) visit(object, image, 0)
    }
  }
}

/** Containers, at whatever depth they stand. */
function visit(node: unknown, image: Image, depth: number): void {
  if (depth > maxDepth) return
  if (Array.isArray(node)) for (const item of node) visit(item, image, depth + 1)
  else if (isMap(node)) {
    for (const [key, value] of Object.entries(node)) {
      if ((key === 'containers' || key === 'initContainers') && Array.isArray(value)) for (const container of value) change(container as Data, image)
      visit(value, image, depth + 1)
    }
  }
}

function change(container: Data, image: Image): void {
  if (!isMap(container)) return
  const { image: text } = container
  if (typeof text === 'string') container['image'] = changed(text, image)
}

function changed(text: string, { name = '', newName, newTag, tagSuffix, digest }: Image): string {
  const pattern = new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`)
  if (!pattern.test(text)) return text
  const parts = splitImage(text)
  const base = newName ?? parts.name
  if (newTag && digest) return `${base}:${newTag}@${digest}`
  if (newTag) return `${base}:${newTag}`
  if (digest) return `${base}@${digest}`
  if (tagSuffix && parts.tag !== '') return `${base}:${parts.tag}${tagSuffix}`
  return `${base}${parts.tag === '' ? '' : `:${parts.tag}`}${parts.digest === '' ? '' : `@${parts.digest}`}`
}

function splitImage(text: string): { name: string; tag: string; digest: string } {
  const at = text.indexOf('@')
  const digest = at < 0 ? '' : text.slice(at + 1)
  const rest = at < 0 ? text : text.slice(0, at)
  const colon = rest.lastIndexOf(':')
  if (colon < 0 || rest.indexOf('/', colon) >= 0) return { name: rest, tag: '', digest }
  return { name: rest.slice(0, colon), tag: rest.slice(colon + 1), digest }
}

const scalable = ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController']

export function setReplicas(resources: readonly Resource[], replicas: NonNullable<Kustomization['replicas']>): void {
  for (const { name, count } of replicas) {
    const found = resources.filter((resource) => scalable.includes(resource.kind) && [...resource.previous, resource.id].some((id) => id.name === name))
    if (found.length === 0) throw new CliError(`resource with name ${name} does not match a config with the following GVK [${scalable.map((kind) => `${kind}.[noVer].[noGrp]`).join(' ')}]`)
    for (const { object } of found) object['spec'] = { ...(object['spec'] as Data | undefined), replicas: count }
  }
}
