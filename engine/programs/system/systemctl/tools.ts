/** `systemd-run`, `systemd-cat`, `systemd-escape`, `systemd-analyze`, `systemd-cgls`, `logger`. */
import { flag, list, option, parseFlags, UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { processFields } from '#engine/linux/journald/stream'
import type { Task } from '#engine/linux/kernel/task'
import { callManager } from '#engine/linux/systemd/bus'
import { parseCalendar } from '#engine/linux/systemd/calendar'
import { describeExit } from '#engine/linux/systemd/exitstatus'
import { ago, span, timestamp } from '#engine/linux/systemd/format'
import type { TransientResult } from '#engine/linux/systemd/transient'
import { escapePath, escapeText, fullName, loadUnitFile, mountName, settings, typeOf, type UnitFile } from '#engine/linux/systemd/unitfile'
import { runIn, simple } from '../machine/identity'
import { cgroupTree } from './status'

async function fail(process: Process, text: string, code = 1): Promise<number> {
  await process.stderr.write(text)
  return code
}

export const systemdRun = simple('systemd-run', async (process, args) => {
  const { values, operands } = parseFlags({ unit: option('-u', '--unit'), wait: flag('--wait'), property: list('-p', '--property'), description: option('--description'), slice: option('--slice'), collect: flag('-G', '--collect'), quiet: flag('-q', '--quiet'), pty: flag('-t', '--pty'), pipe: flag('-P', '--pipe'), shell: flag('-S', '--shell'), user: flag('--user'), scope: flag('--scope'), remain: flag('-r', '--remain-after-exit'), setenv: list('-E', '--setenv'), workingDirectory: option('--working-directory'), uid: option('--uid'), noBlock: flag('--no-block'), onCalendar: option('--on-calendar'), onActive: option('--on-active') }, args, true)
  if (operands.length === 0) return fail(process, 'Command line to execute required.\n')
  if ([values.onCalendar, values.onActive].some((each) => each !== undefined) || [values.scope, values.pty, values.shell, values.user].includes(true)) return fail(process, 'systemd-run: --on-*, --scope, --pty, --shell and --user are not supported in this simulation\n')
  const name = fullName(values.unit ?? `run-u${process.random.integer(9000) + 100}`)
  const description = values.description ?? `${await located(process, operands[0] ?? '')} ${operands.slice(1).join(' ')}`.trim()
  const named: [string, string | undefined][] = [['User', values.uid], ['WorkingDirectory', values.workingDirectory], ['Slice', values.slice], ['RemainAfterExit', values.remain ? 'yes' : undefined]]
  const properties = [...values.property, ...named.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`])), ...values.setenv.map((text) => `Environment=${text}`)]
  if (!values.quiet && values.wait) await process.stderr.write(`Running as unit: ${name}\n`)
  const answer = await callManager(process, 'run', { name, description, argv: operands, properties: properties.map(pairOf), wait: values.wait })
  return reportRun(process, name, answer, values)
}, '--on-*, --scope, --pty, --shell, --user')

function pairOf(text: string): [string, string] {
  return [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]
}

async function reportRun(process: Process, name: string, answer: TransientResult, values: { wait: boolean; quiet: boolean }): Promise<number> {
  if (answer.error === 'exists') return fail(process, `Failed to start transient service unit: Unit ${name} was already loaded or has a fragment file.\n`)
  if (!values.wait) {
    if (!values.quiet) await process.stderr.write(`Running as unit: ${name}\n`)
    return 0
  }
  if (!values.quiet) await process.stderr.write(outcome(answer))
  return answer.status?.kind === 'exited' ? answer.status.code : 1
}

function outcome(answer: TransientResult): string {
  const end = answer.status ? `Main processes terminated with: ${describeExit(answer.status, true).replace(', status=', '/status=').replace(/\/[A-Z]+$/, '')}\n` : ''
  return `Finished with result: ${answer.result}\n${end}Service runtime: ${span(Math.max(1, Math.round(answer.runtimeMs)))}\nCPU time consumed: ${span(Math.max(1, Math.round(answer.cpuMs)))}\n`
}

async function located(process: Process, command: string): Promise<string> {
  return command.includes('/') ? command : (['/usr/local/bin', '/usr/bin', '/usr/sbin'].map((directory) => `${directory}/${command}`).find((path) => process.files.exists(path)) ?? command)
}

function priorityOf(text: string | undefined): string {
  const level = text?.split('.').pop() ?? 'info'
  const at = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'].indexOf({ error: 'err', warn: 'warning', panic: 'emerg' }[level] ?? level)
  return String(at >= 0 ? at : /^[0-7]$/.test(level) ? level : 6)
}

export const systemdCat = simple('systemd-cat', async (process, args) => {
  const { values, operands } = parseFlags({ identifier: option('-t', '--identifier'), priority: option('-p', '--priority'), level: option('--level-prefix'), errors: option('--stderr-priority') }, args, true)
  const { kernel } = process as Task
  const write = (line: string, from: Process): void => kernel.journal.append({ PRIORITY: priorityOf(values.priority), ...(values.identifier === undefined ? {} : { SYSLOG_IDENTIFIER: values.identifier }), _TRANSPORT: 'stdout', ...processFields(from as Task), MESSAGE: line })
  if (operands.length === 0) {
    for await (const line of process.stdin.lines()) write(line, process)
    return 0
  }
  const { reader, writer } = process.pipe()
  const child = process.fork((own) => runIn(own, 'systemd-cat', operands), { descriptors: new Map([[1, writer], [2, writer]]) })
  process.install(reader, 3)
  let rest = ''
  for (let bytes = await process.descriptor(3).read(); bytes; bytes = await process.descriptor(3).read()) {
    const lines = (rest + new TextDecoder().decode(bytes)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) write(line, process)
  }
  if (rest !== '') write(rest, process)
  const status = await child.wait()
  return status.kind === 'exited' ? status.code : 1
})

const facilities = ['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp']

/** Of `local0.info`; -1 where there is no such facility. A level alone belongs to `user`. */
function facilityOf(priority: string): number {
  const [facility = '', level] = priority.split('.')
  if (level === undefined) return 1
  return /^local[0-7]$/.test(facility) ? 16 + Number(facility.slice(5)) : facilities.indexOf(facility)
}

export const logger = simple('logger', async (process, args) => {
  const { values, operands } = parseFlags({ tag: option('-t', '--tag'), priority: option('-p', '--priority'), id: flag('-i'), stderr: flag('-s', '--stderr'), file: option('-f', '--file'), pid: option('--id'), server: option('-n', '--server'), port: option('-P', '--port'), size: option('-S', '--size'), empty: flag('-e', '--skip-empty') }, args, false)
  if (values.server !== undefined) return fail(process, 'logger: remote servers are not supported in this simulation\n')
  const { kernel } = process as Task
  const tag = values.tag ?? process.env.get('USER') ?? 'root'
  const number = facilityOf(values.priority ?? 'user.notice')
  if (number < 0) return fail(process, `logger: unknown facility name: ${String(values.priority).split('.')[0]}\n`)
  const priority = priorityOf(values.priority ?? 'notice')
  const log = async (line: string): Promise<void> => {
    kernel.journal.append({ PRIORITY: priority, SYSLOG_FACILITY: String(number), SYSLOG_IDENTIFIER: tag, _TRANSPORT: 'syslog', ...processFields(process as Task), ...(values.id ? { SYSLOG_PID: String(process.pid) } : {}), MESSAGE: line })
    if (values.stderr) await process.stderr.write(`<${number * 8 + Number(priority)}>${tag}: ${line}\n`)
  }
  const given = operands.length > 0 ? [operands.join(' ')] : linesFrom(process, values.file)
  for await (const line of given) if (!(values.empty && line === '')) await log(line)
  return 0
})

function linesFrom(process: Process, path: string | undefined): Iterable<string> | AsyncIterable<string> {
  return path === undefined ? process.stdin.lines() : process.files.readText(path).split('\n').filter(Boolean)
}

export const systemdEscape = simple('systemd-escape', async (process, args) => {
  const { values, operands } = parseFlags({ path: flag('-p', '--path'), unescape: flag('-u', '--unescape'), suffix: option('--suffix'), template: option('--template'), mangle: flag('-m', '--mangle') }, args, false)
  if (operands.length === 0) return fail(process, 'Not enough arguments.\n')
  const out = operands.map((text) => {
    if (values.unescape) return text.replace(/-/g, '/').replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))).replace(/^(?=.)/, values.path ? '/' : '')
    if (values.mangle) return typeOf(text) ? text : text.startsWith('/') ? mountName(text) : `${escapeText(text).replace(/\\x2d/g, '-')}.service`
    const escaped = values.path ? escapePath(text) : escapeText(text)
    return values.template === undefined ? escaped + (values.suffix === undefined ? '' : `.${values.suffix}`) : values.template.replace('@.', `@${escaped}.`)
  })
  await process.stdout.write(`${out.join(' ')}\n`)
  return 0
})

export const systemdAnalyze: Program = {
  name: 'systemd-analyze',
  unsupported: 'plots, security, dumps: only time, blame, verify, calendar, timespan, cat-config',
  async run(process) {
    const [verb = 'time', ...operands] = process.argv.slice(1).filter((arg) => !arg.startsWith('--'))
    try {
      return await analyze(process, verb, operands)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      return fail(process, `${error.message}\n`)
    }
  },
}

async function analyze(process: Process, verb: string, operands: readonly string[]): Promise<number> {
  const { kernel } = process as Task
  switch (verb) {
    case 'time': {
      const units = await callManager(process, 'list', {})
      const target = units.find((unit) => unit.name === 'multi-user.target')
      const userspace = Math.max(0, (target?.activeEnterMs ?? kernel.options.bootedAtMs) - kernel.options.bootedAtMs)
      await process.stdout.write(`Startup finished in 1.872s (kernel) + ${(userspace / 1000).toFixed(3)}s (userspace) = ${(1.872 + userspace / 1000).toFixed(3)}s \ngraphical.target reached after ${(userspace / 1000).toFixed(3)}s in userspace.\n`)
      return 0
    }
    case 'blame': {
      const units = (await callManager(process, 'list', {})).filter((unit) => unit.type === 'service' && unit.activeEnterMs > unit.inactiveExitMs)
      await process.stdout.write(units.sort((a, b) => b.activeEnterMs - b.inactiveExitMs - (a.activeEnterMs - a.inactiveExitMs)).map((unit) => `${span(unit.activeEnterMs - unit.inactiveExitMs).padStart(6)} ${unit.name}\n`).join(''))
      return 0
    }
    case 'verify':
      return verify(process, operands)
    case 'calendar':
      return calendar(process, operands)
    case 'cat-config':
      await process.stdout.write(operands.map((path) => `# /etc/${path}\n${process.files.exists(`/etc/${path}`) ? process.files.readText(`/etc/${path}`) : ''}`).join('\n'))
      return 0
    default:
      return fail(process, ['plot', 'dot', 'dump', 'security', 'critical-chain', 'unit-paths', 'condition', 'timestamp', 'timespan', 'syscall-filter'].includes(verb) ? `systemd-analyze: ${verb} is not supported in this simulation\n` : `Unknown command verb ${verb}.\n`)
  }
}

async function verify(process: Process, paths: readonly string[]): Promise<number> {
  let code = 0
  for (const path of paths) {
    const name = path.split('/').pop() ?? path
    const unit = loadUnitFile(process.files, name, process.uname().nodename)
    if (unit.loadState === 'not-found') code = await fail(process, `Unit ${name} not found.\n`)
    for (const warning of unit.warnings) await process.stderr.write(`${warning}\n`)
    if (unit.loadState === 'bad-setting') code = await fail(process, `${name}: Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.\nUnit ${name} has a bad unit file setting.\n`)
    if (unit.loadState === 'error') code = await fail(process, `Failed to load unit file ${path}: Bad message\nUnit ${name} failed to load properly, please adjust/correct and reload service manager: Bad message\n`)
    code = (await verifyCommands(process, unit)) || code
  }
  return code
}

async function verifyCommands(process: Process, unit: UnitFile): Promise<number> {
  let code = 0
  for (const line of settings(unit, 'Service', 'ExecStart')) {
    const command = line.replace(/^[-@+!:]+/, '').split(/\s+/)[0] ?? ''
    if (command.startsWith('/') && !process.files.access(command, { execute: true })) code = await fail(process, `${unit.name}: Command ${command} is not executable: No such file or directory\n`)
  }
  return code
}

async function calendar(process: Process, texts: readonly string[]): Promise<number> {
  const now = process.clock.now()
  let code = 0
  for (const text of texts) {
    const parsed = parseCalendar(text)
    if (!parsed) {
      code = await fail(process, `Failed to parse calendar specification '${text}': Invalid argument\n`)
      continue
    }
    const next = parsed.next(now)
    await process.stdout.write(`  Original form: ${text}\nNormalized form: ${parsed.normalized}\n    Next elapse: ${next === undefined ? 'never' : `${timestamp(next)}\n       From now: ${ago(now - next)}`}\n`)
  }
  return code
}

export const systemdCgls = simple('systemd-cgls', async (process, args) => {
  const path = args.find((arg) => !arg.startsWith('-')) ?? ''
  const group = `/sys/fs/cgroup${path === '/' ? '' : path}`
  if (!process.files.exists(group)) return fail(process, `Failed to list cgroup tree: No such file or directory\n`)
  await process.stdout.write(`Control group ${path || '/'}:\n${cgroupTree(process, group).join('\n')}\n`)
  return 0
})
