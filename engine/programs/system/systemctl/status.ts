/** `systemctl status`: the block about one unit. */
import type { Process } from '#engine/linux/abi/process'
import { entryText, readJournal, shortTime, unitMatch } from '#engine/linux/journald/reader'
import { describeExit } from '#engine/linux/systemd/exitstatus'
import { ago, bytes, span, timestamp } from '#engine/linux/systemd/format'
import type { UnitInfo } from '#engine/linux/systemd/info'
import { fileState } from '#engine/linux/systemd/install'

export interface StatusOptions {
  /** How many journal lines. */
  readonly lines: number
  readonly colors: boolean
}

const label = (name: string, text: string): string => `${name.padStart(11)}: ${text}\n`
const more = (text: string): string => `${' '.repeat(13)}${text}\n`

export function statusText(process: Process, unit: UnitInfo, options: StatusOptions): string {
  const now = process.clock.now()
  const parts = [`${dot(unit, options.colors)} ${unit.description === unit.name ? unit.name : `${unit.name} - ${unit.description}`}\n`, label('Loaded', loadedText(process, unit)), dropIns(unit), label('Active', activeText(unit, now, options.colors))]
  if (['inactive', 'failed'].includes(unit.activeState) && unit.activeExitMs > unit.activeEnterMs && unit.activeEnterMs > 0) parts.push(label('Duration', span(unit.activeExitMs - unit.activeEnterMs)))
  parts.push(...triggerLines(unit, now))
  for (const [index, docs] of unit.documentation.entries()) parts.push(index === 0 ? label('Docs', docs) : more(docs))
  parts.push(...processLines(unit))
  if (unit.statusText !== '') parts.push(label('Status', `"${unit.statusText}"`))
  parts.push(...resourceLines(process, unit))
  const journal = journalLines(process, unit, options.lines)
  if (journal.length > 0) parts.push('\n', ...journal)
  if (unit.needsReload) parts.push(warningText(unit.name, options.colors))
  return parts.join('')
}

function triggerLines(unit: UnitInfo, now: number): string[] {
  const out: string[] = []
  if (unit.nextElapseMs !== undefined) out.push(label('Trigger', `${timestamp(unit.nextElapseMs)}; ${ago(now - unit.nextElapseMs)}`))
  if (unit.triggers !== undefined) out.push(label('Triggers', `● ${unit.triggers}`))
  for (const [index, name] of unit.triggeredBy.entries()) out.push(index === 0 ? label('TriggeredBy', `● ${name}`) : more(`● ${name}`))
  return out
}

export function warningText(name: string, colors = false): string {
  const text = `Warning: The unit file, source configuration file or drop-ins of ${name} changed on disk. Run 'systemctl daemon-reload' to reload units.`
  return colors ? `\x1b[0;1;31m${text}\x1b[0m\n` : `${text}\n`
}

export function dot(unit: UnitInfo, colors: boolean): string {
  const state = unit.activeState
  const sign = state === 'failed' ? '×' : state === 'inactive' || state === 'deactivating' ? '○' : state === 'reloading' ? '↻' : '●'
  if (unit.loadState === 'masked' && state === 'inactive') return '○'
  if (!colors) return sign
  const color = state === 'failed' ? '\x1b[0;1;31m' : state === 'active' || state === 'reloading' ? '\x1b[0;1;32m' : ''
  return color === '' ? sign : `${color}${sign}\x1b[0m`
}

function loadedText(process: Process, unit: UnitInfo): string {
  if (unit.loadState === 'error') return `error (Reason: Unit ${unit.name} failed to load properly, please adjust/correct and reload service manager: Bad message)`
  if (unit.loadState === 'bad-setting') return `bad-setting (Reason: Unit ${unit.name} has a bad unit file setting.)`
  if (unit.loadState === 'masked') return `masked (Reason: Unit ${unit.name} is masked.)`
  if (unit.loadState !== 'loaded') return `${unit.loadState} (Reason: Unit ${unit.name} not found.)`
  if (unit.transient) return `loaded (${unit.fragmentPath ?? ''}; transient)`
  const state = fileState(process.files, unit.name)
  return `loaded (${unit.fragmentPath ?? ''}; ${state === undefined || state === 'static' ? 'static' : `${state}; preset: enabled`})`
}

function dropIns(unit: UnitInfo): string {
  if (unit.dropIns.length === 0) return unit.transient ? label('Transient', 'yes') : ''
  const byDirectory = new Map<string, string[]>()
  for (const path of unit.dropIns) {
    const slash = path.lastIndexOf('/')
    const directory = path.slice(0, slash)
    byDirectory.set(directory, [...(byDirectory.get(directory) ?? []), path.slice(slash + 1)])
  }
  const lines = [...byDirectory].map(([directory, names]) => `${directory}\n${more(`└─${names.join(', ')}`)}`)
  return `${'Drop-In'.padStart(11)}: ${lines.join(' '.repeat(13))}`
}

function activeText(unit: UnitInfo, now: number, colors: boolean): string {
  const { activeState } = unit
  const hasResult = !['success', 'condition'].includes(unit.result) && activeState !== 'active'
  const state = `${activeState}${activeState === 'failed' ? '' : ` (${unit.subState})`}${hasResult ? ` (Result: ${unit.result})` : ''}`
  const color = stateColors[activeState] ?? ''
  const shown = colors && color !== '' ? `${color}${state}\x1b[0m` : state
  const since = sinceMs(unit)
  return since === 0 ? shown : `${shown} since ${timestamp(since)}; ${ago(now - since)}`
}

const stateColors: Readonly<Record<string, string>> = { active: '\x1b[0;1;32m', reloading: '\x1b[0;1;32m', failed: '\x1b[0;1;31m' }

function sinceMs(unit: UnitInfo): number {
  switch (unit.activeState) {
    case 'active':
    case 'reloading':
      return unit.activeEnterMs
    case 'inactive':
    case 'failed':
      return unit.inactiveEnterMs || unit.stateChangedMs
    default:
      return unit.inactiveExitMs || unit.stateChangedMs
  }
}

function processLines(unit: UnitInfo): string[] {
  const out: string[] = []
  const lastMain = unit.ran.findLast((each) => each.phase === 'ExecStart')
  for (const ran of unit.ran) {
    if (!ran.status || (ran === lastMain && unit.mainPid !== 0)) continue
    out.push(label('Process', `${ran.pid} ${ran.phase}=${ran.text} (${describeExit(ran.status, false)})`))
  }
  if (unit.mainPid !== 0) out.push(label('Main PID', `${unit.mainPid} (${unit.mainCommand})`))
  else if (lastMain?.status) out.push(label('Main PID', `${lastMain.pid} (${describeExit(lastMain.status, false)})`))
  return out
}

function resourceLines(process: Process, unit: UnitInfo): string[] {
  const ended = unit.ran.length > 0 && unit.cpuMs > 0
  if (unit.cgroup === '' || unit.cgroup === '/') return ended && unit.type === 'service' && unit.activeState !== 'active' ? [label('CPU', span(Math.max(1, Math.round(unit.cpuMs))))] : []
  const path = `/sys/fs/cgroup${unit.cgroup}`
  if (!process.files.exists(path)) return []
  const read = (file: string): string => process.files.readText(`${path}/${file}`).trim()
  const tasks = Number(read('pids.current'))
  const limit = read('pids.max')
  const out = [label('Tasks', `${tasks}${limit === 'max' ? '' : ` (limit: ${limit})`}`), label('Memory', bytes(Number(read('memory.current'))))]
  return [...out, label('CGroup', unit.cgroup), ...cgroupTree(process, path).map((line) => more(line))]
}

/** Processes of a group and its children, as a tree. */
export function cgroupTree(process: Process, path: string, prefix = ''): string[] {
  const table = new Map(process.processes().map((entry) => [entry.pid, entry.argv.join(' ') || `[${entry.command}]`]))
  return branch(process, path, prefix, table)
}

function branch(process: Process, path: string, prefix: string, table: ReadonlyMap<number, string>): string[] {
  const pids = process.files.readText(`${path}/cgroup.procs`).split('\n').filter(Boolean).map(Number)
  const groups = process.files.readDirectory(path).filter((entry) => entry.type === 'directory')
  const width = Math.max(0, ...pids.map((pid) => String(pid).length))
  const out: string[] = []
  for (const [index, pid] of pids.entries()) out.push(`${prefix}${index === pids.length - 1 && groups.length === 0 ? '└─' : '├─'}${String(pid).padStart(width)} ${table.get(pid) ?? ''}`)
  for (const [index, group] of groups.entries()) {
    const last = index === groups.length - 1
    out.push(`${prefix}${last ? '└─' : '├─'}${group.name}`, ...branch(process, `${path}/${group.name}`, `${prefix}${last ? '  ' : '│ '}`, table))
  }
  return out
}

function journalLines(process: Process, unit: UnitInfo, count: number): string[] {
  if (count <= 0 || unit.type === 'target') return []
  const run = unit.invocationId
  const byRun = run === '' ? [] : [[['_SYSTEMD_INVOCATION_ID', run], ['INVOCATION_ID', run]] as const]
  const entries = readJournal(process.files, { matches: [unitMatch(unit.name), ...byRun] }, count)
  return entries.map((entry) => `${entryText(entry, shortTime(entry.realtimeUs))}\n`)
}
