/** `pgrep`, `pkill` and `pidwait`, of procps 4. */
import { flag, option, parseFlags, UsageError, type FlagValues } from '#engine/linux/abi/flags'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process, ProcessEntry } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { parseSignal, type Signal } from '#engine/linux/abi/signals'
import { findGroup, findUser, users } from '#engine/linux/users/accounts'

const common = {
  full: flag('-f', '--full'), group: option('-g', '--pgroup'), gid: option('-G', '--group'), ignoreCase: flag('-i', '--ignore-case'), newest: flag('-n', '--newest'), oldest: flag('-o', '--oldest'), older: option('-O', '--older'), parent: option('-P', '--parent'), session: option('-s', '--session'),
  terminal: option('-t', '--terminal'), euid: option('-u', '--euid'), uid: option('-U', '--uid'), exact: flag('-x', '--exact'), pidfile: option('-F', '--pidfile'), logPidfile: flag('-L', '--logpidfile'), states: option('-r', '--runstates'), ignoreAncestors: flag('-A', '--ignore-ancestors'), cgroup: option('--cgroup'), ns: option('--ns'), nslist: option('--nslist'), count: flag('-c', '--count'), inverse: flag('-v', '--inverse'), help: flag('-h', '--help'), version: flag('-V', '--version'),
}
const pgrepFlags = { ...common, delimiter: option('-d', '--delimiter'), listName: flag('-l', '--list-name'), listFull: flag('-a', '--list-full'), lightweight: flag('-w', '--lightweight') }
const pkillFlags = { ...common, signal: option('--signal'), requireHandler: flag('-H', '--require-handler'), queue: option('-q', '--queue'), echo: flag('-e', '--echo') }

const shared = ` -f, --full                use full process name to match
 -g, --pgroup <PGID,...>   match listed process group IDs
 -G, --group <GID,...>     match real group IDs
 -i, --ignore-case         match case insensitively
 -n, --newest              select most recently started
 -o, --oldest              select least recently started
 -O, --older <seconds>     select where older than seconds
 -P, --parent <PPID,...>   match only child processes of the given parent
 -s, --session <SID,...>   match session IDs
 -t, --terminal <tty,...>  match by controlling terminal
 -u, --euid <ID,...>       match by effective IDs
 -U, --uid <ID,...>        match by real IDs
 -x, --exact               match exactly with the command name
 -F, --pidfile <file>      read PIDs from file
 -L, --logpidfile          fail if PID file is not locked
 -r, --runstates <state>   match runstates [D,S,Z,...]
 -A, --ignore-ancestors    exclude our ancestors from results
 --cgroup <grp,...>        match by cgroup v2 names
 --ns <PID>                match the processes that belong to the same
                           namespace as <pid>
 --nslist <ns,...>         list which namespaces will be considered for
                           the --ns option.
                           Available namespaces: ipc, mnt, net, pid, user, uts

 -h, --help     display this help and exit
 -V, --version  output version information and exit

`
const pgrepHelp = `
Usage:
 pgrep [options] <pattern>

Options:
 -d, --delimiter <string>  specify output delimiter
 -l, --list-name           list PID and process name
 -a, --list-full           list PID and full command line
 -v, --inverse             negates the matching
 -w, --lightweight         list all TID
 -c, --count               count of matching processes
${shared}For more details see pgrep(1).
`
const pkillHelp = `
Usage:
 pkill [options] <pattern>

Options:
 -<sig>, --signal <sig>    signal to send (either number or name)
 -H, --require-handler     match only if signal handler is present
 -q, --queue <value>       integer value to be sent with the signal
 -e, --echo                display what is killed
 -c, --count               count of matching processes
${shared}For more details see pgrep(1).
`

export const pgrep: Program = { name: 'pgrep', run: (process) => run(process, 'pgrep', async (operands) => list(process, operands)) }
export const pkill: Program = { name: 'pkill', run: (process) => run(process, 'pkill', async (operands) => kill(process, operands)) }

async function run(process: Process, name: 'pgrep' | 'pkill', work: (args: readonly string[]) => Promise<number>): Promise<number> {
  try {
    return await work(process.argv.slice(1))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    await process.stderr.write(error.message.startsWith('!') ? error.message.slice(1) : `${name}: ${error.message}\n${name === 'pgrep' ? pgrepHelp : pkillHelp}`)
    return 2
  }
}

async function list(process: Process, args: readonly string[]): Promise<number> {
  const { values, operands } = parseFlags(pgrepFlags, args, false)
  if (values.help) return say(process, pgrepHelp)
  if (values.version) return say(process, 'pgrep from procps-ng 4.0.2\n')
  const found = matches(process, 'pgrep', values, operands)
  if (values.count) {
    await process.stdout.write(`${found.length}\n`)
    return found.length > 0 ? 0 : 1
  }
  const lines = found.map((entry) => (values.listFull ? `${entry.pid} ${entry.argv.join(' ') || entry.command}` : values.listName ? `${entry.pid} ${entry.command}` : String(entry.pid)))
  if (lines.length > 0) await process.stdout.write(`${lines.join(values.delimiter ?? '\n')}\n`)
  return found.length > 0 ? 0 : 1
}

async function kill(process: Process, args: readonly string[]): Promise<number> {
  const given = args.find(isSignalFlag)
  const rest = args.filter((arg) => arg !== given)
  const { values, operands } = parseFlags(pkillFlags, rest, false)
  if (values.help) return say(process, pkillHelp)
  if (values.version) return say(process, 'pkill from procps-ng 4.0.2\n')
  const signal = parseSignal(given?.slice(1) ?? values.signal ?? 'TERM')
  if (!signal) throw new UsageError(`!pkill: Unknown signal "${values.signal ?? ''}".\n`)
  const found = matches(process, 'pkill', values, operands)
  let killed = 0
  for (const entry of found) if (await killOne(process, entry, signal, values.echo)) killed++
  if (values.count) await process.stdout.write(`${found.length}\n`)
  return killed > 0 ? 0 : 1
}

/** `-TERM`, `-9`, but not `-f`. */
function isSignalFlag(arg: string): boolean {
  return /^-(\d+|[A-Z][A-Z0-9]+)$/.test(arg) && parseSignal(arg.slice(1)) !== undefined
}

async function killOne(process: Process, entry: ProcessEntry, signal: Signal, echo: boolean): Promise<boolean> {
  try {
    process.kill(entry.pid, signal)
  } catch (error) {
    if (!isErrno(error)) throw error
    if (error.code !== 'ESRCH') await process.stderr.write(`pkill: killing pid ${entry.pid} failed: ${error.message}\n`)
    return false
  }
  if (echo) await process.stdout.write(`${entry.command} killed (pid ${entry.pid})\n`)
  return true
}

async function say(process: Process, text: string): Promise<number> {
  await process.stdout.write(text)
  return 0
}

function matches(process: Process, name: string, values: FlagValues<typeof common>, operands: readonly string[]): ProcessEntry[] {
  const criteria = [values.group, values.gid, values.older, values.parent, values.session, values.terminal, values.euid, values.uid, values.pidfile, values.states, values.cgroup, values.ns]
  if (operands.length > 1) throw new UsageError(`!${name}: only one pattern can be provided\nTry \`${name} --help' for more information.\n`)
  if (operands.length === 0 && criteria.every((each) => each === undefined)) throw new UsageError(`!${name}: no matching criteria specified\nTry \`${name} --help' for more information.\n`)
  checkLists(process, name, values)
  const pattern = patternOf(operands[0], values)
  const ancestors = values.ignoreAncestors ? ancestorsOf(process) : new Set<number>()
  const chosen = process.processes().filter((entry) => entry.pid !== process.pid && !ancestors.has(entry.pid) && (pattern === undefined || pattern.test(values.full ? entry.argv.join(' ') || entry.command : entry.command)) && meets(process, values, entry) !== values.inverse)
  const byStart = [...chosen].sort((a, b) => a.startedAtMs - b.startedAtMs || a.pid - b.pid)
  if (values.newest) return byStart.slice(-1)
  return values.oldest ? byStart.slice(0, 1) : chosen
}

/** Lists of users, groups and numbers are read before anything is looked for. */
function checkLists(process: Process, name: string, values: FlagValues<typeof common>): void {
  const number = (text: string): boolean => /^\d+$/.test(text)
  const check = (list: string | undefined, known: (text: string) => boolean, problem: string): void => {
    const bad = list?.split(',').find((text) => !known(text))
    if (bad !== undefined) throw new UsageError(`!${name}: ${problem}: ${bad}\n`)
  }
  const isUser = (text: string): boolean => number(text) || findUser(process.files, text) !== undefined
  check(values.euid, isUser, 'invalid user name')
  check(values.uid, isUser, 'invalid user name')
  check(values.gid, (text) => number(text) || findGroup(process.files, text) !== undefined, 'invalid group name')
  check(values.parent, number, 'not a number')
  check(values.session, number, 'invalid session id')
  check(values.group, number, 'invalid process group')
}

function patternOf(text: string | undefined, values: { exact: boolean; ignoreCase: boolean }): RegExp | undefined {
  if (text === undefined) return undefined
  try {
    return new RegExp(values.exact ? `^(?:${text})$` : text, values.ignoreCase ? 'i' : '')
  } catch {
    throw new UsageError(`!pgrep: regex error: Invalid regular expression\n`)
  }
}

function ancestorsOf(process: Process): Set<number> {
  const byPid = new Map(process.processes().map((entry) => [entry.pid, entry]))
  const out = new Set<number>()
  for (let pid = process.ppid; pid > 0 && !out.has(pid); pid = byPid.get(pid)?.ppid ?? 0) out.add(pid)
  return out
}

function meets(process: Process, values: FlagValues<typeof common>, entry: ProcessEntry): boolean {
  const any = (text: string | undefined, test: (wanted: string) => boolean): boolean => text === undefined || text.split(',').some(test)
  const uidOf = (wanted: string): number | undefined => (/^\d+$/.test(wanted) ? Number(wanted) : findUser(process.files, wanted)?.uid)
  const gidOf = (wanted: string): number | undefined => (/^\d+$/.test(wanted) ? Number(wanted) : findGroup(process.files, wanted)?.gid)
  return [
    any(values.euid, (wanted) => entry.uid === uidOf(wanted)),
    any(values.uid, (wanted) => entry.uid === uidOf(wanted)),
    any(values.gid, (wanted) => users(process.files).find((user) => user.uid === entry.uid)?.gid === gidOf(wanted)),
    any(values.parent, (wanted) => entry.ppid === Number(wanted)),
    any(values.group, (wanted) => entry.processGroup === (Number(wanted) || process.processGroup)),
    any(values.session, (wanted) => entry.session === (Number(wanted) || process.session)),
    any(values.terminal, (wanted) => (entry.tty ?? '/dev/-') === `/dev/${wanted}`),
    any(values.states, (wanted) => entry.state === wanted),
    any(values.cgroup, (wanted) => entry.cgroup === wanted),
    any(values.older, (wanted) => process.clock.now() - entry.startedAtMs > Number(wanted) * 1000),
    any(values.pidfile, (path) => pidsOf(process, path).includes(entry.pid)),
  ].every(Boolean)
}

function pidsOf(process: Process, path: string): number[] {
  if (!process.files.exists(path)) throw new UsageError(`!pgrep: pidfile not valid\nTry \`pgrep --help' for more information.\n`)
  return process.files.readText(path).split(/\s+/).filter(Boolean).map(Number)
}
