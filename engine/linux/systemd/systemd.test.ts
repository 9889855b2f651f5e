import { describe, expect, it } from 'vitest'
import { SeededRandom } from '#engine/base/random'
import type { Program } from '#engine/linux/abi/program'
import { readJournal } from '#engine/linux/journald/reader'
import { Machine } from '#engine/linux/machine'
import { Fabric } from '#engine/linux/net/fabric'
import { MachineNetwork } from '#engine/linux/net/machine'
import { type JobKind, callManager, type ManagerCalls } from '#engine/linux/systemd/bus'
import { parseCalendar } from '#engine/linux/systemd/calendar'
import { splitWords } from '#engine/linux/systemd/command'
import { span } from '#engine/linux/systemd/format'
import { systemd } from '#engine/linux/systemd/pid1'
import { standardUnits, standardVendorLinks } from '#engine/linux/systemd/units.table'
import { type TestMachine, testMachine } from '#engine/linux/testing/testmachine'
import { VirtualClock } from '#engine/base/clock'

const daemon: Program = {
  name: 'daemon',
  async run(process) {
    await process.stdout.write(`hello from ${process.env.get('WHO') ?? 'nobody'}\n`)
    await process.clock.sleep(Number(process.argv[1] ?? 3600) * 1000)
    return Number(process.argv[2] ?? 0)
  },
}

function boot(units: Readonly<Record<string, string>>): TestMachine {
  const clock = new VirtualClock(0)
  const files: Record<string, string> = { '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n' }
  for (const [name, text] of Object.entries(standardUnits)) if (/\.(target|slice)$/.test(name)) files[`/lib/systemd/system/${name}`] = text
  for (const [name, text] of Object.entries(units)) files[`/etc/systemd/system/${name}`] = text
  const vendor = standardVendorLinks.find(([name]) => name === 'default.target')
  files['/lib/systemd/system/default.target'] = standardUnits[vendor?.[1] ?? ''] ?? ''
  return testMachine({ programs: [systemd, daemon], files, network: new MachineNetwork(new Fabric(clock, new SeededRandom('net')), 'base') })
}

async function call<K extends keyof ManagerCalls>(test: TestMachine, name: K, take: ManagerCalls[K]['take']): Promise<ManagerCalls[K]['give']> {
  let answer: ManagerCalls[K]['give'] | undefined
  await test.body(async (process) => {
    answer = await callManager(process, name, take)
    return 0
  })
  return answer as ManagerCalls[K]['give']
}

const job = async (test: TestMachine, kind: JobKind, unit: string): Promise<string | undefined> => (await call(test, 'job', { kind, units: [unit], wait: true }))[0]?.result
const show = async (test: TestMachine, unit: string): Promise<ManagerCalls['show']['give'][number]> => (await call(test, 'show', { units: [unit] }))[0] as ManagerCalls['show']['give'][number]
const said = (test: TestMachine): string[] => readJournal(test.machine.files, {}).map((entry) => `${entry.fields['SYSLOG_IDENTIFIER'] ?? ''}: ${entry.fields['MESSAGE'] ?? ''}`)

describe('services', () => {
  it('start, write to the journal, and stop by SIGTERM', async () => {
    const test = boot({ 'web.service': '[Unit]\nDescription=Web\n[Service]\nEnvironment=WHO=unit\nExecStart=/usr/bin/daemon\n' })
    await test.advance(1000)
    expect(await job(test, 'start', 'web.service')).toBe('done')
    expect(await show(test, 'web.service')).toMatchObject({ activeState: 'active', subState: 'running', mainCommand: 'daemon', cgroup: '/system.slice/web.service' })
    await test.advance(100)
    expect(await job(test, 'stop', 'web.service')).toBe('done')
    expect(said(test)).toEqual(expect.arrayContaining(['systemd: Started web.service - Web.', 'daemon: hello from unit', 'systemd: web.service: Deactivated successfully.', 'systemd: Stopped web.service - Web.']))
  })

  it('sign every line that they write at once, the second as the first', async () => {
    const test = boot({ 'talk.service': '[Service]\nEnvironment="WHO=one\\nand two"\nExecStart=/usr/bin/daemon\n' })
    await test.advance(1000)
    await job(test, 'start', 'talk.service')
    await test.advance(100)
    const lines = readJournal(test.machine.files, {}).filter((entry) => entry.fields['SYSLOG_IDENTIFIER'] === 'daemon')
    expect(lines.map((entry) => [entry.fields['MESSAGE'], entry.fields['_COMM']])).toEqual([['hello from one', 'daemon'], ['and two', 'daemon']])
  })

  it('are restarted as Restart= says, until the start limit', async () => {
    const test = boot({ 'crash.service': '[Service]\nExecStart=/usr/bin/daemon 0.1 7\nRestart=on-failure\nRestartSec=100ms\n' })
    await test.advance(1000)
    await job(test, 'start', 'crash.service')
    await test.advance(20_000)
    const unit = await show(test, 'crash.service')
    expect(unit).toMatchObject({ activeState: 'failed', result: 'exit-code' })
    expect(said(test)).toEqual(expect.arrayContaining(['systemd: crash.service: Main process exited, code=exited, status=7/NOTRUNNING', 'systemd: crash.service: Scheduled restart job, restart counter is at 5.', 'systemd: crash.service: Start request repeated too quickly.']))
  })

  it('fail with their dependencies, and are not found, masked or badly written', async () => {
    const test = boot({ 'a.service': '[Unit]\nRequires=b.service\nAfter=b.service\n[Service]\nExecStart=/usr/bin/daemon\n', 'b.service': '[Service]\nType=oneshot\nExecStart=/usr/bin/daemon 0 3\n', 'bad.service': '[Service\nExecStart=x\n', 'empty.service': '[Service]\nType=simple\n' })
    await test.advance(1000)
    expect(await job(test, 'start', 'a.service')).toBe('dependency')
    expect(await job(test, 'start', 'nosuch.service')).toBe('not-found')
    expect(await job(test, 'start', 'bad.service')).toBe('error')
    expect(await job(test, 'start', 'empty.service')).toBe('bad-setting')
  })

  it('count an edit only after a reload while they run', async () => {
    const test = boot({ 'web.service': '[Service]\nExecStart=/usr/bin/daemon\n' })
    await test.advance(1000)
    await job(test, 'start', 'web.service')
    await test.advance(10)
    test.machine.files.appendFile('/etc/systemd/system/web.service', '# changed\n')
    expect(await show(test, 'web.service')).toMatchObject({ needsReload: true })
    await call(test, 'reload', {})
    expect(await show(test, 'web.service')).toMatchObject({ needsReload: false, activeState: 'active' })
  })

  it('come back after a snapshot with the same pid and start time', async () => {
    const test = boot({ 'web.service': '[Service]\nExecStart=/usr/bin/daemon\n' })
    await test.advance(1000)
    await job(test, 'start', 'web.service')
    await test.advance(5000)
    const before = await show(test, 'web.service')
    const { disk, running } = test.machine.snapshot()
    const machine = new Machine({ name: 'base', clock: test.clock, random: new SeededRandom('again'), programs: new Map([systemd, daemon].map((each) => [each.name, each])), network: new MachineNetwork(new Fabric(test.clock, new SeededRandom('net')), 'base'), disk, ...(running ? { running } : {}) })
    machine.boot()
    await test.advance(100)
    expect(machine.kernel.pidNamespace.tasks.get(before.mainPid)).toMatchObject({ command: 'daemon', startedAtMs: before.ran[0]?.startedAtMs, resumed: true })
  })
})

describe('words and times', () => {
  it('of systemd are read and printed in its ways', () => {
    expect(splitWords(`/bin/sh -c "echo one; echo 'two'" 'a b'`)).toEqual(['/bin/sh', '-c', "echo one; echo 'two'", 'a b'])
    expect(splitWords('open "quote')).toBeUndefined()
    expect([span(96_000), span(313), span(63_512), span(10_000)]).toEqual(['1min 36s', '313ms', '1min 3.512s', '10s'])
    expect(parseCalendar('daily')?.normalized).toBe('*-*-* 00:00:00')
    expect(parseCalendar('Mon..Fri 09:00')?.normalized).toBe('Mon..Fri *-*-* 09:00:00')
    expect(parseCalendar('bad')).toBeUndefined()
    expect(parseCalendar('*-*-* 03:00:00')?.next(Date.UTC(2026, 10, 21, 4))).toBe(Date.UTC(2026, 10, 22, 3))
  })
})
