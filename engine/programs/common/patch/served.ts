/** Whether and how the server patches a kind strategically, by what it publishes. */
import { type OpenApiDocument, PatchMeta } from './schema'

/** The path of the document that describes a group's version. */
export function openApiPath(group: string, version: string): string {
  return `/openapi/v3/${group === '' ? `api/${version}` : `apis/${group}/${version}`}`
}

/** Undefined for kinds that take no strategic patches: custom resources. */
export function strategicMeta(document: OpenApiDocument, group: string, version: string, kind: string): PatchMeta | undefined {
  return acceptsStrategic(document, group, version, kind) ? PatchMeta.forKind(document, group, version, kind) : undefined
}

function acceptsStrategic(document: OpenApiDocument, group: string, version: string, kind: string): boolean {
  for (const path of Object.values(document.paths ?? {})) {
    const patch = path['patch'] as { 'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }; requestBody?: { content?: Record<string, unknown> } } | undefined
    const target = patch?.['x-kubernetes-group-version-kind']
    if (target && target.group === group && target.version === version && target.kind === kind) return patch.requestBody?.content?.['application/strategic-merge-patch+json'] !== undefined
  }
  return false
}
