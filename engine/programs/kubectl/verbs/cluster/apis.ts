import { bool, string, strings } from '#engine/programs/common/cobra/flags'
import { alignTabs, tableTabs } from '#engine/programs/common/tabwriter/tabwriter'
import type { KubeObject } from '#engine/api/object'
import { emitYaml } from '#engine/base/yaml/emit'
import { managedFieldsFlag } from '#engine/programs/kubectl/flagsets'
import { ConnectionError } from '#engine/client/errors'
import { prettyJson } from '#engine/programs/kubectl/printers/json'
import { kyaml } from '#engine/programs/kubectl/printers/kyaml'
import { unknownFormat } from '#engine/programs/kubectl/printers/printer'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Discovery, Mapping } from '#engine/programs/common/kube/discovery'
import type { Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'

export const apiVersions = verb({
  use: 'api-versions',
  short: 'Print the supported API versions on the server, in the form of "group/version"',
  long: 'Print the supported API versions on the server, in the form of "group/version".',
  example: '# Print the supported API versions\nkubectl api-versions',
  run: async (session) => {
    if (session.args.length > 0) throw session.usage(`unexpected arguments: [${session.args.join(' ')}]`)
    session.forgetDiscovery()
    const { groups } = await served(session)
    const names = groups.flatMap((group) => group.versions.map(({ version }) => (group.name === '' ? version : `${group.name}/${version}`)))
    await session.out(names.sort().map((name) => `${name}\n`).join(''))
  },
})

async function served(session: Session): Promise<Discovery> {
  try {
    return await session.discovery()
  } catch (error) {
    if (error instanceof ConnectionError) throw new CliError(`couldn't get available api versions from server: ${error.message}`)
    throw error
  }
}

export const apiResources = verb({
  use: 'api-resources',
  noFlagsInUsage: false,
  short: 'Print the supported API resources on the server',
  long: 'Print the supported API resources on the server.',
  example: '# Print the supported API resources\nkubectl api-resources\n\n# Print the supported namespaced resources\nkubectl api-resources --namespaced=true\n\n# Print the supported API resources with a specific APIGroup\nkubectl api-resources --api-group=rbac.authorization.k8s.io',
  flags: [
    managedFieldsFlag,
    string('api-group', 'Limit to resources in the specified API group.'),
    bool('cached', 'Use the cached list of resources if available.'),
    strings('categories', 'Limit to resources that belong to the specified categories.'),
    bool('namespaced', 'If false, non-namespaced resources will be returned, otherwise returning namespaced resources by default.', { default: true }),
    bool('no-headers', 'When using the default or custom-column output format, don\'t print headers (default print headers).'),
    string('output,o', 'Output format. One of: (json, yaml, kyaml, name, wide).'),
    string('sort-by', "If non-empty, sort list of resources using specified field. The field can be either 'name' or 'kind'."),
    strings('verbs', 'Limit to resources that support the specified verbs.'),
  ],
  run: runResources,
})

const formats = ['', 'json', 'kyaml', 'name', 'wide', 'yaml']

async function runResources(session: Session): Promise<void> {
  const { flags } = session
  if (session.args.length > 0) throw session.usage(`unexpected arguments: [${session.args.join(' ')}]`)
  const output = /^(json|yaml|kyaml|name)$/i.test(flags.string('output')) ? flags.string('output').toLowerCase() : flags.string('output')
  const sortBy = flags.string('sort-by')
  if (!formats.includes(output)) throw unknownFormat(flags.string('output'), formats.slice(1))
  if (!['', 'name', 'kind'].includes(sortBy)) throw new CliError('--sort-by accepts only name or kind')
  if (!flags.bool('cached')) session.forgetDiscovery()
  const mappings = (await session.discovery()).preferred().filter((mapping) => isWanted(session, mapping)).sort(ordering(sortBy))
  switch (output) {
    case 'name': return session.out(mappings.map((mapping) => `${mapping.group === '' ? mapping.resource : `${mapping.resource}.${mapping.group}`}\n`).join(''))
    case 'json': return session.out(`${prettyJson(asList(mappings), false)}\n`)
    case 'kyaml': return session.out(kyaml(asList(mappings) as KubeObject, true))
    case 'yaml': return session.out(emitYaml(asList(mappings), { sortKeys: true }))
    default: return session.out(table(mappings, output === 'wide', !flags.bool('no-headers')))
  }
}

function isWanted(session: Session, mapping: Mapping): boolean {
  const { flags } = session
  if (mapping.verbs.length === 0) return false
  if (flags.changed('api-group') && mapping.group !== flags.string('api-group')) return false
  if (flags.changed('namespaced') && mapping.namespaced !== flags.bool('namespaced')) return false
  return flags.list('verbs').every((wanted) => mapping.verbs.includes(wanted)) && flags.list('categories').every((wanted) => mapping.categories.includes(wanted))
}

function ordering(sortBy: string): (a: Mapping, b: Mapping) => number {
  const key = (mapping: Mapping): string => (sortBy === 'name' ? mapping.resource : sortBy === 'kind' ? mapping.kind : `${mapping.group}\0${mapping.resource}`)
  return (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0)
}

function apiVersion(mapping: Mapping): string {
  return mapping.group === '' ? mapping.version : `${mapping.group}/${mapping.version}`
}

function table(mappings: readonly Mapping[], wide: boolean, headers: boolean): string {
  const rows = mappings.map((mapping) => [mapping.resource, mapping.shortNames.join(','), apiVersion(mapping), String(mapping.namespaced), mapping.kind, ...(wide ? [mapping.verbs.join(','), mapping.categories.join(',')] : [])])
  const head = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...(wide ? ['VERBS', 'CATEGORIES'] : [])]
  return alignTabs([...(headers ? [head] : []), ...rows].map((row) => `${row.join('\t')}\n`).join(''), tableTabs)
}

function asList(mappings: readonly Mapping[]): object {
  const resources = mappings.map((mapping) => ({
    name: mapping.resource, singularName: mapping.singular, namespaced: mapping.namespaced, ...(mapping.group === '' ? {} : { group: mapping.group }), version: mapping.version, kind: mapping.kind, verbs: mapping.verbs,
    ...(mapping.shortNames.length > 0 ? { shortNames: mapping.shortNames } : {}), ...(mapping.categories.length > 0 ? { categories: mapping.categories } : {}),
  }))
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: '', resources }
}
