/** `su`, `sudo`, `login`, `passwd`, `chpasswd`, `getent`, `chage`, `nologin`, `runuser`. */
import { Errno } from '#engine/linux/abi/errno'
import { flag, list, option, optional, parseFlags, UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import type { Task } from '#engine/linux/kernel/task'
import { findGroup, findUser, groups, groupsOf, loginEnvironment, shadows, type User, users } from '#engine/linux/users/accounts'
import { processFields } from '#engine/linux/journald/stream'
import { parseV4 } from '#engine/linux/net/address'
import { readHosts } from '#engine/linux/net/dns/resolver'
import { prompt } from '../ssh/client'
import { setPasswordHash } from './files'
import { checkPassword, hashPassword } from './password'

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
        const wanted = values.user ?? rest.shift() ?? 'root'
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
  const env = how.isLogin ? loginEnvironment(user, process.env.get('TERM')) : new Map(process.env)
  if (how.isLogin) env.delete('LANG')
  if (!how.preserve && !how.isLogin) {
    env.set('HOME', user.home)
    env.set('SHELL', shell)
    if (user.uid !== 0) env.set('USER', user.name).set('LOGNAME', user.name)
  }
  log(process, name, `(to ${user.name}) ${process.env.get('USER') ?? 'root'} on ${process.terminal()?.name.replace('/dev/', '') ?? 'none'}`)
  become(process, user)
  if (how.isLogin) {
    if (process.files.exists(user.home)?.type === 'directory') process.chdir(user.home)
    else {
      await process.stderr.write(`${name}: warning: cannot change directory to ${user.home}: No such file or directory\n`)
      process.chdir('/')
    }
  }
  const base = shell.split('/').pop() ?? 'sh'
  const argv = [how.isLogin ? `-${base}` : base, ...(how.command === undefined ? [] : ['-c', how.command]), ...how.rest]
  return execute(process, shell, argv, env, name)
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
  const target = findUser(process.files, values.user?.startsWith('#') ? Number(values.user.slice(1)) : (values.user ?? 'root'))
  if (!target || !own) {
    await process.stderr.write(`sudo: unknown user ${values.user ?? ''}\nsudo: error initializing audit plugin sudoers_audit\n`)
    return 1
  }
  if (own.uid !== 0 && !(await authorized(process, own, values))) return 1
  if (values.list) {
    await process.stdout.write(`User ${own.name} may run the following commands on ${process.uname().nodename}:\n    (ALL : ALL) ALL\n`)
    return 0
  }
  if (values.validate) return 0
  if (command.length === 0 && !values.login && !values.shell) throw new UsageError('a command is required')
  const env = values.environment ? new Map(process.env) : sudoEnvironment(process, own, target)
  for (const text of assignments) env.set(text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1))
  if (values.directory !== undefined) process.chdir(values.directory)
  if (values.login && process.files.exists(target.home)) process.chdir(target.home)
  const shell = values.login ? target.shell : (process.env.get('SHELL') ?? target.shell)
  const base = shell.split('/').pop() ?? 'sh'
  env.set('SUDO_COMMAND', command.join(' ') || shell)
  log(process, 'sudo', `${own.name.padStart(8)} : PWD=${process.cwd()} ; USER=${target.name} ; COMMAND=${command.join(' ') || shell}`)
  become(process, target)
  if (values.login || values.shell) return execute(process, shell, [values.login ? `-${base}` : base, ...(command.length > 0 ? ['-c', command.join(' ')] : [])], env, 'sudo')
  try {
    return await execute(process, locate(process, command[0] ?? ''), command, env, 'sudo')
  } catch (error) {
    if (!(error instanceof Errno)) throw error
    await process.stderr.write(`sudo: ${command[0] ?? ''}: command not found\n`)
    return 1
  }
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

/** The lines of sudoers that speak of this user or a group of it. */
async function authorized(process: Process, own: User, values: SudoValues): Promise<boolean> {
  const rules = sudoers(process).filter((line) => {
    const who = line.split(/\s+/)[0] ?? ''
    return who === own.name || who === 'ALL' || (who.startsWith('%') && groupsOf(process.files, own).includes(findGroup(process.files, who.slice(1))?.gid ?? -1))
  })
  if (rules.some((line) => line.includes('NOPASSWD:'))) return true
  if (values.nonInteractive || (!process.terminal() && !values.stdin)) {
    await process.stderr.write(values.nonInteractive ? 'sudo: a password is required\n' : 'sudo: a terminal is required to read the password; either use the -S option to read from standard input or configure an askpass helper\nsudo: a password is required\n')
    return false
  }
  for (let tries = 0; tries < 3; tries++) {
    const password = values.stdin ? (await process.stdin.text()).split('\n')[0] : await prompt(process, `[sudo] password for ${own.name}: `, false)
    if (checkPassword(password ?? '', hashOf(process, own.name))) {
      if (rules.length > 0) return true
      await process.stderr.write(`${own.name} is not in the sudoers file.\n`)
      return false
    }
    if (values.stdin) break
    await process.stderr.write(tries < 2 ? 'Sorry, try again.\n' : 'sudo: 3 incorrect password attempts\n')
  }
  return false
}

function sudoers(process: Process): string[] {
  const paths = ['/etc/sudoers', ...(process.files.exists('/etc/sudoers.d') ? process.files.readDirectory('/etc/sudoers.d').map((entry) => `/etc/sudoers.d/${entry.name}`) : [])]
  const text = paths.filter((path) => process.files.exists(path)).map((path) => process.files.readText(path)).join('\n') || 'root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n'
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('Defaults') && !line.startsWith('@'))
}

export const passwd: Program = {
  name: 'passwd',
  async run(process) {
    const { values, operands } = parseFlags({ lock: flag('-l', '--lock'), unlock: flag('-u', '--unlock'), delete: flag('-d', '--delete'), status: flag('-S', '--status'), expire: flag('-e', '--expire'), all: flag('-a', '--all'), quiet: flag('-q', '--quiet'), max: option('-x'), min: option('-n'), warn: option('-w') }, process.argv.slice(1), false)
    const own = findUser(process.files, process.credentials.uid)
    const name = operands[0] ?? own?.name ?? 'root'
    if (!findUser(process.files, name)) {
      await process.stderr.write(`passwd: user '${name}' does not exist\n`)
      return 1
    }
    if (process.credentials.uid !== 0 && name !== own?.name) {
      await process.stderr.write(`passwd: You may not view or modify password information for ${name}.\n`)
      return 1
    }
    const hash = hashOf(process, name)
    const store = (next: string): void => setPasswordHash(process.files, name, next, process.clock.now())
    const say = async (text: string): Promise<number> => {
      if (!values.quiet) await process.stdout.write(text)
      return 0
    }
    if (values.status) return say(`${name} ${hash === '' ? 'NP' : hash.startsWith('!') || hash === '*' ? 'L' : 'P'} 2026-11-21 0 99999 7 -1\n`)
    if (values.lock) store(hash.startsWith('!') ? hash : `!${hash}`)
    if (values.unlock) store(hash.replace(/^!/, ''))
    if (values.delete) store('')
    if (values.expire) return say('passwd: password expiry information changed.\n')
    if (values.lock || values.unlock || values.delete) return say('passwd: password changed.\n')
    return change(process, name, store)
  },
}

async function change(process: Process, name: string, store: (hash: string) => void): Promise<number> {
  const lines = process.terminal() ? undefined : process.stdin.lines()[Symbol.asyncIterator]()
  const ask = async (text: string): Promise<string> => {
    if (!lines) return (await prompt(process, text, false)) ?? ''
    await process.stderr.write(text)
    const next = await lines.next()
    return next.done ? '' : next.value
  }
  if (process.credentials.uid !== 0) {
    await process.stdout.write(`Changing password for ${name}.\n`)
    if (!checkPassword(await ask('Current password: '), hashOf(process, name))) {
      await process.stderr.write('passwd: Authentication token manipulation error\npasswd: password unchanged\n')
      return 10
    }
  }
  const first = await ask('New password: ')
  const second = await ask('Retype new password: ')
  if (lines) await process.stderr.write('\n')
  if (first !== second || first === '') {
    await process.stderr.write(`${first === '' ? 'No password has been supplied.' : 'Sorry, passwords do not match.'}\npasswd: Authentication token manipulation error\npasswd: password unchanged\n`)
    return 10
  }
  store(hashPassword(first, process.random))
  await process.stderr.write('passwd: password updated successfully\n')
  return 0
}

export const chpasswd: Program = {
  name: 'chpasswd',
  async run(process) {
    const encrypted = process.argv.includes('-e') || process.argv.includes('--encrypted')
    let number = 0
    for await (const line of process.stdin.lines()) {
      number++
      const colon = line.indexOf(':')
      const name = line.slice(0, colon)
      if (colon < 0 || !findUser(process.files, name)) {
        await process.stderr.write(colon < 0 ? `chpasswd: line ${number}: missing new password\n` : `chpasswd: line ${number}: user '${name}' does not exist\nchpasswd: error detected, changes ignored\n`)
        return 1
      }
      const password = line.slice(colon + 1)
      setPasswordHash(process.files, name, encrypted ? password : hashPassword(password, process.random), process.clock.now())
    }
    return 0
  },
}

export const getent: Program = {
  name: 'getent',
  async run(process) {
    const [database = '', ...keys] = process.argv.slice(1).filter((arg) => !arg.startsWith('-'))
    const userLine = (user: User): string => `${user.name}:x:${user.uid}:${user.gid}:${user.comment}:${user.home}:${user.shell}\n`
    const groupLine = (group: ReturnType<typeof groups>[number]): string => `${group.name}:x:${group.gid}:${group.members.join(',')}\n`
    const key = (text: string): string | number => (/^\d+$/.test(text) ? Number(text) : text)
    const tables: Readonly<Record<string, () => Promise<(string | undefined)[]>>> = {
      passwd: async () => (keys.length === 0 ? users(process.files).map(userLine) : keys.map((each) => findUser(process.files, key(each))).map((user) => user && userLine(user))),
      group: async () => (keys.length === 0 ? groups(process.files).map(groupLine) : keys.map((each) => findGroup(process.files, key(each))).map((group) => group && groupLine(group))),
      shadow: async () => (process.files.readText('/etc/shadow').split('\n').filter(Boolean).filter((line) => keys.length === 0 || keys.includes(line.split(':')[0] ?? ''))).map((line) => `${line}\n`),
      hosts: async () => (keys.length === 0 ? process.files.readText('/etc/hosts').split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#')).map((line) => `${(line.split(/\s+/)[0] ?? '').padEnd(15)} ${line.split(/\s+/).slice(1).join(' ')}\n`) : Promise.all(keys.map((each) => hostLine(process, each)))),
      services: async () => (process.files.exists('/etc/services') ? process.files.readText('/etc/services').split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#') && (keys.length === 0 || keys.some((each) => line.split(/\s+/)[0] === each || line.split(/\s+/)[1]?.split('/')[0] === each))).map((line) => `${(line.split(/\s+/)[0] ?? '').padEnd(21)} ${line.split(/\s+/)[1] ?? ''}\n`) : []),
    }
    const table = database === 'ahosts' || database === 'ahostsv4' ? tables['hosts'] : tables[database]
    if (!table) {
      await process.stderr.write(database === '' ? 'getent: wrong number of arguments\nTry `getent --help\' or `getent --usage\' for more information.\n' : `Unknown database: ${database}\nTry \`getent --help' or \`getent --usage' for more information.\n`)
      return 1
    }
    const found = await table()
    await process.stdout.write(found.filter((line) => line !== undefined).join(''))
    return found.length === 0 || found.includes(undefined) ? 2 : 0
  },
}

/** From /etc/hosts with all its names, forwards and backwards; else from the resolver. */
async function hostLine(process: Process, host: string): Promise<string | undefined> {
  const known = readHosts(process.files).find((entry) => entry.address === host || entry.names.includes(host))
  if (known) return `${known.address.padEnd(15)} ${known.names.join(' ')}\n`
  if (parseV4(host) !== undefined) return undefined
  try {
    const addresses = await process.net.lookup(host)
    return addresses.map((address) => `${address.padEnd(15)} ${host}\n`).join('')
  } catch (error) {
    if (error instanceof Error && (error.name === 'LookupError' || error instanceof Errno)) return undefined
    throw error
  }
}

export const chage: Program = {
  name: 'chage',
  unsupported: 'setting of ages: only -l',
  async run(process) {
    const { values, operands } = parseFlags({ list: flag('-l', '--list'), max: option('-M', '--maxdays'), min: option('-m', '--mindays'), expire: option('-E', '--expiredate'), last: option('-d', '--lastday'), warn: option('-W', '--warndays'), inactive: option('-I', '--inactive'), iso: flag('-i', '--iso8601'), unused: optional('--unused'), more: list('--more') }, process.argv.slice(1), false)
    const shadow = shadows(process.files).find((each) => each.name === operands[0])
    if (!shadow) {
      await process.stderr.write(`chage: user '${operands[0] ?? ''}' does not exist in /etc/passwd\n`)
      return 1
    }
    if (!values.list) {
      await process.stderr.write('chage: changing password ages is not supported in this simulation\n')
      return 1
    }
    const date = new Date(Number(shadow.fields[0] ?? 0) * 86_400_000)
    const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][date.getUTCMonth()] ?? ''
    await process.stdout.write(`Last password change\t\t\t\t\t: ${month} ${String(date.getUTCDate()).padStart(2, '0')}, ${date.getUTCFullYear()}\nPassword expires\t\t\t\t\t: never\nPassword inactive\t\t\t\t\t: never\nAccount expires\t\t\t\t\t\t: never\nMinimum number of days between password change\t\t: ${shadow.fields[1] ?? '0'}\nMaximum number of days between password change\t\t: ${shadow.fields[2] ?? '99999'}\nNumber of days of warning before password expires\t: ${shadow.fields[3] ?? '7'}\n`)
    return 0
  },
}

export const nologin: Program = {
  name: 'nologin',
  async run(process) {
    await process.stdout.write('This account is currently not available.\n')
    return 1
  },
}
