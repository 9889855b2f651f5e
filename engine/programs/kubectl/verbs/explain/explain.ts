import { bool, string } from '#engine/programs/common/cobra/flags'
import { parseGroupVersion } from '#engine/api/object'
import { StatusError } from '#engine/api/status'
import type { OpenApiDocument, SchemaNode } from '#engine/programs/common/patch/schema'
import { openApiFor } from '#engine/programs/kubectl/patch/served'
import type { Mapping } from '#engine/programs/common/kube/discovery'
import { CliError, PlainError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { SchemaText } from './describe'
import { OldSchemaText } from './openapiv2'

const suggestion = 'Use "kubectl api-resources" for a complete list of supported resources.'

export const explain = verb({
  use: 'explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2]',
  short: 'Get documentation for a resource',
  long: `Describe fields and structure of various resources.\n\n This command tells of the fields of each API resource. A field is named by a simple JSONPath:\n\n        <type>.<fieldName>[.<fieldName>]\n\n What is told comes from the server, in OpenAPI format.\n\n${suggestion}`,
  example: '# Get the documentation of the resource and its fields\nkubectl explain pods\n\n# Get all the fields in the resource\nkubectl explain pods --recursive\n\n# Get the explanation for deployment in supported api versions\nkubectl explain deployments --api-version=apps/v1\n\n# Get the documentation of a specific field of a resource\nkubectl explain pods.spec.containers',
  group: 'Basic Commands (Intermediate):',
  flags: [
    string('api-version', 'Use this API version (API group/version)'), string('output,o', 'Format in which to render the schema (plaintext, plaintext-openapiv2)', { default: 'plaintext' }), bool('recursive', 'Print the fields of fields too'),
  ],
  run: runExplain,
})

async function runExplain(session: Session): Promise<void> {
  const [word] = session.args
  if (word === undefined) throw new CliError(`You must specify the type of resource to explain. ${suggestion}\n`)
  if (session.args.length > 1) throw new CliError('We accept only this format: explain RESOURCE\n')
  const { mapping, path } = await findTarget(session, word.replace(/\.$/, ''))
  const format = session.flags.string('output')
  if (format !== 'plaintext' && format !== 'plaintext-openapiv2') throw new CliError(`unrecognized format: ${format}`)
  const wanted = session.flags.string('api-version')
  const { group, version } = wanted === '' ? mapping : groupVersion(wanted)
  const document = await documentOf(session, mapping, group, version)
  const target = { ...mapping, group, version }
  const schema = schemaOf(document, target)
  await session.out(format === 'plaintext' ? `${group === '' ? '' : `GROUP:      ${group}\n`}KIND:       ${mapping.kind}\nVERSION:    ${version}\n\n` : `KIND:     ${mapping.kind}\nVERSION:  ${group === '' ? version : `${group}/${version}`}\n\n`)
  const recursive = session.flags.bool('recursive')
  const text = format === 'plaintext' ? new SchemaText(document, recursive).at(schema, path) : new OldSchemaText(document, recursive).at(schema, path)
  if (text === undefined) throw new CliError(`field ${JSON.stringify(path.at(-1))} does not exist`)
  await session.out(format === 'plaintext' ? `${text}\n` : text)
}

function groupVersion(text: string): { group: string; version: string } {
  if (text.split('/').length > 2) throw new CliError(`unexpected GroupVersion string: ${text}`)
  return parseGroupVersion(text)
}

/** Only names and dots make a path; what else JSONPath knows is refused in its words. */
function refusePath(word: string): void {
  const index = /\[([^\]]*)\]?/.exec(word)?.[1]
  if (index !== undefined && !/^(\*|-?\d+|\?\(.*\))$/.test(index)) throw new CliError(`invalid array index ${index}`)
  const odd = /[{}]/.exec(word)?.[0]
  if (odd !== undefined) throw new CliError(`unrecognized character in action: U+00${odd.charCodeAt(0).toString(16).toUpperCase()} '${odd}'`)
  if (/[[*?()]|^\.|\.\./.test(word)) throw new CliError('invalid jsonpath syntax, first node must be field node')
}

/** `deployments.apps.spec`: the group is part of the type where it fits. */
async function findTarget(session: Session, word: string): Promise<{ mapping: Mapping; path: string[] }> {
  refusePath(word)
  const [resource = '', ...rest] = word.split('.')
  const mapping = await session.lookUp((found) => found.find(resource))
  if (!mapping) throw new PlainError(`the server doesn't have a resource type ${JSON.stringify(resource)}`)
  if (session.flags.string('api-version') === '') {
    for (const other of (await session.discovery()).preferred()) {
      const full = `${other.resource}.${other.group}`
      if (other.group !== '' && (word === full || word.startsWith(`${full}.`)) && other.resource === mapping.resource) return { mapping: other, path: word.slice(full.length + 1).split('.').filter((part) => part !== '') }
    }
  }
  return { mapping, path: rest }
}

async function documentOf(session: Session, mapping: Mapping, group: string, version: string): Promise<OpenApiDocument> {
  try {
    return await openApiFor(session, group, version)
  } catch (error) {
    if (error instanceof StatusError && error.status.code === 404) throw new CliError(`couldn't find resource for "${group}/${version}, Resource=${mapping.resource}"`)
    throw error
  }
}

function schemaOf(document: OpenApiDocument, mapping: Mapping): SchemaNode {
  const base = `${mapping.group === '' ? '/api' : `/apis/${mapping.group}`}/${mapping.version}`
  const served = [`${base}/${mapping.resource}`, `${base}/${mapping.resource}/{name}`, `${base}/namespaces/{namespace}/${mapping.resource}`, `${base}/namespaces/{namespace}/${mapping.resource}/{name}`].some((one) => document.paths?.[one])
  if (!served) throw new CliError(`GVR (${mapping.group}/${mapping.version}, Resource=${mapping.resource}) not found in OpenAPI schema`)
  const schema = Object.values(document.components?.schemas ?? {}).find((node) => node['x-kubernetes-group-version-kind']?.some((one) => one.group === mapping.group && one.version === mapping.version && one.kind === mapping.kind))
  if (!schema) throw new CliError(`GVK map[group:${mapping.group} kind:${mapping.kind} version:${mapping.version}] not found in OpenAPI schema`)
  return schema
}
