/** What templates made, told apart: hooks and objects, in the order of installation. */
import { parseYaml } from '#engine/base/yaml/parser'
import { installOrder, sortByKind } from './order'
import { splitManifests } from './split'
import type { Hook, Manifest } from './types'

const events = new Set(['pre-install', 'post-install', 'pre-delete', 'post-delete', 'pre-upgrade', 'post-upgrade', 'pre-rollback', 'post-rollback', 'test', 'test-success'])

interface Head {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly annotations: Readonly<Record<string, string>>
}

export interface Sorted {
  readonly hooks: Hook[]
  readonly manifests: Manifest[]
}

/** Throws `YAML parse error on app/templates/x.yaml: ...`. */
export function sortManifests(files: ReadonlyMap<string, string>, warn: (line: string) => void): Sorted {
  const hooks: Hook[] = []
  const manifests: Manifest[] = []
  for (const path of [...files.keys()].sort((a, b) => (a < b ? -1 : 1))) {
    const text = files.get(path) as string
    if ((path.split('/').pop() as string).startsWith('_') || text.trim() === '') continue
    for (const content of splitManifests(text)) place(path, content, { hooks, manifests }, warn)
  }
  return { hooks: sortByKind(hooks, installOrder), manifests: sortByKind(manifests, installOrder) }
}

function place(path: string, content: string, { hooks, manifests }: Sorted, warn: (line: string) => void): void {
  const head = headOf(path, content)
  const kinds = head.annotations['helm.sh/hook']
  if (kinds === undefined) {
    manifests.push({ name: path, content, kind: head.kind, apiVersion: head.apiVersion })
    return
  }
  const wanted = words(kinds)
  if (!wanted.every((event) => events.has(event))) return warn(`manifest_sorter.go:199: info: skipping unknown hook: ${JSON.stringify(kinds)}`)
  hooks.push({
    name: head.name, kind: head.kind, path, manifest: content, events: wanted.map((event) => (event === 'test-success' ? 'test' : event)), weight: weightOf(head.annotations['helm.sh/hook-weight']),
    deletePolicies: list(head, 'helm.sh/hook-delete-policy'), outputLogPolicies: list(head, 'helm.sh/hook-output-log-policy'),
  })
}

const words = (text: string): string[] => text.split(',').map((word) => word.trim().toLowerCase())

function list({ annotations }: Head, name: string): string[] {
  const text = annotations[name]
  return text === undefined ? [] : words(text)
}

function weightOf(text: string | undefined): number {
  return text !== undefined && /^[-+]?\d+$/.test(text) ? Number(text) : 0
}

function headOf(path: string, content: string): Head {
  const value = decoded(path, content)
  const meta = (value['metadata'] ?? {}) as { name?: unknown; annotations?: Record<string, unknown> | null }
  const annotations = Object.entries(meta.annotations ?? {}).map(([key, item]) => [key, text(path, item, 'metadata.annotations')] as const)
  return { apiVersion: text(path, value['apiVersion'], 'apiVersion'), kind: text(path, value['kind'], 'kind'), name: text(path, meta.name, 'metadata.name'), annotations: Object.fromEntries(annotations) }
}

/** Where Go wants text, a number or a word of truth becomes text. */
function text(path: string, value: unknown, field: string): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'object') throw unmarshal(path, value, `struct field SimpleHead.${field}`, 'string')
  return String(value)
}

function decoded(path: string, content: string): Record<string, unknown> {
  let value: unknown
  try {
    value = parseYaml(content) ?? {}
  } catch (error) {
    throw new Error(`YAML parse error on ${path}: error converting YAML to JSON: ${(error as Error).message}`)
  }
  if (typeof value !== 'object' || Array.isArray(value)) throw unmarshal(path, value, 'value', 'releaseutil.SimpleHead')
  return value as Record<string, unknown>
}

function unmarshal(path: string, value: unknown, where: string, type: string): Error {
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  return new Error(`YAML parse error on ${path}: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go ${where} of type ${type}`)
}
