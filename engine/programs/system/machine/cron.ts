/** `crontab` and `cron`: tables under /var/spool/cron/crontabs, /etc/crontab and /etc/cron.d, run to the minute. */
import { Cron } from 'croner'
import { Errno } from '#engine/linux/abi/errno'
import { UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import type { Task } from '#engine/linux/kernel/task'
import { findUser, groupsOf, loginEnvironment, type User } from '#engine/linux/users/accounts'
import { simple } from './identity'

const spool = '/var/spool/cron/crontabs'

async function fail(process: Process, text: string): Promise<number> {
  await process.stderr.write(text)
  return 1
}

interface Job {
  readonly schedule: string
  readonly user: string
  readonly command: string
}

const shorthands: Readonly<Record<string, string>> = { '@hourly': '0 * * * *', '@daily': '0 0 * * *', '@midnight': '0 0 * * *', '@weekly': '0 0 * * 0', '@monthly': '0 0 1 * *', '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *' }

/** Jobs of a table; with `owner` undefined each line names its user. A string is the complaint about a line. */
function parseTable(text: string, owner: string | undefined): Job[] | string {
  const jobs: Job[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || /^[A-Za-z_]+\s*=/.test(line)) continue
    if (line.startsWith('@reboot')) continue
    const job = parseLine(line, owner)
    const problem = job.command === '' ? 'command' : problemOf(job.schedule)
    if (problem !== undefined) return `"-":${index}: bad ${problem}\nerrors in crontab file, can't install.\n`
    jobs.push(job)
  }
  return jobs
}

function parseLine(line: string, owner: string | undefined): Job {
  const parts = line.split(/\s+/)
  const short = shorthands[parts[0] ?? '']
  const schedule = short ?? parts.slice(0, 5).join(' ')
  const rest = parts.slice(short === undefined ? 5 : 1)
  return { schedule, user: owner ?? rest[0] ?? 'root', command: rest.slice(owner === undefined ? 1 : 0).join(' ') }
}

/** Schedules that were read before: each start of cron reads its tables again. */
const problems = new Map<string, string | undefined>()
const schedules = new Map<string, Cron>()
const mostKept = 500

function problemOf(schedule: string): string | undefined {
  if (!problems.has(schedule)) {
    if (problems.size >= mostKept) problems.clear()
    problems.set(schedule, firstBadField(schedule))
  }
  return problems.get(schedule)
}

function firstBadField(schedule: string): string | undefined {
  const names = ['minute', 'hour', 'day-of-month', 'month', 'day-of-week']
  const fields = schedule.split(' ')
  for (const [index, name] of names.entries()) {
    const probe = ['*', '*', '*', '*', '*']
    probe[index] = fields[index] ?? '?'
    try {
      new Cron(probe.join(' '), { paused: true, legacyMode: true })
    } catch {
      return name
    }
  }
  return undefined
}

export const crontab = simple('crontab', async (process, args) => {
  const { name, rest } = ownerOf(process, args)
  const path = `${spool}/${name}`
  const [action] = rest
  if (!findUser(process.files, name)) return fail(process, `crontab:  user \`${name}' unknown\n`)
  if (action === '-l' || action === '-r') return showOrRemove(process, path, name, action === '-r')
  if (action === '-e') return edit(process, path, name)
  if (action === undefined) return fail(process, 'crontab: usage error: file name or - (for stdin) must be specified\nusage:\tcrontab [-u user] file\n\tcrontab [ -u user ] [ -i ] { -e | -l | -r }\n\t\t(default operation is replace, per 1003.2)\n\t-e\t(edit user\'s crontab)\n\t-l\t(list user\'s crontab)\n\t-r\t(delete user\'s crontab)\n\t-i\t(prompt before deleting user\'s crontab)\n')
  if (action.startsWith('-') && action !== '-') throw new UsageError(`invalid option -- '${action.slice(1, 2)}'`)
  if (action !== '-' && !process.files.exists(action)) return fail(process, `${action}: No such file or directory\n`)
  return put(process, path, action === '-' ? await process.stdin.text() : process.files.readText(action))
})

/** `-u USER`, or whoever asks. */
function ownerOf(process: Process, args: readonly string[]): { name: string; rest: string[] } {
  const flagged = args.indexOf('-u')
  const name = flagged >= 0 ? args[flagged + 1] : findUser(process.files, process.credentials.uid)?.name
  return { name: name ?? 'root', rest: args.filter((_, index) => flagged < 0 || index < flagged || index > flagged + 1) }
}

async function showOrRemove(process: Process, path: string, name: string, removes: boolean): Promise<number> {
  if (!process.files.exists(path)) return fail(process, `no crontab for ${name}\n`)
  if (removes) process.files.unlink(path)
  else await process.stdout.write(process.files.readText(path))
  return 0
}

async function put(process: Process, path: string, text: string): Promise<number> {
  const parsed = parseTable(text, 'root')
  if (typeof parsed === 'string') return fail(process, parsed)
  process.files.mkdirAll(spool)
  process.files.writeFile(path, text, 0o600)
  return 0
}

async function edit(process: Process, path: string, name: string): Promise<number> {
  const draft = `/tmp/crontab.${process.random.suffix(6)}`
  const before = process.files.exists(path) ? process.files.readText(path) : `# Edit this file to introduce tasks to be run by cron.\n# m h  dom mon dow   command\n`
  if (!process.files.exists(path)) await process.stderr.write(`no crontab for ${name} - using an empty one\n`)
  process.files.writeFile(draft, before, 0o600)
  const editor = process.env.get('VISUAL') ?? process.env.get('EDITOR') ?? ['/usr/bin/nano', '/usr/bin/vim', '/usr/bin/vi'].find((each) => process.files.exists(each)) ?? '/usr/bin/vi'
  const program = editor.includes('/') ? editor : `/usr/bin/${editor}`
  const status = await process.spawn(program, [editor, draft]).wait()
  const after = process.files.readText(draft)
  process.files.unlink(draft)
  if (status.kind !== 'exited' || status.code !== 0) return fail(process, `crontab: "${editor}" exited with status ${status.kind === 'exited' ? status.code : 1}\n`)
  if (after === before) {
    await process.stderr.write('No modification made\n')
    return 0
  }
  await process.stderr.write('crontab: installing new crontab\n')
  return put(process, path, after)
}

export const cron: Program = {
  name: 'cron',
  unsupported: 'mail, @reboot, settings inside tables',
  async run(process) {
    process.setMemory(3 * 1024 * 1024)
    process.handle('SIGTERM', () => process.exit(0))
    const watches = [spool, '/etc/cron.d', '/etc'].filter((directory) => process.files.exists(directory)).map((directory) => process.files.watch(directory))
    let changed: (() => void) | undefined
    for (const watch of watches)
      process.background(async () => {
        for (;;) {
          const event = await watch.next()
          if (!event.name.startsWith('.')) changed?.()
        }
      })
    for (;;) {
      const jobs = tables(process)
      const now = process.clock.now()
      const due = jobs.map((job) => ({ job, at: nextRun(job, now) })).filter((each) => each.at !== undefined)
      const next = Math.min(...due.map((each) => each.at as number))
      const controller = new AbortController()
      changed = () => controller.abort(new Errno('EINTR'))
      try {
        if (Number.isFinite(next)) await process.clock.sleep(next - now, controller.signal)
        else await process.clock.sleep(86_400_000, controller.signal)
      } catch (error) {
        if (!(error instanceof Errno)) throw error
        continue
      }
      for (const { job, at } of due) if (at === next) start(process, job)
    }
  },
}

function nextRun(job: Job, nowMs: number): number | undefined {
  const known = schedules.get(job.schedule) ?? new Cron(job.schedule, { paused: true, utcOffset: 0, legacyMode: true })
  if (schedules.size >= mostKept) schedules.clear()
  schedules.set(job.schedule, known)
  return known.nextRun(new Date(nowMs))?.getTime()
}

function tables(process: Process): Job[] {
  const { files } = process
  const own = files.exists(spool) ? files.readDirectory(spool).map((entry): [string, string | undefined] => [`${spool}/${entry.name}`, entry.name]) : []
  const system = files.exists('/etc/cron.d') ? files.readDirectory('/etc/cron.d').filter((entry) => /^[A-Za-z0-9_-]+$/.test(entry.name)).map((entry): [string, string | undefined] => [`/etc/cron.d/${entry.name}`, undefined]) : []
  return [...own, ...system, ['/etc/crontab', undefined] as [string, undefined]].flatMap(([path, owner]) => {
    const parsed = files.exists(path) ? parseTable(files.readText(path), owner) : []
    return typeof parsed === 'string' ? [] : parsed
  })
}

function start(process: Process, job: Job): void {
  const user = findUser(process.files, job.user)
  if (!user) return
  const { kernel } = process as Task
  kernel.journal.append({ PRIORITY: '6', SYSLOG_FACILITY: '9', SYSLOG_IDENTIFIER: 'CRON', _TRANSPORT: 'syslog', _PID: String(process.pid), _COMM: 'cron', _SYSTEMD_UNIT: 'cron.service', MESSAGE: `(${user.name}) CMD (${job.command})` })
  process.background(async () => {
    const devNull = process.files.open('/dev/null', { read: true, write: true })
    await process.spawn('/bin/sh', ['/bin/sh', '-c', job.command], { env: cronEnvironment(user), cwd: process.files.exists(user.home) ? user.home : '/', descriptors: new Map([[0, devNull], [1, devNull], [2, devNull]]), session: {}, ...(user.uid === 0 ? {} : { credentials: { uid: user.uid, euid: user.uid, gid: user.gid, egid: user.gid, groups: groupsOf(process.files, user) } }) }).wait()
  })
}

function cronEnvironment(user: User): Map<string, string> {
  const env = loginEnvironment(user, undefined)
  env.set('PATH', '/usr/bin:/bin').set('SHELL', '/bin/sh')
  return env
}
