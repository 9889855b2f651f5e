/** Charts from directories and archives; throws in helm's words. */
import { decodeUtf8 } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'
import { isGzip } from '#engine/base/archive/gzip'
import { plainValues } from '#engine/programs/helm/values/types'
import { decodeYaml } from '#engine/programs/helm/values/yaml'
import { loadValues } from '#engine/programs/helm/values/load'
import { unpack, withoutMark } from './archive'
import { parseIgnore, type IgnoreRules } from './ignore'
import { metadataOf, validateMetadata } from './metadata'
import { extensionOf, fileError } from './paths'
import { type Chart, type ChartFile, chartName, type Dependency, type Lock } from './types'

export function loadChart(files: Files, path: string): Chart {
  if (statOf(files, path).type === 'directory') return loadFiles(readChartDirectory(files, path))
  const bytes = files.readFile(path)
  if (!isGzip(bytes)) throw notArchive(path, bytes)
  return loadArchive(bytes)
}

function statOf(files: Files, path: string): { readonly type: string } {
  try {
    return files.stat(path)
  } catch (error) {
    throw fileError('stat', path, error)
  }
}

function notArchive(path: string, bytes: Uint8Array): Error {
  const text = decodeUtf8(bytes.subarray(0, 512))
  if (/\.ya?ml$/.test(path)) return new Error(`file '${path}' seems to be a YAML file, but expected a gzipped archive`)
  const type = text === '' || !/[\0-\x08\x0e-\x1a]/.test(text) ? 'text/plain; charset=utf-8' : 'application/octet-stream'
  return new Error(`file '${path}' does not appear to be a gzipped archive; got '${type}'`)
}

export function loadArchive(bytes: Uint8Array): Chart {
  return loadFiles(unpack(bytes))
}

/** All files of a chart's directory that .helmignore lets through, in the order of their paths. */
export function readChartDirectory(files: Files, top: string): ChartFile[] {
  const ignoreFile = `${top}/.helmignore`
  const rules = parseIgnore(files.exists(ignoreFile) ? files.readText(ignoreFile) : '')
  const out: ChartFile[] = []
  walk(files, top, '', rules, out, 0)
  return out
}

function walk(files: Files, top: string, below: string, rules: IgnoreRules, out: ChartFile[], depth: number): void {
  if (depth > 64) throw new Error(`${top}/${below}: too many levels of directories`)
  const entries = files.readDirectory(below === '' ? top : `${top}/${below}`).map(({ name }) => name).sort((a, b) => (a < b ? -1 : 1))
  for (const entry of entries) {
    const name = below === '' ? entry : `${below}/${entry}`
    const stat = targetOf(files, `${top}/${name}`)
    if (!stat || rules.ignores(name, stat.type === 'directory')) continue
    if (stat.type === 'directory') walk(files, top, name, rules, out, depth + 1)
    else if (stat.type !== 'file') throw new Error(`cannot load irregular file ${top}/${name} as it has file mode type bits set`)
    else out.push({ name, data: withoutMark(files.readFile(`${top}/${name}`)) })
  }
}

function targetOf(files: Files, path: string): { readonly type: string } | undefined {
  try {
    return files.stat(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ELOOP')) throw new Error(`error evaluating symlink ${path}: lstat ${path}: no such file or directory`)
    throw error
  }
}

export function loadFiles(files: readonly ChartFile[]): Chart {
  const chart: Chart = { metadata: {}, templates: [], files: [], raw: [...files], values: {}, dependencies: [] }
  const found = files.find(({ name }) => name === 'Chart.yaml')
  if (!found) throw new Error('Chart.yaml file is missing')
  try {
    chart.metadata = metadataOf(plainValues(decodeYaml(decodeUtf8(found.data))))
  } catch (error) {
    throw new Error(`cannot load Chart.yaml: ${(error as Error).message}`)
  }
  // What was there before there were versions of the format is version 1.
  if (!chart.metadata.apiVersion) chart.metadata.apiVersion = 'v1'
  const subcharts = new Map<string, ChartFile[]>()
  for (const file of files) place(chart, file, subcharts)
  validateMetadata(chart.metadata)
  for (const [name, content] of subcharts) addSubchart(chart, name, content)
  return chart
}

const readers: Readonly<Record<string, (chart: Chart, file: ChartFile) => void>> = {
  'Chart.yaml': () => undefined,
  'Chart.lock': (chart, { data }) => (chart.lock = read('Chart.lock', () => plainValues(decodeYaml(decodeUtf8(data))) as Lock)),
  'values.yaml': (chart, { data }) => (chart.values = read('values.yaml', () => loadValues(decodeUtf8(data)))),
  'values.schema.json': (chart, { data }) => (chart.schema = data),
  'requirements.yaml': (chart, file) => {
    const { dependencies } = read('requirements.yaml', () => plainValues(decodeYaml(decodeUtf8(file.data))) as { dependencies?: Dependency[] })
    if (dependencies) chart.metadata.dependencies = dependencies
    if (chart.metadata.apiVersion === 'v1') chart.files.push(file)
  },
  'requirements.lock': (chart, file) => {
    chart.lock = read('requirements.lock', () => plainValues(decodeYaml(decodeUtf8(file.data))) as Lock)
    if (chart.metadata.apiVersion === 'v1') chart.files.push(file)
  },
}

function read<T>(name: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    throw new Error(`cannot load ${name}: ${(error as Error).message}`)
  }
}

function place(chart: Chart, file: ChartFile, subcharts: Map<string, ChartFile[]>): void {
  const reader = readers[file.name]
  if (reader) reader(chart, file)
  else if (file.name.startsWith('templates/')) chart.templates.push(file)
  else if (!file.name.startsWith('charts/') || extensionOf(file.name) === '.prov') chart.files.push(file)
  else {
    const inside = file.name.slice('charts/'.length)
    const name = inside.split('/')[0] as string
    subcharts.set(name, [...(subcharts.get(name) ?? []), { name: inside, data: file.data }])
  }
}

function addSubchart(chart: Chart, name: string, content: readonly ChartFile[]): void {
  if (/^[_.]/.test(name)) return
  const subchart = subchartOf(chart, name, content)
  subchart.parent = chart
  chart.dependencies.push(subchart)
}

function subchartOf(chart: Chart, name: string, content: readonly ChartFile[]): Chart {
  const first = content[0] as ChartFile
  try {
    if (extensionOf(name) !== '.tgz') return loadFiles(content.flatMap(({ name: path, data }) => (path.includes('/') ? [{ name: path.slice(path.indexOf('/') + 1), data }] : [])))
  } catch (error) {
    throw new Error(`error unpacking subchart ${name} in ${chartName(chart)}: ${(error as Error).message}`)
  }
  if (first.name !== name) throw new Error(`error unpacking subchart tar in ${chartName(chart)}: expected ${name}, got ${first.name}`)
  try {
    return loadArchive(first.data)
  } catch (error) {
    throw new Error(`error unpacking subchart ${name} in ${chartName(chart)}: ${(error as Error).message}`)
  }
}

