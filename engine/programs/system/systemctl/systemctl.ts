/** `systemctl`: verbs over pid 1's socket and over the links on disk. */
import { isErrno } from '#engine/linux/abi/errno'
import { UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { callManager, type JobKind } from '#engine/linux/systemd/bus'
import { callLogin } from '#engine/linux/systemd/login'
import type { UnitInfo } from '#engine/linux/systemd/info'
import { fileState } from '#engine/linux/systemd/install'
import { findFragment, fullName } from '#engine/linux/systemd/unitfile'
import { editUnits } from './edit'
import { failureOf } from './failure'
import { changeFiles, type FileVerb } from './filestates'
import { globToRegExp, listDependencies, listJobs, listTimers, listUnitFiles, listUnits } from './lists'
import { parseSystemctl, type SystemctlOptions } from './options'
import { showText } from './show'
import { cgroupTree, statusText, warningText } from './status'

type Verb = (process: Process, operands: readonly string[], options: SystemctlOptions, verb: string) => Promise<number>

const job: Verb = async (process, operands, options, verb) => {
  if (operands.length === 0) return tooFew(process)
  if (process.credentials.euid !== 0) return unauthorized(process, verb, operands)
  const kind = aliases[verb] ?? (verb as JobKind)
  const units = await expand(process, operands)
  let code = 0
  if (!options.noWarn && kind !== 'stop') await warnOfEdits(process, units)
  for (const answer of await callManager(process, 'job', { kind, units, wait: !options.noBlock })) {
    const failure = failureOf(kind, answer)
    if (!failure) continue
    if (!options.quiet) await process.stderr.write(failure.text)
    code = failure.code
  }
  if (options.wait && kind === 'start') await waitForEnd(process, units)
  return code
}

async function warnOfEdits(process: Process, units: readonly string[]): Promise<void> {
  for (const unit of await callManager(process, 'show', { units })) if (unit.needsReload && unit.loadState !== 'not-found') await process.stderr.write(warningText(unit.name))
}

async function waitForEnd(process: Process, units: readonly string[]): Promise<void> {
  for (const name of units) while ((await callManager(process, 'show', { units: [name] }))[0]?.activeState === 'active') await process.clock.sleep(20)
}

const aliases: Readonly<Record<string, JobKind>> = { condrestart: 'try-restart', 'force-reload': 'reload-or-restart', 'reload-or-try-restart': 'try-reload-or-restart' }

const isActive: Verb = (process, operands, options) => states(process, operands, options, (state) => state === 'active' || state === 'reloading', 3)
const isFailed: Verb = (process, operands, options) => states(process, operands, options, (state) => state === 'failed', 1)

async function states(process: Process, operands: readonly string[], options: SystemctlOptions, good: (state: string) => boolean, code: number): Promise<number> {
  if (operands.length === 0) return tooFew(process)
  const units = await callManager(process, 'show', { units: await expand(process, operands) })
  if (!options.quiet) await process.stdout.write(units.map((unit) => `${unit.activeState}\n`).join(''))
  return units.some((unit) => good(unit.activeState)) ? 0 : code
}

const isEnabled: Verb = async (process, operands, options) => {
  if (operands.length === 0) return tooFew(process)
  let good = false
  for (const operand of operands) {
    const name = fullName(operand)
    const state = fileState(process.files, name)
    if (state === undefined) {
      await process.stderr.write(`Failed to get unit file state for ${name}: No such file or directory\n`)
      return 1
    }
    if (!options.quiet) await process.stdout.write(`${state}\n`)
    if (['enabled', 'enabled-runtime', 'static', 'indirect', 'alias', 'generated', 'transient'].includes(state)) good = true
  }
  return good ? 0 : 1
}

const status: Verb = async (process, operands, options) => {
  if (operands.length === 0) return systemStatus(process)
  const names = await expand(process, await namesOfPids(process, operands))
  let code = 0
  let first = true
  for (const unit of await callManager(process, 'show', { units: names })) {
    if (unit.loadState === 'not-found' && unit.activeState === 'inactive') {
      await process.stderr.write(`Unit ${unit.name} could not be found.\n`)
      code = 4
      continue
    }
    const lines = options.lines === undefined ? 10 : Number(options.lines)
    await process.stdout.write(`${first ? '' : '\n'}${statusText(process, unit, { lines, colors: process.descriptors().get(1)?.tty !== undefined })}`)
    first = false
    if (unit.activeState !== 'active' && unit.activeState !== 'reloading') code = code === 4 ? 4 : 3
  }
  return code
}

async function systemStatus(process: Process): Promise<number> {
  const units = await callManager(process, 'list', {})
  const failed = units.filter((unit) => unit.activeState === 'failed').length
  const { jobs, startedUp } = await callManager(process, 'state', {})
  const state = startedUp ? (failed > 0 ? 'degraded' : 'running') : 'starting'
  await process.stdout.write(`● ${process.uname().nodename}\n    State: ${state}\n    Units: ${units.length} loaded (incl. loaded aliases)\n     Jobs: ${jobs.length} queued\n   Failed: ${failed} units\n  systemd: 252.39-1~deb12u1\n   CGroup: /\n${cgroupTree(process, '/sys/fs/cgroup').map((line) => `           ${line}\n`).join('')}`)
  return 0
}

const show: Verb = async (process, operands, options) => {
  const wanted = [...options.property, ...options.propertyValue].flatMap((text) => text.split(','))
  if (operands.length === 0) {
    await process.stdout.write('Version=252.39-1~deb12u1\nArchitecture=x86-64\nDefaultStandardOutput=journal\n')
    return 0
  }
  const units = await callManager(process, 'show', { units: await expand(process, await namesOfPids(process, operands)) })
  const texts = units.map((unit) => showText(process, unit, wanted, { value: options.value || options.propertyValue.length > 0, all: options.all }))
  await process.stdout.write(texts.join('\n'))
  return 0
}

const cat: Verb = async (process, operands) => {
  if (operands.length === 0) return tooFew(process)
  let code = 0
  const out: string[] = []
  for (const unit of await callManager(process, 'show', { units: operands.map((name) => fullName(name)) })) {
    if (unit.loadState === 'not-found') {
      await process.stderr.write(`No files found for ${unit.name}.\n`)
      code = 1
      continue
    }
    if (unit.needsReload) await process.stderr.write(warningText(unit.name))
    for (const path of [...(unit.fragmentPath === undefined ? [] : [unit.fragmentPath]), ...unit.dropIns]) out.push(`# ${path}\n${process.files.readText(path)}`)
  }
  await process.stdout.write(out.join('\n'))
  return code
}

const kill: Verb = async (process, operands, options) => {
  if (operands.length === 0) return tooFew(process)
  let code = 0
  for (const unit of await expand(process, operands)) {
    if (await callManager(process, 'kill', { unit, signal: options.signal ?? 'SIGTERM', who: options.killWho === 'main' ? 'main' : 'all' })) continue
    await process.stderr.write(`Failed to kill unit ${unit}: Unit ${unit} not loaded.\n`)
    code = 1
  }
  return code
}

const resetFailed: Verb = async (process, operands) => {
  if (operands.length === 0) await callManager(process, 'resetFailed', {})
  let code = 0
  for (const operand of operands) {
    const unit = fullName(operand)
    const [info] = await callManager(process, 'show', { units: [unit] })
    if (info?.loadState === 'not-found' && info.activeState === 'inactive') {
      await process.stderr.write(`Failed to reset failed state of unit ${unit}: Unit ${unit} not loaded.\n`)
      code = 1
    } else await callManager(process, 'resetFailed', { unit })
  }
  return code
}

const daemonReload: Verb = async (process) => {
  if (process.credentials.euid !== 0) {
    await process.stderr.write('Failed to reload daemon: Interactive authentication required.\n')
    return 1
  }
  await callManager(process, 'reload', {})
  return 0
}

const setProperty: Verb = async (process, operands) => {
  const [unit, ...assignments] = operands
  if (unit === undefined || assignments.length === 0) return tooFew(process)
  const properties = assignments.map((text): [string, string] => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)])
  if (assignments.some((text) => !text.includes('='))) {
    await process.stderr.write(`Not an assignment: ${assignments.find((text) => !text.includes('=')) ?? ''}\n`)
    return 1
  }
  await callManager(process, 'setProperty', { unit: fullName(unit), properties })
  return 0
}

const getDefault: Verb = async (process) => {
  const fragment = findFragment(process.files, 'default.target')
  await process.stdout.write(`${fragment ? (process.files.realpath(fragment.path).split('/').pop() ?? '') : 'graphical.target'}\n`)
  return 0
}

const setDefault: Verb = async (process, [target]) => {
  if (target === undefined) return tooFew(process)
  const name = fullName(target, 'target')
  const fragment = findFragment(process.files, name)
  if (!fragment) {
    await process.stderr.write(`Failed to set default target: Unit file ${name} does not exist.\n`)
    return 1
  }
  const path = '/etc/systemd/system/default.target'
  if (process.files.exists(path)) {
    process.files.unlink(path)
    await process.stderr.write(`Removed "${path}".\n`)
  }
  process.files.symlink(fragment.path, path)
  await process.stderr.write(`Created symlink ${path} → ${fragment.path}.\n`)
  return daemonReload(process, [], {} as SystemctlOptions, '')
}

const isSystemRunning: Verb = async (process, _operands, options) => {
  const { startedUp } = await callManager(process, 'state', {})
  const failed = (await callManager(process, 'list', {})).some((unit) => unit.activeState === 'failed')
  const state = startedUp ? (failed ? 'degraded' : 'running') : 'starting'
  if (!options.quiet) await process.stdout.write(`${state}\n`)
  return state === 'running' ? 0 : 1
}

const halt: Verb = async (process, _operands, options, verb) => {
  if (process.credentials.euid !== 0) {
    await process.stderr.write(`Failed to set wall message, ignoring: Interactive authentication required.\nFailed to ${verb === 'reboot' ? 'reboot' : 'power off'} system via logind: Interactive authentication required.\n`)
    return 1
  }
  const how = verb === 'reboot' || verb === 'kexec' || verb === 'soft-reboot' ? 'reboot' : 'poweroff'
  // Logind lets those who asked for it finish first; without it, or by force, pid 1 goes down at once.
  const blocking = options.force > 0 ? undefined : await callLogin(process, 'shutdown', { how, force: options.ignoreInhibitors })
  const [first] = blocking ?? []
  if (first) {
    await process.stderr.write(`Operation inhibited by "${first.who}" (PID ${first.pid} "${first.comm}", user ${first.user}), reason is "${first.why}".\nPlease retry operation after closing inhibitors and logging out other users.\nAlternatively, ignore inhibitors and users with 'systemctl ${verb} -i'.\n`)
    return 1
  }
  if (blocking) return 0
  await callManager(process, 'halt', { how })
  return 0
}

const files: Verb = (process, operands, options, verb) => (operands.length === 0 ? tooFew(process) : changeFiles(process, verb as FileVerb, operands.map((name) => fullName(name)), options))

const environment: Verb = async (process) => {
  await process.stdout.write('LANG=C.UTF-8\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n')
  return 0
}

const verbs: Readonly<Record<string, Verb>> = {
  start: job, stop: job, restart: job, reload: job, 'try-restart': job, 'reload-or-restart': job, 'try-reload-or-restart': job, condrestart: job, 'force-reload': job, 'reload-or-try-restart': job, isolate: job,
  'is-active': isActive, 'is-failed': isFailed, 'is-enabled': isEnabled, status, show, cat, kill, 'reset-failed': resetFailed, 'daemon-reload': daemonReload, 'daemon-reexec': daemonReload, 'set-property': setProperty,
  'get-default': getDefault, 'set-default': setDefault, 'is-system-running': isSystemRunning, reboot: halt, poweroff: halt, halt, kexec: halt,
  enable: files, disable: files, reenable: files, mask: files, unmask: files, preset: files, link: files, revert: files,
  edit: (process, operands, options) => (operands.length === 0 ? tooFew(process) : editUnits(process, operands.map((name) => fullName(name)), options)),
  'list-units': (process, operands, options) => listUnits(process, options, operands),
  'list-unit-files': (process, operands, options) => listUnitFiles(process, options, operands),
  'list-dependencies': (process, operands, options) => listDependencies(process, options, operands),
  'list-timers': (process, operands, options) => listTimers(process, options, operands),
  'list-jobs': (process) => listJobs(process),
  'show-environment': environment,
}

export const systemctl: Program = {
  name: 'systemctl',
  unsupported: '--user, --host, --machine, --root, snapshots of the manager, set-environment, clean, freeze, bind, log-level',
  async run(process) {
    try {
      const { options, operands, help, version } = parseSystemctl(process.argv.slice(1))
      if (version) return await say(process, 'systemd 252 (252.39-1~deb12u1)\n+PAM +AUDIT +SELINUX +APPARMOR +IMA +SMACK +SECCOMP +GCRYPT -GNUTLS +OPENSSL +ACL +BLKID +CURL +ELFUTILS +FIDO2 +IDN2 -IDN +IPTC +KMOD +LIBCRYPTSETUP +LIBFDISK +PCRE2 -PWQUALITY +P11KIT +QRENCODE +TPM2 +BZIP2 +LZ4 +XZ +ZLIB +ZSTD -BPF_FRAMEWORK -XKBCOMMON +UTMP +SYSVINIT default-hierarchy=unified\n')
      if (help) return await say(process, `systemctl [OPTIONS...] COMMAND ...\n\nQuery or send control commands to the system manager.\n\nCommands: ${Object.keys(verbs).join(', ')}\n`)
      if (options.user) return await refuse(process, 'Failed to connect to bus: No medium found\n')
      const verb = operands[0]
      const run = verb === undefined ? verbs['list-units'] : verbs[verb]
      if (!run) return await refuse(process, `Unknown command verb ${verb ?? ''}.\n`)
      return await run(process, operands.slice(1), options, verb ?? 'list-units')
    } catch (error) {
      if (error instanceof UsageError) return refuse(process, `systemctl: ${error.message}\n`)
      if (isErrno(error, 'ECONNREFUSED', 'ENOENT', 'ENETUNREACH', 'ECONNRESET')) return refuse(process, "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down\n")
      throw error
    }
  },
}

async function say(process: Process, text: string): Promise<number> {
  await process.stdout.write(text)
  return 0
}

async function refuse(process: Process, text: string): Promise<number> {
  await process.stderr.write(text)
  return 1
}

function tooFew(process: Process): Promise<number> {
  return refuse(process, 'Too few arguments.\n')
}

async function unauthorized(process: Process, verb: string, operands: readonly string[]): Promise<number> {
  const name = fullName(operands[0] ?? '')
  return refuse(process, `Failed to ${verb} ${name}: Interactive authentication required.\nSee system logs and 'systemctl status ${name}' for details.\n`)
}

/** Unit names of operands; patterns stand for the loaded units they match. */
async function expand(process: Process, operands: readonly string[]): Promise<string[]> {
  if (!operands.some((name) => /[*?[]/.test(name))) return operands.map((name) => fullName(name))
  const loaded = await callManager(process, 'list', {})
  return operands.flatMap((name) => (/[*?[]/.test(name) ? loaded.filter((unit: UnitInfo) => globToRegExp(name).test(unit.name)).map((unit) => unit.name) : [fullName(name)]))
}

/** `systemctl status 4711`: the unit of a process. */
async function namesOfPids(process: Process, operands: readonly string[]): Promise<string[]> {
  return operands.map((operand) => {
    if (!/^\d+$/.test(operand)) return operand
    const entry = process.processes().find((each) => each.pid === Number(operand))
    return entry?.cgroup.split('/').find((part) => part.endsWith('.service')) ?? operand
  })
}
