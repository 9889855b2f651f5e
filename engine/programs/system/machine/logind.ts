/** systemd-logind as far as going down is concerned: inhibitors that delay or block it. And `systemd-inhibit`. */
import { list, option, parseFlags, flag, UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { exitCodeOf } from '#engine/linux/abi/signals'
import { parseSpan } from '#engine/linux/systemd/unitfile'
import { callManager } from '#engine/linux/systemd/bus'
import { callLogin, type Inhibitor, loginHandler, loginSocket, takeInhibitor } from '#engine/linux/systemd/login'

interface Lock extends Inhibitor {
  readonly tell: () => void
}

const defaultDelayMs = 5000

class Logind {
  private readonly locks = new Set<Lock>()
  private delayMs: number
  private freed: (() => void) | undefined
  private going = false

  constructor(private readonly process: Process) {
    this.delayMs = this.readDelay()
  }

  reload(): void {
    this.delayMs = this.readDelay()
  }

  serve(): void {
    const { files, net } = this.process
    files.mkdirAll('/run/systemd')
    if (files.exists(loginSocket)) files.unlink(loginSocket)
    net.serveHttp({ unix: loginSocket }, loginHandler({
      inhibitors: async () => this.shown(),
      delayLimit: async () => this.delayMs,
      shutdown: async ({ how, force }) => {
        const blocking = this.shown().filter((lock) => lock.mode === 'block' && covers(lock))
        if (blocking.length > 0 && !force) return blocking
        this.process.background(() => this.goDown(how))
        return []
      },
    }, (lock, signal) => this.hold(lock, signal)))
  }

  private shown(): Inhibitor[] {
    return [...this.locks].map(({ tell: _tell, ...lock }) => lock)
  }

  /** Held until the other side hangs up; one word when the machine is about to go down. */
  private async *hold(given: Inhibitor, signal: AbortSignal | undefined): AsyncGenerator<'shutdown'> {
    let wake: () => void = () => undefined
    let told = false
    const lock: Lock = { ...given, tell: () => ((told = true), wake()) }
    const gone = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }))
    this.locks.add(lock)
    try {
      await Promise.race([gone, new Promise<void>((resolve) => (wake = resolve))])
      if (!told) return
      yield 'shutdown'
      await gone
    } finally {
      this.locks.delete(lock)
      this.freed?.()
    }
  }

  private async goDown(how: 'reboot' | 'poweroff'): Promise<void> {
    if (this.going) return
    this.going = true
    await this.say(how === 'reboot' ? 'The system will reboot now!' : 'The system will power off now!')
    const delaying = (): Lock[] => [...this.locks].filter((lock) => lock.mode === 'delay' && covers(lock))
    for (const lock of delaying()) lock.tell()
    const limit = new Promise<void>((resolve) => void this.process.clock.after(this.delayMs, () => resolve()))
    while (delaying().length > 0) {
      const freed = new Promise<'freed'>((resolve) => (this.freed = () => resolve('freed')))
      if ((await Promise.race([freed, limit])) === 'freed') continue
      for (const lock of delaying()) await this.say(`Delay lock is active (UID ${lock.uid}/${lock.user}, PID ${lock.pid}/${lock.comm}) but inhibitor timeout is reached.`)
      break
    }
    await this.say(how === 'reboot' ? 'System is rebooting.' : 'System is powering down.')
    await callManager(this.process, 'halt', { how })
  }

  /** Its standard error is the journal. */
  private say(text: string): Promise<void> {
    return this.process.stderr.write(`${text}\n`)
  }

  /** InhibitDelayMaxSec= of logind.conf and what lies in logind.conf.d, the last one counts. */
  private readDelay(): number {
    const { files } = this.process
    const directory = '/etc/systemd/logind.conf.d'
    const dropIns = files.exists(directory) ? files.readDirectory(directory).map(({ name }) => name).filter((name) => name.endsWith('.conf')).sort() : []
    let found = defaultDelayMs
    for (const path of ['/etc/systemd/logind.conf', ...dropIns.map((name) => `${directory}/${name}`)]) {
      const text = files.exists(path) ? files.readText(path) : ''
      for (const [, value = ''] of text.matchAll(/^InhibitDelayMaxSec\s*=\s*(\S+)/gm)) found = parseSpan(value) ?? found
    }
    return found
  }
}

function covers(lock: Inhibitor): boolean {
  return lock.what.split(':').includes('shutdown')
}

export const logind: Program = {
  name: 'systemd-logind',
  unsupported: 'seats, lid switches, sessions on its bus',
  async run(process) {
    process.setMemory(8 * 1024 * 1024)
    const daemon = new Logind(process)
    daemon.serve()
    process.handle('SIGHUP', () => daemon.reload())
    return new Promise<number>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.handle(signal, () => resolve(0))
    })
  },
}

export const systemdInhibit: Program = {
  name: 'systemd-inhibit',
  async run(process) {
    try {
      const { values, operands } = parseFlags({ list: flag('--list'), what: option('--what'), who: option('--who'), why: option('--why'), mode: option('--mode'), plain: flag('--no-legend'), pager: flag('--no-pager'), rest: list('--') }, process.argv.slice(1), true)
      if (values.list || operands.length === 0) return await listInhibitors(process, !values.plain)
      const held = await takeInhibitor(process, { who: values.who ?? operands.join(' '), what: values.what ?? 'idle:sleep:shutdown', why: values.why ?? 'Unknown reason', mode: values.mode === 'delay' ? 'delay' : 'block' })
      if (!held) return await unreachable(process)
      process.background(async () => void (await drain(held.events)))
      const [program = ''] = operands
      const path = program.includes('/') ? program : (process.env.get('PATH') ?? '/usr/bin:/bin').split(':').map((directory) => `${directory}/${program}`).find((each) => process.files.exists(each))
      if (path === undefined || !process.files.exists(path)) {
        await process.stderr.write(`Failed to execute : No such file or directory\n`)
        return 1
      }
      const code = exitCodeOf(await process.spawn(path, operands).wait())
      held.release()
      return code
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      await process.stderr.write(`systemd-inhibit: ${error.message}\n`)
      return 1
    }
  },
}

async function drain(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _event of events) void _event
}

async function unreachable(process: Process): Promise<number> {
  await process.stderr.write('Failed to inhibit: Unit dbus-org.freedesktop.login1.service not found.\n')
  return 1
}

async function listInhibitors(process: Process, legend: boolean): Promise<number> {
  const found = await callLogin(process, 'inhibitors', {})
  if (!found) return unreachable(process)
  const head = ['WHO', 'UID', 'USER', 'PID', 'COMM', 'WHAT', 'WHY', 'MODE']
  const rows = found.map((lock) => [lock.who, String(lock.uid), lock.user, String(lock.pid), lock.comm, lock.what, lock.why, lock.mode])
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[]): string => `${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' ')}\n`
  if (rows.length > 0) await process.stdout.write([...(legend ? [head] : []), ...rows].map(line).join(''))
  if (legend) await process.stdout.write(rows.length > 0 ? `\n${rows.length} inhibitors listed.\n` : 'No inhibitors.\n')
  return 0
}
