/** `uptime`, `free`, `top`, `vmstat`, `w`, `last`. */
import { count, flag, option, optional, parseFlags, UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { userName } from '#engine/linux/users/accounts'
import { contextOf } from './columns'
import { fitCommand, topColumns } from './top'

const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')

export function uptimeLine(process: Process): string {
  const date = new Date(process.clock.now())
  const seconds = Number(process.files.readText('/proc/uptime').split(' ')[0])
  const days = Math.floor(seconds / 86400)
  const hours = Math.floor(seconds / 3600) % 24
  const minutes = Math.floor(seconds / 60) % 60
  const up = `${days > 0 ? `${days} day${days > 1 ? 's' : ''}, ` : ''}${hours > 0 ? `${String(hours).padStart(2)}:${two(minutes)}` : `${minutes} min`}`
  const sessions = terminals(process).length
  const load = process.files.readText('/proc/loadavg').split(' ').slice(0, 3).join(', ')
  return ` ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} up ${up},  ${sessions} user${sessions === 1 ? '' : 's'},  load average: ${load}`
}

/** Who sits at a terminal: one session leader each. */
export function terminals(process: Process): { user: string; tty: string; startedAtMs: number; command: string; pid: number }[] {
  return process.processes().filter((entry) => entry.tty !== undefined && entry.session === entry.pid).map((entry) => ({ user: userName(process.files, entry.uid), tty: (entry.tty ?? '').replace('/dev/', ''), startedAtMs: entry.startedAtMs, command: entry.argv.join(' '), pid: entry.pid }))
}

/** The options of short programs, as their usage lists them. */
const optionLines: Readonly<Record<string, string>> = {
  uptime: `
Options:
 -p, --pretty   show uptime in pretty format
 -h, --help     display this help and exit
 -s, --since    system up since
 -V, --version  output version information and exit
`,
}

function program(name: string, run: (process: Process, args: readonly string[]) => Promise<number>, usageExit = 1): Program {
  return {
    name,
    async run(process) {
      try {
        return await run(process, process.argv.slice(1))
      } catch (error) {
        if (!(error instanceof UsageError)) throw error
        await process.stderr.write(`${error.message === '' ? '' : `${name}: ${error.message}\n`}${name === 'top' ? '' : `\nUsage:\n ${name} [options]\n${optionLines[name] ?? ''}\nFor more details see ${name}(1).\n`}`)
        return usageExit
      }
    },
  }
}

export const uptime = program('uptime', async (process, args) => {
  const { values, operands } = parseFlags({ pretty: flag('-p', '--pretty'), since: flag('-s', '--since') }, args, false)
  if (operands.length > 0) throw new UsageError('')
  const seconds = Number(process.files.readText('/proc/uptime').split(' ')[0])
  if (values.since) {
    const date = new Date(process.clock.now() - seconds * 1000)
    await process.stdout.write(`${date.toISOString().slice(0, 19).replace('T', ' ')}\n`)
  } else if (values.pretty) {
    const parts = [[Math.floor(seconds / 604800), 'week'], [Math.floor(seconds / 86400) % 7, 'day'], [Math.floor(seconds / 3600) % 24, 'hour'], [Math.floor(seconds / 60) % 60, 'minute']] as const
    const shown = parts.filter(([value]) => value > 0).map(([value, unit]) => `${value} ${unit}${value > 1 ? 's' : ''}`)
    await process.stdout.write(`up ${shown.join(', ') || '0 minutes'}\n`)
  } else await process.stdout.write(`${uptimeLine(process)}\n`)
  return 0
})

export function memoryInfo(process: Process): Readonly<Record<string, number>> {
  return Object.fromEntries([...process.files.readText('/proc/meminfo').matchAll(/^(\w+):\s+(\d+)/gm)].map((match) => [match[1] as string, Number(match[2])]))
}

const freeUnits: Readonly<Record<string, number>> = { bytes: 1 / 1024, kibi: 1, mebi: 1024, gibi: 1024 ** 2, kilo: 1000 / 1024, mega: 1e6 / 1024, giga: 1e9 / 1024 }

export const free = program('free', async (process, args) => {
  const { values } = parseFlags({ bytes: flag('-b', '--bytes'), kibi: flag('-k', '--kibi'), mebi: flag('-m', '--mebi'), gibi: flag('-g', '--gibi'), kilo: flag('--kilo'), mega: flag('--mega'), giga: flag('--giga'), human: flag('-h', '--human'), si: flag('--si'), total: flag('-t', '--total'), wide: flag('-w', '--wide'), lohi: flag('-l', '--lohi'), seconds: option('-s', '--seconds'), count: option('-c', '--count') }, args, false)
  const info = memoryInfo(process)
  const get = (name: string): number => info[name] ?? 0
  const unit = Object.keys(freeUnits).find((name) => values[name as 'kibi'])
  const show = (kib: number): string => (values.human ? human(kib * 1024) : String(Math.floor(kib / (freeUnits[unit ?? 'kibi'] ?? 1))))
  const cache = get('Cached') + get('SReclaimable')
  const used = get('MemTotal') - get('MemAvailable')
  const heads = values.wide ? ['total', 'used', 'free', 'shared', 'buffers', 'cache', 'available'] : ['total', 'used', 'free', 'shared', 'buff/cache', 'available']
  const cells = values.wide ? [get('MemTotal'), used, get('MemFree'), get('Shmem'), get('Buffers'), cache, get('MemAvailable')] : [get('MemTotal'), used, get('MemFree'), get('Shmem'), get('Buffers') + cache, get('MemAvailable')]
  const row = (label: string, numbers: readonly number[]): string => `${label.padEnd(8)}${numbers.map((kib) => show(kib).padStart(12)).join('')}\n`
  const total = values.total ? row('Total:', [get('MemTotal'), used, get('MemFree')]) : ''
  await process.stdout.write(`${' '.repeat(8)}${heads.map((head) => head.padStart(12)).join('')}\n${row('Mem:', cells)}${row('Swap:', [get('SwapTotal'), 0, get('SwapFree')])}${total}`)
  return 0
})

function human(bytes: number): string {
  let value = bytes
  for (const unit of ['B', 'Ki', 'Mi', 'Gi', 'Ti']) {
    if (value < 1000 || unit === 'Ti') return value < 10 && unit !== 'B' ? `${(Math.floor(value * 10) / 10).toFixed(1)}${unit}` : `${Math.floor(value)}${unit}`
    value /= 1024
  }
  return String(bytes)
}

export const top = program('top', async (process, args) => {
  const joined = args.map((arg) => (/^-n\d+$/.test(arg) ? `-n${arg.slice(2)}` : arg))
  const { values } = parseFlags({ batch: flag('-b'), number: option('-n'), delay: option('-d'), pids: option('-p'), user: option('-u', '-U'), order: option('-o'), commandLine: flag('-c'), threads: flag('-H'), idle: flag('-i'), secure: flag('-s'), width: optional('-w'), scale: option('-E', '-e'), cumulative: flag('-S'), version: count('-v') }, joined, false)
  if (!values.batch) {
    if (!process.descriptors().get(1)?.tty) {
      await process.stderr.write('top: failed tty get\n')
      return 1
    }
    return interactive(process, Number(values.delay ?? 3) * 1000, values)
  }
  const rounds = values.number === undefined ? Infinity : Number(values.number)
  for (let round = 0; round < rounds; round++) {
    if (round > 0) await process.clock.sleep(Number(values.delay ?? 3) * 1000)
    await process.stdout.write(`${screen(process, values).join('\n')}\n${round + 1 < rounds ? '\n' : ''}`)
  }
  return 0
}, 0)

interface TopValues {
  readonly pids: string | undefined
  readonly user: string | undefined
  readonly order: string | undefined
  readonly commandLine: boolean
}

/** Redraws until `q`. */
async function interactive(process: Process, delayMs: number, values: TopValues): Promise<number> {
  const terminal = process.terminal()
  const before = terminal?.mode()
  terminal?.setMode({ canonical: false, echo: false })
  let quit = false
  process.background(async () => {
    for (let bytes = await process.stdin.read(64); bytes && !quit; bytes = await process.stdin.read(64)) quit = bytes.includes(113) || bytes.includes(3)
  })
  try {
    while (!quit) {
      await draw(process, values)
      for (let waited = 0; waited < delayMs && !quit; waited += 50) await process.clock.sleep(50)
    }
  } finally {
    if (before && !process.dying.aborted) terminal?.setMode(before)
  }
  return 0
}

async function draw(process: Process, values: TopValues): Promise<void> {
  const { rows, columns } = process.terminal() ?? { rows: 24, columns: 80 }
  await process.stdout.write(`\x1b[H\x1b[J${screen(process, values).slice(0, rows - 1).map((line) => line.slice(0, columns)).join('\r\n')}\r\n`)
}

function screen(process: Process, values: TopValues): string[] {
  const context = contextOf(process)
  const all = process.processes()
  const states = (state: string): number => all.filter((entry) => entry.state === state).length
  const info = memoryInfo(process)
  const mib = (kib: number | undefined): string => ((kib ?? 0) / 1024).toFixed(1).padStart(8)
  const wantedPids = values.pids?.split(',').map(Number)
  const shown = all.filter((entry) => (!wantedPids || wantedPids.includes(entry.pid)) && (values.user === undefined || userName(process.files, entry.uid) === values.user)).map((entry) => ({ ...entry, indent: '' }))
  const key = values.order?.replace(/^[+-]/, '') ?? '%CPU'
  shown.sort((a, b) => (key === '%MEM' || key === 'RES' ? b.memoryBytes - a.memoryBytes : key === 'PID' ? b.pid - a.pid : b.cpuMs / Math.max(1, context.nowMs - b.startedAtMs) - a.cpuMs / Math.max(1, context.nowMs - a.startedAtMs)))
  const used = (info['MemTotal'] ?? 0) - (info['MemAvailable'] ?? 0)
  const cache = (info['Buffers'] ?? 0) + (info['Cached'] ?? 0) + (info['SReclaimable'] ?? 0)
  return [
    `top -${uptimeLine(process)}`,
    `Tasks: ${String(all.length).padStart(3)} total, ${String(Math.max(1, states('R'))).padStart(3)} running, ${String(states('S')).padStart(3)} sleeping, ${String(states('T')).padStart(3)} stopped, ${String(states('Z')).padStart(3)} zombie`,
    '%Cpu(s):  0.7 us,  0.3 sy,  0.0 ni, 99.0 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st ',
    `MiB Mem : ${mib(info['MemTotal'])} total, ${mib(info['MemFree'])} free, ${mib(used)} used, ${mib(cache)} buff/cache     `,
    `MiB Swap: ${mib(info['SwapTotal'])} total, ${mib(info['SwapFree'])} free, ${mib(0)} used. ${mib(info['MemAvailable'])} avail Mem `,
    '',
    '    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND',
    ...shown.map((row) => topColumns(row, context, fitCommand(row, values.commandLine))),
  ]
}

export const vmstat = program('vmstat', async (process) => {
  const info = memoryInfo(process)
  await process.stdout.write(`procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----\n r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st\n${[` 1  0`, String(0).padStart(6), String(info['MemFree'] ?? 0).padStart(6), String(info['Buffers'] ?? 0).padStart(6), String(info['Cached'] ?? 0).padStart(6)].join(' ')}    0    0     3    17   52   81  1  0 99  0  0\n`)
  return 0
})

export const w = program('w', async (process, args) => {
  const { values } = parseFlags({ noHeader: flag('-h', '--no-header'), short: flag('-s', '--short'), from: flag('-f', '--from'), ip: flag('-i', '--ip-addr'), old: flag('-o', '--old-style'), current: flag('-u', '--no-current') }, args, false)
  const lines = values.noHeader ? [] : [uptimeLine(process), 'USER     TTY      FROM             LOGIN@   IDLE   JCPU   PCPU WHAT']
  for (const each of terminals(process)) {
    const date = new Date(each.startedAtMs)
    lines.push(`${each.user.padEnd(8)} ${each.tty.padEnd(8)} ${'-'.padEnd(16)} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}    0.00s  0.02s  0.00s ${each.command}`)
  }
  await process.stdout.write(`${lines.join('\n')}\n`)
  return 0
})

export const last = program('last', async (process, args) => {
  const { values } = parseFlags({ number: option('-n', '--limit'), full: flag('-F', '--fulltimes'), noHost: flag('-R', '--nohostname'), system: flag('-x', '--system'), file: option('-f', '--file'), host: flag('-a', '--hostlast'), ip: flag('-i', '--ip'), wide: flag('-w', '--fullnames') }, args.map((arg) => arg.replace(/^-(\d+)$/, '-n$1')), false)
  const stamp = (ms: number): string => {
    const date = new Date(ms)
    return `${['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][date.getUTCDay()]} ${['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`
  }
  const bootedAt = contextOf(process).bootedAtMs
  const rows = [...terminals(process).reverse().map((each) => `${each.user.padEnd(8)} ${each.tty.padEnd(12)} ${''.padEnd(16)} ${stamp(each.startedAtMs)}   still logged in`), `${'reboot'.padEnd(8)} ${'system boot'.padEnd(12)} ${process.uname().release.padEnd(16)} ${stamp(bootedAt)}   still running`]
  await process.stdout.write(`${rows.slice(0, Number(values.number ?? rows.length)).join('\n')}\n\nwtmp begins ${stamp(bootedAt)}:00 ${new Date(bootedAt).getUTCFullYear()}\n`)
  return 0
})
