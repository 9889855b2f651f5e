/** list-units, list-unit-files, list-dependencies, list-timers, list-jobs. */
import type { Process } from '#engine/linux/abi/process'
import { callManager } from '#engine/linux/systemd/bus'
import { ago, span, table, timestamp } from '#engine/linux/systemd/format'
import type { UnitInfo } from '#engine/linux/systemd/info'
import { allUnitFiles, fileState } from '#engine/linux/systemd/install'
import { fullName } from '#engine/linux/systemd/unitfile'
import { dot } from './status'
import type { SystemctlOptions } from './options'

export function matchesPattern(name: string, patterns: readonly string[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => globToRegExp(/[*?[]/.test(pattern) ? pattern : fullName(pattern)).test(name))
}

export function globToRegExp(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+^${}()|\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`)
}

export async function listUnits(process: Process, options: SystemctlOptions, patterns: readonly string[]): Promise<number> {
  const all = await callManager(process, 'list', {})
  const states = [...options.state.flatMap((text) => text.split(',')), ...(options.failed ? ['failed'] : [])]
  const types = options.type.flatMap((text) => text.split(','))
  const shown = all
    .filter((unit) => matchesPattern(unit.name, patterns) && (types.length === 0 || types.includes(unit.type)))
    .filter((unit) => (states.length > 0 ? states.some((state) => [unit.activeState, unit.subState, unit.loadState].includes(state)) : options.all || unit.activeState !== 'inactive'))
    .sort(byTypeAndName)
  const legend = !options.noLegend && options.legend !== 'false'
  const marks = options.plain ? [] : shown.map((unit) => (unit.activeState === 'failed' || (unit.loadState !== 'loaded' && unit.loadState !== 'masked') ? '●' : ' '))
  const header = ['UNIT', 'LOAD', 'ACTIVE', 'SUB', 'DESCRIPTION']
  const rows = table([...(legend ? [header] : []), ...shown.map((unit) => [unit.name, unit.loadState, unit.activeState, unit.subState, unit.description])])
  const withMarks = rows.map((row, index) => (options.plain ? row : `${legend && index === 0 ? ' ' : (marks[index - (legend ? 1 : 0)] ?? ' ')} ${row}`))
  if (withMarks.length > 0) await process.stdout.write(`${withMarks.map((row) => row.trimEnd()).join('\n')}\n`)
  if (!legend) return 0
  const explain = `\nLOAD   = Reflects whether the unit definition was properly loaded.\nACTIVE = The high-level unit activation state, i.e. generalization of SUB.\nSUB    = The low-level unit activation state, values depend on unit type.\n`
  const hint = options.all || states.length > 0 ? '' : ' Pass --all to see loaded but inactive units, too.'
  await process.stdout.write(`${shown.length > 0 ? explain : ''}${shown.length} loaded units listed.${hint}\n${states.length > 0 ? '' : "To show all installed unit files use 'systemctl list-unit-files'.\n"}`)
  return 0
}

const typeOrder = ['service', 'mount', 'swap', 'socket', 'target', 'device', 'automount', 'timer', 'path', 'slice', 'scope']

function byTypeAndName(a: UnitInfo, b: UnitInfo): number {
  return typeOrder.indexOf(a.type) - typeOrder.indexOf(b.type) || (a.name < b.name ? -1 : 1)
}

export async function listUnitFiles(process: Process, options: SystemctlOptions, patterns: readonly string[]): Promise<number> {
  const types = options.type.flatMap((text) => text.split(','))
  const states = options.state.flatMap((text) => text.split(','))
  const rows = allUnitFiles(process.files)
    .filter((name) => matchesPattern(name, patterns) && (types.length === 0 || types.includes(name.slice(name.lastIndexOf('.') + 1))))
    .map((name): [string, string] => [name, fileState(process.files, name) ?? 'bad'])
    .filter(([, state]) => states.length === 0 || states.includes(state))
    .map(([name, state]) => [name, state, state === 'static' || state === 'alias' || state === 'generated' || state === 'transient' ? '-' : 'enabled'])
  const legend = !options.noLegend && options.legend !== 'false'
  const lines = table([...(legend ? [['UNIT FILE', 'STATE', 'PRESET']] : []), ...rows])
  if (lines.length > 0) await process.stdout.write(`${lines.join('\n')}\n`)
  if (legend) await process.stdout.write(`\n${rows.length} unit files listed.\n`)
  return rows.length === 0 && patterns.length > 0 ? 1 : 0
}

export async function listDependencies(process: Process, options: SystemctlOptions, names: readonly string[]): Promise<number> {
  const units = new Map((await callManager(process, 'list', {})).map((unit) => [unit.name, unit]))
  const out: string[] = []
  for (const name of names.length > 0 ? names.map((each) => fullName(each)) : ['default.target']) {
    const [top] = await callManager(process, 'show', { units: [name] })
    if (!top) continue
    out.push(top.name)
    tree(process, units, top, '', new Set([top.name]), options, out)
  }
  await process.stdout.write(`${out.join('\n')}\n`)
  return 0
}

function tree(process: Process, units: ReadonlyMap<string, UnitInfo>, unit: UnitInfo, prefix: string, seen: Set<string>, options: SystemctlOptions, out: string[]): void {
  const names = options.reverse ? reverseOf(process, units, unit.name) : dependenciesOf(process, unit)
  for (const [index, name] of names.entries()) {
    const last = index === names.length - 1
    const known = units.get(name)
    const [own, below] = options.plain ? ['  ', '  '] : last ? ['└─', '  '] : ['├─', '│ ']
    out.push(`${options.plain ? '' : `${known ? dot(known, false) : '○'} `}${prefix}${own}${name}`)
    if (!known || seen.has(name) || !(name.endsWith('.target') || options.all)) continue
    seen.add(name)
    tree(process, units, known, prefix + below, seen, options, out)
  }
}

function dependenciesOf(process: Process, unit: UnitInfo): string[] {
  const named = ['Requires', 'Wants', 'BindsTo', 'Requisite'].flatMap((key) => unit.settings[`Unit.${key}`] ?? []).flatMap((text) => text.split(/\s+/))
  const linked: string[] = []
  for (const directory of ['/etc/systemd/system', '/lib/systemd/system'])
    for (const kind of ['wants', 'requires']) {
      const path = `${directory}/${unit.name}.${kind}`
      if (process.files.exists(path)?.type === 'directory') linked.push(...process.files.readDirectory(path).map((entry) => entry.name))
    }
  const implied = unit.type === 'service' ? [unit.slice, 'sysinit.target'] : unit.type === 'timer' ? ['sysinit.target'] : []
  return [...new Set([...named, ...linked, ...implied])].filter(Boolean).sort((a, b) => kindRank(a) - kindRank(b) || (a < b ? -1 : 1))
}

function kindRank(name: string): number {
  return name.endsWith('.target') ? 1 : 0
}

function reverseOf(process: Process, units: ReadonlyMap<string, UnitInfo>, name: string): string[] {
  return [...units.values()].filter((each) => dependenciesOf(process, each).includes(name)).map((each) => each.name).sort()
}

export async function listTimers(process: Process, options: SystemctlOptions, patterns: readonly string[]): Promise<number> {
  const now = process.clock.now()
  const timers = (await callManager(process, 'list', {})).filter((unit) => unit.type === 'timer' && matchesPattern(unit.name, patterns) && (options.all || unit.activeState === 'active'))
  timers.sort((a, b) => (a.nextElapseMs ?? Infinity) - (b.nextElapseMs ?? Infinity))
  const rows = timers.map((unit) => {
    const { nextElapseMs: next, lastTriggerMs: last } = unit
    return [next === undefined ? '-' : timestamp(next), next === undefined ? '-' : `${span(Math.max(0, next - now), 1000)} left`, last === undefined ? '-' : timestamp(last), last === undefined ? '-' : ago(now - last), unit.name, unit.triggers ?? '']
  })
  const legend = !options.noLegend && options.legend !== 'false'
  const lines = table([...(legend ? [['NEXT', 'LEFT', 'LAST', 'PASSED', 'UNIT', 'ACTIVATES']] : []), ...rows])
  if (lines.length > 0) await process.stdout.write(`${lines.join('\n')}\n`)
  if (legend) await process.stdout.write(`\n${rows.length} timers listed.\n${options.all ? '' : 'Pass --all to see loaded but inactive timers, too.\n'}`)
  return 0
}

export async function listJobs(process: Process): Promise<number> {
  const { jobs } = await callManager(process, 'state', {})
  if (jobs.length === 0) await process.stdout.write('No jobs running.\n')
  else await process.stdout.write(`${table([['JOB', 'UNIT', 'TYPE', 'STATE'], ...jobs.map((job, index) => [String(index + 1), job.name, job.kind, 'running'])]).join('\n')}\n\n${jobs.length} jobs listed.\n`)
  return 0
}
