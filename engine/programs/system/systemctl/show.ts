/** `systemctl show`: properties in the order the manager lists them. */
import type { Process } from '#engine/linux/abi/process'
import { exitCodeOf } from '#engine/linux/abi/signals'
import { span, timestamp } from '#engine/linux/systemd/format'
import { settingOf, type UnitInfo } from '#engine/linux/systemd/info'
import type { RanProcess } from '#engine/linux/systemd/unit'
import { fileState } from '#engine/linux/systemd/install'
import { isTrue, parseSpan } from '#engine/linux/systemd/unitfile'

const yes = (value: boolean): string => (value ? 'yes' : 'no')
const at = (ms: number): string => (ms === 0 ? '' : timestamp(ms))
const time = (unit: UnitInfo, key: string, otherwise: string): string => {
  const parsed = parseSpan(settingOf(unit, `Service.${key}`) ?? otherwise)
  return parsed === undefined ? otherwise : span(parsed)
}

function serviceProperties(process: Process, unit: UnitInfo): [string, string][] {
  const service = (key: string, otherwise = ''): string => settingOf(unit, `Service.${key}`) ?? otherwise
  const main = unit.ran.findLast((each) => each.phase === 'ExecStart')
  const group = unit.cgroup === '' ? undefined : `/sys/fs/cgroup${unit.cgroup}`
  const account = (file: string): string => (group && process.files.exists(group) ? process.files.readText(`${group}/${file}`).trim() : '[not set]')
  const limit = (file: string): string => account(file).replace(/^(max|\[not set\])$/, 'infinity')
  const oneshot = service('Type') === 'oneshot'
  const starts = (unit.settings['Service.ExecStart'] ?? []).map((text) => startText(text, main))
  return [
    ['Type', service('Type', 'simple')], ['ExitType', 'main'], ['Restart', service('Restart', 'no')], ['NotifyAccess', service('Type') === 'notify' ? 'main' : 'none'], ['RestartUSec', time(unit, 'RestartSec', '100ms')],
    ['TimeoutStartUSec', time(unit, 'TimeoutStartSec', oneshot ? 'infinity' : '1min 30s')], ['TimeoutStopUSec', time(unit, 'TimeoutStopSec', '1min 30s')], ['TimeoutAbortUSec', time(unit, 'TimeoutStopSec', '1min 30s')],
    ['RuntimeMaxUSec', 'infinity'], ['WatchdogUSec', time(unit, 'WatchdogSec', 'infinity')], ['RootDirectoryStartOnly', 'no'], ['RemainAfterExit', yes(isTrue(service('RemainAfterExit', 'no'), false))], ['GuessMainPID', 'yes'],
    ['PIDFile', service('PIDFile')], ['MainPID', String(unit.mainPid)], ['ControlPID', '0'], ['StatusText', unit.statusText], ['StatusErrno', '0'], ['Result', unit.result], ['UID', '[not set]'], ['GID', '[not set]'], ['NRestarts', String(unit.restarts)], ['OOMPolicy', 'stop'],
    ...mainProperties(main), ...starts.map((text): [string, string] => ['ExecStart', text]), ['Slice', unit.slice], ['ControlGroup', unit.cgroup], ['MemoryCurrent', account('memory.current')], ['CPUUsageNSec', unit.cgroup === '' ? '[not set]' : String(Math.round(unit.cpuMs * 1e6))], ['TasksCurrent', account('pids.current')],
    ['Delegate', yes(isTrue(service('Delegate', 'no'), false))], ['CPUQuotaPerSecUSec', service('CPUQuota') === '' ? 'infinity' : span(Number.parseFloat(service('CPUQuota')) * 10)], ['CPUWeight', service('CPUWeight', '[not set]')], ['MemoryMin', '0'], ['MemoryLow', '0'], ['MemoryHigh', 'infinity'], ['MemoryMax', limit('memory.max')], ['TasksMax', limit('pids.max')],
    ['EnvironmentFiles', (unit.settings['Service.EnvironmentFile'] ?? []).map((path) => `${path.replace(/^-/, '')} (ignore_errors=${yes(path.startsWith('-'))})`).join('\nEnvironmentFiles=')],
    ['Environment', (unit.settings['Service.Environment'] ?? []).join(' ').replace(/"/g, '')], ['UMask', service('UMask', '0022')], ['LimitNOFILE', service('LimitNOFILE', '524288')], ['LimitNPROC', service('LimitNPROC', '31850')], ['WorkingDirectory', service('WorkingDirectory')], ['OOMScoreAdjust', service('OOMScoreAdjust', '0')],
    ['StandardInput', 'null'], ['StandardOutput', service('StandardOutput', 'journal')], ['StandardError', service('StandardError', 'inherit')], ['User', service('User')], ['Group', service('Group')], ['KillMode', service('KillMode', 'control-group')], ['KillSignal', '15'],
  ]
}

function startText(text: string, main: RanProcess | undefined): string {
  const times = main ? `start_time=[${at(main.startedAtMs)}] ; stop_time=[${main.endedAtMs === undefined ? 'n/a' : at(main.endedAtMs)}] ; pid=${main.pid}` : 'start_time=[n/a] ; stop_time=[n/a] ; pid=0'
  const end = main?.status ? `code=${main.status.kind.replace('signaled', 'killed')} ; status=${exitCodeOf(main.status)}` : 'code=(null) ; status=0/0'
  return `{ path=${text.split(/\s/)[0] ?? ''} ; argv[]=${text} ; ignore_errors=no ; ${times} ; ${end} }`
}

function mainProperties(main: RanProcess | undefined): [string, string][] {
  const status = main?.status
  const code = status?.kind === 'exited' ? status.code : status ? exitCodeOf(status) - 128 : 0
  return [
    ['ExecMainStartTimestamp', main ? at(main.startedAtMs) : ''], ['ExecMainExitTimestamp', main?.endedAtMs === undefined ? '' : at(main.endedAtMs)], ['ExecMainPID', String(main?.pid ?? 0)],
    ['ExecMainCode', status ? (status.kind === 'exited' ? '1' : '2') : '0'], ['ExecMainStatus', String(code)],
  ]
}

function unitProperties(process: Process, unit: UnitInfo): [string, string][] {
  const list = (key: string): string => (unit.settings[`Unit.${key}`] ?? []).join(' ')
  const state = fileState(process.files, unit.name)
  const implied = unit.type === 'service' ? ` ${unit.slice} sysinit.target` : ''
  return [
    ['Id', unit.name], ['Names', unit.name], ['Requires', (list('Requires') + implied).trim()], ['Wants', list('Wants')], ['WantedBy', (unit.settings['Install.WantedBy'] ?? []).join(' ')], ['Conflicts', `${list('Conflicts')} shutdown.target`.trim()], ['Before', `${list('Before')} shutdown.target`.trim()],
    ['After', `${list('After')}${unit.type === 'service' ? ` ${unit.slice} basic.target sysinit.target systemd-journald.socket` : ''}`.trim()], ['TriggeredBy', unit.triggeredBy.join(' ')], ['Triggers', unit.triggers ?? ''], ['Documentation', unit.documentation.join(' ')], ['Description', unit.description],
    ['LoadState', unit.loadState], ['ActiveState', unit.activeState], ['FreezerState', 'running'], ['SubState', unit.subState], ['FragmentPath', unit.fragmentPath ?? ''], ['DropInPaths', unit.dropIns.join(' ')], ['UnitFileState', state ?? ''], ['UnitFilePreset', state === undefined ? '' : 'enabled'],
    ['StateChangeTimestamp', at(unit.stateChangedMs)], ['InactiveExitTimestamp', at(unit.inactiveExitMs)], ['ActiveEnterTimestamp', at(unit.activeEnterMs)], ['ActiveExitTimestamp', at(unit.activeExitMs)], ['InactiveEnterTimestamp', at(unit.inactiveEnterMs)],
    ['CanStart', 'yes'], ['CanStop', 'yes'], ['CanReload', yes((unit.settings['Service.ExecReload'] ?? []).length > 0)], ['CanIsolate', yes(isTrue(settingOf(unit, 'Unit.AllowIsolate'), false))], ['StopWhenUnneeded', 'no'], ['RefuseManualStart', yes(isTrue(settingOf(unit, 'Unit.RefuseManualStart'), false))], ['DefaultDependencies', yes(isTrue(settingOf(unit, 'Unit.DefaultDependencies'), true))],
    ['NeedDaemonReload', yes(unit.needsReload)], ['ConditionResult', yes(unit.conditionMet)], ['AssertResult', 'yes'], ['Transient', yes(unit.transient)], ['StartLimitIntervalUSec', span(parseSpan(settingOf(unit, 'Unit.StartLimitIntervalSec') ?? '10s') ?? 10_000)], ['StartLimitBurst', settingOf(unit, 'Unit.StartLimitBurst') ?? '5'], ['InvocationID', unit.invocationId],
  ]
}

/** Lines `Name=value`; with `value` the values alone. */
export function showText(process: Process, unit: UnitInfo, wanted: readonly string[], options: { value: boolean; all: boolean }): string {
  const properties = [...(unit.type === 'service' && unit.loadState !== 'not-found' ? serviceProperties(process, unit) : []), ...unitProperties(process, unit)]
  const chosen = wanted.length > 0 ? properties.filter(([name]) => wanted.includes(name)) : properties.filter(([, value]) => options.all || value !== '')
  return chosen.map(([name, value]) => (options.value ? `${value}\n` : `${name}=${value}\n`)).join('')
}
