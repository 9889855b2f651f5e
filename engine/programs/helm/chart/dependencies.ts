/** What a chart depends on: which of it is on, under which name, and what values come up from it. */
import { coalesceTables, coalesceValues, mergeChartValues } from '#engine/programs/helm/values/coalesce'
import { copyValues, isTable, type Values } from '#engine/programs/helm/values/types'
import { parseConstraint } from './constraints'
import { type Chart, chartName, type Dependency } from './types'
import { parseVersion } from './versions'

/** Throws where Chart.yaml names what charts/ lacks. */
export function checkDependencies(chart: Chart): void {
  const missing = (chart.metadata.dependencies ?? []).filter(({ name }) => !chart.dependencies.some((found) => chartName(found) === name)).map(({ name }) => name)
  if (missing.length > 0) throw new Error(`found in Chart.yaml, but missing in charts/ directory: ${missing.join(', ')}`)
}

/** Conditions, tags, aliases and import-values; changes the chart. */
export function processDependencies(chart: Chart, values: Values): void {
  enable(chart, values, '')
  importAll(chart)
}

export function isCompatible(constraint: string, version: string): boolean {
  const parsed = parseVersion(version)
  if (!parsed) return false
  try {
    return parseConstraint(constraint).check(parsed)
  } catch {
    return false
  }
}

function enable(chart: Chart, values: Values, path: string): void {
  const wanted = chart.metadata.dependencies
  if (!wanted) return
  const others = chart.dependencies.filter((found) => !wanted.some((dependency) => matches(dependency, found)))
  const named = wanted.flatMap((dependency) => aliased(chart, dependency))
  chart.dependencies = [...others, ...named]
  const computed = coalesceValues(chart, values)
  const list = wanted.map((dependency) => ({ ...dependency, name: dependency.alias || dependency.name }))
  const off = new Set(list.filter((dependency) => !isEnabled(dependency, computed, path)).map(({ name }) => name))
  chart.dependencies = chart.dependencies.filter((dependency) => !off.has(chartName(dependency)))
  for (const dependency of chart.dependencies) enable(dependency, computed, `${path}${chartName(dependency)}.`)
  chart.metadata = { ...chart.metadata, dependencies: list.filter(({ name }) => !off.has(name)) }
}

function matches(dependency: Dependency, chart: Chart): boolean {
  return dependency.name === chartName(chart) && isCompatible(dependency.version ?? '', chart.metadata.version ?? '')
}

function aliased(parent: Chart, dependency: Dependency): Chart[] {
  const found = parent.dependencies.find((chart) => matches(dependency, chart))
  return found ? [copyOf(found, parent, dependency.alias)] : []
}

/** The same chart may stand there several times, under several names. */
function copyOf(chart: Chart, parent: Chart, alias?: string): Chart {
  const copy: Chart = { ...chart, parent, metadata: { ...chart.metadata, ...(alias ? { name: alias } : {}) }, values: copyValues(chart.values), dependencies: [] }
  copy.dependencies = chart.dependencies.map((child) => copyOf(child, copy))
  return copy
}

/** The first condition that is there decides; else tags. */
function isEnabled(dependency: Dependency, values: Values, path: string): boolean {
  for (const condition of (dependency.condition ?? '').split(',').map((word) => word.trim()).filter((word) => word !== '')) {
    const value = valueAt(values, path + condition)
    if (typeof value === 'boolean') return value
  }
  const tags = isTable(values['tags']) ? values['tags'] : {}
  const given = (dependency.tags ?? []).map((tag) => tags[tag]).filter((value) => typeof value === 'boolean')
  return given.length === 0 || given.includes(true)
}

function valueAt(values: Values, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (isTable(value) && Object.hasOwn(value, key) ? value[key] : undefined), values)
}

/** Also without anything to import the chart's values are from then on those of all charts below it: so they are stored with a release. */
function importAll(chart: Chart): void {
  for (const dependency of chart.dependencies) importAll(dependency)
  const wanted = chart.metadata.dependencies ?? []
  if (wanted.length === 0) return
  const computed = mergeChartValues(chart, {})
  const imported: Values = {}
  for (const dependency of wanted) for (const item of dependency['import-values'] ?? []) coalesceTables(imported, importedBy(item, dependency, computed))
  chart.values = coalesceTables(computed, imported, true)
}

function importedBy(item: unknown, { name }: Dependency, values: Values): Values {
  const [child, parent] = isTable(item) ? [String(item['child']), String(item['parent'])] : [`exports.${String(item)}`, '.']
  const table = valueAt(values, `${name}.${child}`)
  if (!isTable(table)) return {}
  const copy = copyValues(table)
  return parent === '.' ? copy : parent.split('.').reduceRight<Values>((inner, key) => ({ [key]: inner }), copy)
}
