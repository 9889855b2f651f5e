/** Texts to resources, checked as kustomize checks what it is given. */
import { parseYamlStream, YamlError } from '#engine/base/yaml/parser'
import { CliError } from '../session/errors'
import { isMap } from './fieldpath'
import { MalformedYaml } from './prefixed'
import { type Data, Resource, ResourceMap } from './resource'

export function resourcesOf(content: string, path?: string): Resource[] {
  let objects: unknown[]
  try {
    objects = documentsOf(content)
  } catch (error) {
    if (error instanceof YamlError) throw new MalformedYaml(`MalformedYAMLError: ${error.asVersion3} in File: ${path ?? ''}`)
    throw error
  }
  const own = new ResourceMap()
  for (const object of objects.flatMap(itemsOf)) own.append(checked(object))
  return own.list
}

/** Documents are parted before they are read, so lines are counted from where each begins. */
function documentsOf(content: string): unknown[] {
  const text = content.replaceAll('\r\n', '\n')
  const parts: string[] = []
  let from = 0
  for (const found of text.matchAll(/\n---.*(?=\n)/g)) {
    const rest = found[0].slice(4).trim()
    if (rest !== '' && !rest.startsWith('#')) throw new CliError(`invalid document separator: ${found[0].trim()}`)
    parts.push(`${text.slice(from, found.index)}\n`)
    from = found.index + found[0].length + 1
  }
  parts.push(text.slice(from))
  return parts.flatMap((part) => parseYamlStream(part, { plainWords: true })).filter((value) => value !== null && value !== undefined)
}

function itemsOf(value: unknown): Data[] {
  if (!isMap(value)) throw new CliError('missing Resource metadata')
  if (Object.keys(value).length === 0) return []
  const { items } = value
  return Array.isArray(items) && String(value['kind']).endsWith('List') ? items.filter(isMap) : [value]
}

function checked(object: Data): Resource {
  const resource = new Resource(object)
  if (object['metadata'] === undefined && resource.kind === '') throw new CliError('missing Resource metadata')
  const shown = `{{${String(object['apiVersion'] ?? '')} ${resource.kind}} {{${resource.name} ${resource.namespace}} map[] map[]}}`
  if (resource.kind === '') throw new CliError(`missing kind in object ${shown}`)
  if (resource.name === '' && resource.kind !== 'List') throw new CliError(`missing metadata.name in object ${shown}`)
  return resource
}
