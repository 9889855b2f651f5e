/** Rules for Chart.yaml. */
import type { Files } from '#engine/linux/abi/files'
import { metadataOf } from '#engine/programs/helm/chart/metadata'
import { basePath } from '#engine/programs/helm/chart/paths'
import type { Metadata } from '#engine/programs/helm/chart/types'
import { compareVersions, parseVersion, type Version } from '#engine/programs/helm/chart/versions'
import { isTable, plainValues } from '#engine/programs/helm/values/types'
import { decodeYaml } from '#engine/programs/helm/values/yaml'
import { type Findings, problemOf } from './messages'

const file = 'Chart.yaml'
const known = new Set(['name', 'home', 'sources', 'version', 'description', 'keywords', 'maintainers', 'icon', 'apiVersion', 'condition', 'tags', 'appVersion', 'deprecated', 'annotations', 'kubeVersion', 'dependencies', 'type'])

export function lintChartfile(files: Files, directory: string, findings: Findings): void {
  const path = `${directory}/${file}`
  findings.rule('ERROR', file, files.stat(path).type === 'directory' ? 'should be a file, not a directory' : undefined)
  let raw: unknown
  let metadata: Metadata = {}
  const broken = problemOf(() => {
    raw = plainValues(decodeYaml(files.readText(path)))
    metadata = metadataOf(raw)
  })
  if (!findings.rule('ERROR', file, broken === undefined ? undefined : `unable to parse YAML\n\t${broken}`)) return
  findings.rule('WARNING', file, strictProblem(raw))
  for (const problem of [nameProblem(metadata), apiVersionProblem(metadata), typeProblem(raw, 'version'), ...versionProblems(metadata), typeProblem(raw, 'appVersion'), ...maintainerProblems(metadata), ...sourceProblems(metadata)]) findings.rule('ERROR', file, problem)
  findings.rule('INFO', file, metadata.icon ? undefined : 'icon is recommended')
  findings.rule('ERROR', file, metadata.icon && !isUrl(metadata.icon) ? `invalid icon URL '${metadata.icon}'` : undefined)
  for (const problem of versionTwoProblems(metadata)) findings.rule('ERROR', file, problem)
}

function strictProblem(raw: unknown): string | undefined {
  const unknown = isTable(raw) ? Object.keys(raw).sort().find((key) => !known.has(key)) : undefined
  return unknown === undefined ? undefined : `failed to strictly parse chart metadata file\n\terror unmarshaling JSON: while decoding JSON: json: unknown field ${JSON.stringify(unknown)}`
}

function nameProblem({ name }: Metadata): string | undefined {
  if (!name) return 'name is required'
  return basePath(name) === name ? undefined : `chart name ${JSON.stringify(name)} is invalid`
}

function apiVersionProblem({ apiVersion }: Metadata): string | undefined {
  if (!apiVersion) return 'apiVersion is required. The value must be either "v1" or "v2"'
  return apiVersion === 'v1' || apiVersion === 'v2' ? undefined : `apiVersion '${apiVersion}' is not valid. The value must be either "v1" or "v2"`
}

/** Versions without quotes can be numbers. */
function typeProblem(raw: unknown, name: string): string | undefined {
  const value = isTable(raw) ? raw[name] : undefined
  if (value === undefined || typeof value === 'string') return undefined
  return `${name} should be of type string but it's of type ${value === null ? '<nil>' : typeof value === 'number' ? 'float64' : typeof value === 'boolean' ? 'bool' : Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}'}`
}

function versionProblems({ version }: Metadata): (string | undefined)[] {
  if (!version) return ['version is required']
  const parsed = parseVersion(version)
  if (!parsed) return [`version '${version}' is not a valid SemVer`]
  return [compareVersions(parsed, parseVersion('0.0.0-0') as Version) > 0 ? undefined : `version ${version} is less than or equal to 0.0.0-0`]
}

function maintainerProblems({ maintainers }: Metadata): (string | undefined)[] {
  return (maintainers ?? []).map((maintainer) => {
    if (!maintainer?.name) return 'each maintainer requires a name'
    if (maintainer.email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(maintainer.email)) return `invalid email '${maintainer.email}' for maintainer '${maintainer.name}'`
    return maintainer.url && !isUrl(maintainer.url) ? `invalid url '${maintainer.url}' for maintainer '${maintainer.name}'` : undefined
  })
}

function sourceProblems({ sources }: Metadata): (string | undefined)[] {
  return (sources ?? []).map((source) => (source !== '' && isUrl(source) ? undefined : `invalid source URL '${source}'`))
}

const isUrl = (text: string): boolean => /^(?:[a-zA-Z][a-zA-Z0-9+.-]*:\S+|\/\S*)$/.test(text)

function versionTwoProblems({ type, apiVersion = '', dependencies }: Metadata): (string | undefined)[] {
  if (apiVersion === 'v2') return []
  return [
    type ? `chart type is not valid in apiVersion '${apiVersion}'. It is valid in apiVersion 'v2'` : undefined,
    dependencies?.length ? `dependencies are not valid in the Chart file with apiVersion '${apiVersion}'. They are valid in apiVersion 'v2'` : undefined,
  ]
}
