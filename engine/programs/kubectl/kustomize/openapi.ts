/** `openapi`: a built-in version, or a document of one's own that says how lists merge. */
import { parseYaml } from '#engine/base/yaml/parser'
import { type OpenApiDocument, PatchMeta } from '#engine/programs/common/patch/schema'
import { CliError } from '../session/errors'
import type { Loader } from './loader'
import type { Gvk } from './resource'

const builtinVersion = 'v1.21.2'

/** Undefined: the built-in schema. */
export function schemaOf(loader: Loader, field: Readonly<Record<string, string>> = {}): ((gvk: Gvk) => PatchMeta) | undefined {
  const { path, version } = field
  const content = path === undefined ? undefined : loader.readText(path)
  if (version && content !== undefined) throw new CliError('builtin version and custom schema provided, cannot use both')
  if (version && version !== builtinVersion) throw new CliError('the specified OpenAPI version is not built in')
  if (content === undefined) return undefined
  const document = parsed(content)
  return ({ group, version: apiVersion, kind }) => PatchMeta.forKind(document, group, apiVersion, kind) ?? new PatchMeta({}, undefined)
}

/** What cannot be read counts as a schema that knows nothing. */
function parsed(content: string): OpenApiDocument {
  try {
    const text = JSON.stringify(parseYaml(content)).replaceAll('"#/definitions/', '"#/components/schemas/')
    const { definitions } = JSON.parse(text) as { definitions?: Record<string, object> }
    return { components: { schemas: definitions ?? {} } }
  } catch {
    return {}
  }
}
