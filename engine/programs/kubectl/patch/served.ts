/** The server's own OpenAPI, and how it patches a kind. */
import type { Session } from '../session/session'
import { type OpenApiDocument, PatchMeta } from './schema'

export async function openApiFor(session: Session, group: string, version: string): Promise<OpenApiDocument> {
  return await session.request<OpenApiDocument>('GET', `/openapi/v3/${group === '' ? `api/${version}` : `apis/${group}/${version}`}`)
}

/** The metadata of a kind the server patches strategically; undefined for custom resources. */
export async function patchMetaFor(session: Session, group: string, version: string, kind: string): Promise<PatchMeta | undefined> {
  const document = await openApiFor(session, group, version)
  if (!acceptsStrategic(document, group, version, kind)) return undefined
  return PatchMeta.forKind(document, group, version, kind)
}

function acceptsStrategic(document: OpenApiDocument, group: string, version: string, kind: string): boolean {
  for (const path of Object.values(document.paths ?? {})) {
    const patch = path['patch'] as { 'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }; requestBody?: { content?: Record<string, unknown> } } | undefined
    const target = patch?.['x-kubernetes-group-version-kind']
    if (target && target.group === group && target.version === version && target.kind === kind) return patch.requestBody?.content?.['application/strategic-merge-patch+json'] !== undefined
  }
  return false
}
