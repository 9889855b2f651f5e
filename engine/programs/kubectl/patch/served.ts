/** The server's own OpenAPI, and how it patches a kind. */
import type { OpenApiDocument, PatchMeta } from '#engine/programs/common/patch/schema'
import { openApiPath, strategicMeta } from '#engine/programs/common/patch/served'
import type { Session } from '../session/session'

export async function openApiFor(session: Session, group: string, version: string): Promise<OpenApiDocument> {
  return await session.request<OpenApiDocument>('GET', openApiPath(group, version))
}

/** The metadata of a kind the server patches strategically; undefined for custom resources. */
export async function patchMetaFor(session: Session, group: string, version: string, kind: string): Promise<PatchMeta | undefined> {
  return strategicMeta(await openApiFor(session, group, version), group, version, kind)
}
