/** `su`, `sudo`, `runuser`. */
import { Errno } from '#engine/linux/abi/errno'
import { flag, option, parseFlags, UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import type { Task } from '#engine/linux/kernel/task'
import { findGroup, findUser, groupsOf, loginEnvironment, shadows, type User } from '#engine/linux/users/accounts'
import { processFields } from '#engine/linux/journald/stream'
import { prompt } from '../ssh/client'
import { checkPassword } from './password'

function become(process: Process, user: User): void {
  process.setCredentials({ uid: user.uid, euid: user.uid, gid: user.gid, egid: user.gid, groups: groupsOf(process.files, user), ...(user.uid === 0 ? {} : { capabilities: new Set<string>() }) })
}

function log(process: Process, identifier: string, message: string, priority = '5'): void {
  ;(process as Task).kernel.journal.append({ PRIORITY: priority, SYSLOG_FACILITY: '10', SYSLOG_IDENTIFIER: identifier, _TRANSPORT: 'syslog', ...processFields(process as Task), MESSAGE: message })
}

function hashOf(process: Process, name: string): string {
  return shadows(process.files).find((each) => each.name === name)?.hash ?? '*'
}

/** Rows of a program's first words, for those that run another program and are it from then on. */
async function execute(process: Process, path: string, argv: readonly string[], env: ReadonlyMap<string, string>, name: string): Promise<number> {
  try {
    return await process.exec(path, argv, env)
  } catch (error) {
    if (!(error instanceof Errno)) throw error
    await process.stderr.write(`${name}: ${error.code === 'ENOENT' ? `${argv[0] ?? path}: command not found` : `failed to execute ${path}: ${error.message}`}\n`)
    return error.code === 'ENOENT' ? (name === 'sudo' ? 1 : 127) : 126
  }
}

function suProgram(name: 'su' | 'runuser'): Program {
  return {
    name,
    async run(process) {
      try {
        const { values, operands } = parseFlags({ command: option('-c', '--command', '--session-command'), login: flag('-l', '--login'), preserve: flag('-m', '-p', '--preserve-environment'), shell: option('-s', '--shell'), fast: flag('-f', '--fast'), group: option('-g', '--group'), pty: flag('-P', '--pty'), user: option('-u', '--user'), whitelist: option('-w', '--whitelist-environment') }, dashes(process.argv.slice(1)), name === 'runuser' && process.argv.includes('-u'))
        const isLogin = values.login || process.argv.includes('-')
        const rest = operands.filter((operand) => operand !== '-')
        const wanted = values.user ?? takeFirst(rest, 'root')
        const user = findUser(process.files, wanted)
        if (!user) {
          await process.stderr.write(`${name}: user ${wanted} does not exist or the user entry does not contain all the required fields\n`)
          return 1
        }
        if (process.credentials.uid !== 0 && !(await mayBecome(process, user))) return 1
        if (values.user !== undefined && rest.length > 0) {
          become(process, user)
          return await execute(process, locate(process, rest[0] ?? ''), rest, process.env, name)
        }
        return await startShell(process, user, { isLogin, preserve: values.preserve, command: values.command, shell: values.shell, rest }, name)
      } catch (error) {
        if (!(error instanceof UsageError)) throw error
        await process.stderr.write(`${name}: ${error.message}\nTry '${name} --help' for more information.\n`)
        return 1
      }
    },
  }
}

function takeFirst(words: string[], otherwise: string): string {
  return words.shift() ?? otherwise
}

/** `su - amy`: a lone dash asks for a login shell. */
function dashes(args: readonly string[]): string[] {
  return args.filter((arg) => arg !== '-')
}

async function mayBecome(process: Process, user: User): Promise<boolean> {
  const password = process.terminal() ? await prompt(process, 'Password: ', false) : await process.stdin.text()
  if (password !== undefined && checkPassword(password.replace(/\n$/, ''), hashOf(process, user.name))) return true
  await process.stderr.write('su: Authentication failure\n')
  return false
}

async function startShell(process: Process, user: User, how: { isLogin: boolean; preserve: boolean; command: string | undefined; shell: string | undefined; rest: readonly string[] }, name: string): Promise<number> {
  const shell = how.shell ?? user.shell
  const env = how.isLogin ? loginEnvironment(user, process.env.get('TERM')) : sameEnvironment(process, user, shell, how.preserve)
  if (how.isLogin) env.delete('LANG')
  log(process, name, `(to ${user.name}) ${process.env.get('USER') ?? 'root'} on ${process.terminal()?.name.replace('/dev/', '') ?? 'none'}`)
  become(process, user)
  if (how.isLogin) await goHome(process, user, name)
  const base = shell.split('/').pop() ?? 'sh'
  const argv = [how.isLogin ? `-${base}` : base, ...(how.command === undefined ? [] : ['-c', how.command]), ...how.rest]
  return execute(process, shell, argv, env, name)
}

function sameEnvironment(process: Process, user: User, shell: string, preserve: boolean): Map<string, string> {
  const env = new Map(process.env)
  if (preserve) return env
  env.set('HOME', user.home).set('SHELL', shell)
  return user.uid === 0 ? env : env.set('USER', user.name).set('LOGNAME', user.name)
}

async function goHome(process: Process, user: User, name: string): Promise<void> {
  if (process.files.exists(user.home)?.type === 'directory') return process.chdir(user.home)
  await process.stderr.write(`${name}: warning: cannot change directory to ${user.home}: No such file or directory\n`)
  process.chdir('/')
}

function locate(process: Process, command: string): string {
  if (command.includes('/')) return command
  for (const directory of ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']) if (process.files.exists(`${directory}/${command}`)?.type === 'file') return `${directory}/${command}`
  throw new Errno('ENOENT', command)
}

export const su = suProgram('su')
export const runuser = suProgram('runuser')

export const sudo: Program = {
  name: 'sudo',
  unsupported: 'rules of sudoers beyond ALL and NOPASSWD, -e, timestamps, plugins',
  async run(process) {
    try {
      const split = splitSudo(process.argv.slice(1))
      const { values } = parseFlags({ user: option('-u', '--user'), group: option('-g', '--group'), login: flag('-i', '--login'), shell: flag('-s', '--shell'), nonInteractive: flag('-n', '--non-interactive'), stdin: flag('-S', '--stdin'), environment: flag('-E', '--preserve-env'), list: flag('-l', '--list'), validate: flag('-v', '--validate'), kill: flag('-k', '-K', '--reset-timestamp'), home: flag('-H', '--set-home'), background: flag('-b'), directory: option('-D', '--chdir'), promptText: option('-p', '--prompt'), version: flag('-V', '--version') }, split.flags, true)
      return await runSudo(process, values, split.assignments, split.command)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      await process.stderr.write(`sudo: ${error.message}\nusage: sudo -h | -K | -k | -V\nusage: sudo -v [-ABknS] [-g group] [-h host] [-p prompt] [-u user]\nusage: sudo -l [-ABknS] [-g group] [-h host] [-p prompt] [-U user] [-u user] [command]\nusage: sudo [-ABbEHknPS] [-r role] [-t type] [-C num] [-D directory] [-g group] [-h host] [-p prompt] [-R directory] [-T timeout] [-u user] [VAR=value] [-i|-s] [<command>]\nusage: sudo -e [-ABknS] [-r role] [-t type] [-C num] [-D directory] [-g group] [-h host] [-p prompt] [-R directory] [-T timeout] [-u user] file ...\n`)
      return 1
    }
  },
}

interface SudoValues {
  readonly user: string | undefined
  readonly login: boolean
  readonly shell: boolean
  readonly nonInteractive: boolean
  readonly stdin: boolean
  readonly environment: boolean
  readonly list: boolean
  readonly validate: boolean
  readonly kill: boolean
  readonly directory: string | undefined
  readonly version: boolean
}

function splitSudo(args: readonly string[]): { flags: string[]; assignments: string[]; command: string[] } {
  let at = 0
  for (; at < args.length; at++) {
    const arg = args[at] as string
    if (arg === '--') break
    if (!arg.startsWith('-')) break
    if (/^-[ugDpRTChrt]$/.test(arg) || arg === '--user') at++
  }
  const flags = args.slice(0, at)
  const rest = args.slice(args[at] === '--' ? at + 1 : at)
  const assignments: string[] = []
  while (/^[A-Za-z_][A-Za-z0-9_]*=/.test(rest[0] ?? '')) assignments.push(rest.shift() as string)
  return { flags, assignments, command: rest }
}

async function runSudo(process: Process, values: SudoValues, assignments: readonly string[], command: readonly string[]): Promise<number> {
  if (values.version) {
    await process.stdout.write('Sudo version 1.9.13p3\n')
    return 0
  }
  if (values.kill && command.length === 0) return 0
  const own = findUser(process.files, process.credentials.uid)
  const target = findUser(process.files, idOrName(values.user ?? 'root'))
  if (!target || !own) {
    await process.stderr.write(`sudo: unknown user ${values.user ?? ''}\nsudo: error initializing audit plugin sudoers_audit\n`)
    return 1
  }
  if (own.uid !== 0 && !(await authorized(process, own, values))) return 1
  if (values.list) {
    await process.stdout.write(`User ${own.name} may run the following commands on ${process.uname().nodename}:\n    (ALL : ALL) ALL\n`)
    return 0
  }
  return values.validate ? 0 : runAs(process, { own, target }, values, assignments, command)
}

async function runAs(process: Process, { own, target }: { own: User; target: User }, values: SudoValues, assignments: readonly string[], command: readonly string[]): Promise<number> {
  const wantsShell = values.login || values.shell
  if (command.length === 0 && !wantsShell) throw new UsageError('a command is required')
  const env = values.environment ? new Map(process.env) : sudoEnvironment(process, own, target)
  for (const text of assignments) env.set(text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1))
  const directory = values.directory ?? (values.login && process.files.exists(target.home) ? target.home : undefined)
  if (directory !== undefined) process.chdir(directory)
  const shell = values.login ? target.shell : (process.env.get('SHELL') ?? target.shell)
  const text = command.join(' ')
  const shown = text || shell
  env.set('SUDO_COMMAND', shown)
  log(process, 'sudo', `${own.name.padStart(8)} : PWD=${process.cwd()} ; USER=${target.name} ; COMMAND=${shown}`)
  become(process, target)
  return wantsShell ? sudoShell(process, shell, values.login, text, env) : sudoCommand(process, command, env)
}

async function sudoShell(process: Process, shell: string, isLogin: boolean, command: string, env: ReadonlyMap<string, string>): Promise<number> {
  const base = shell.split('/').pop() ?? 'sh'
  return execute(process, shell, [isLogin ? `-${base}` : base, ...(command === '' ? [] : ['-c', command])], env, 'sudo')
}

async function sudoCommand(process: Process, command: readonly string[], env: ReadonlyMap<string, string>): Promise<number> {
  try {
    return await execute(process, locate(process, command[0] ?? ''), command, env, 'sudo')
  } catch (error) {
    if (!(error instanceof Errno)) throw error
    await process.stderr.write(`sudo: ${command[0] ?? ''}: command not found\n`)
    return 1
  }
}

function idOrName(text: string): string | number {
  return text.startsWith('#') ? Number(text.slice(1)) : text
}

function sudoEnvironment(process: Process, own: User, target: User): Map<string, string> {
  const env = loginEnvironment({ ...target, uid: 0 }, process.env.get('TERM'))
  env.delete('PWD')
  env.set('MAIL', `/var/mail/${target.name}`).set('SUDO_USER', own.name).set('SUDO_UID', String(own.uid)).set('SUDO_GID', String(own.gid))
  const lang = process.env.get('LANG')
  if (lang === undefined) env.delete('LANG')
  else env.set('LANG', lang)
  return env
}

function rulesFor(process: Process, own: User): string[] {
  return sudoers(process).filter((line) => {
    const who = line.split(/\s+/)[0] ?? ''
    if (who.startsWith('%')) return groupsOf(process.files, own).includes(findGroup(process.files, who.slice(1))?.gid ?? -1)
    return who === own.name || who === 'ALL'
  })
}

/** The lines of sudoers that speak of this user or a group of it. */
async function authorized(process: Process, own: User, values: SudoValues): Promise<boolean> {
  const rules = rulesFor(process, own)
  if (rules.some((line) => line.includes('NOPASSWD:'))) return true
  if (values.nonInteractive || (!process.terminal() && !values.stdin)) {
    await process.stderr.write(values.nonInteractive ? 'sudo: a password is required\n' : 'sudo: a terminal is required to read the password; either use the -S option to read from standard input or configure an askpass helper\nsudo: a password is required\n')
    return false
  }
  if (!(await provesItself(process, own, values.stdin))) return false
  if (rules.length === 0) await process.stderr.write(`${own.name} is not in the sudoers file.\n`)
  return rules.length > 0
}

async function provesItself(process: Process, own: User, fromStdin: boolean): Promise<boolean> {
  for (let tries = 0; tries < 3; tries++) {
    const password = fromStdin ? (await process.stdin.text()).split('\n')[0] : await prompt(process, `[sudo] password for ${own.name}: `, false)
    if (checkPassword(password ?? '', hashOf(process, own.name))) return true
    if (fromStdin) return false
    await process.stderr.write(tries < 2 ? 'Sorry, try again.\n' : 'sudo: 3 incorrect password attempts\n')
  }
  return false
}

function sudoers(process: Process): string[] {
  const paths = ['/etc/sudoers', ...(process.files.exists('/etc/sudoers.d') ? process.files.readDirectory('/etc/sudoers.d').map((entry) => `/etc/sudoers.d/${entry.name}`) : [])]
  const text = paths.filter((path) => process.files.exists(path)).map((path) => process.files.readText(path)).join('\n') || 'root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n'
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('Defaults') && !line.startsWith('@'))
}
