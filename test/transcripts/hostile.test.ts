/** What a careless or curious hand types: each is limited or can be interrupted, and the machine works on. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeClusterSnapshot, profiles } from '#engine/cluster/index'
import { ClusterHost } from '#app/host/cluster-host'

let host: ClusterHost

beforeAll(() => {
  const image = decodeClusterSnapshot(new Uint8Array(readFileSync('dist/images/one.image')))
  host = ClusterHost.resume({ profile: profiles.one.name, seed: 'hostile', startMs: image.atMs }, image)
  host.driver.start()
})

afterAll(() => host.stop())

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield* []
  await Promise.resolve()
}

/** Runs a command on `base` until it ends or is hung up. */
async function run(command: string, hangUpAfterMs = 20_000): Promise<{ out: string; code: number }> {
  let out = ''
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), hangUpAfterMs)
  const collect = (bytes: Uint8Array): void => void (out.length < 100_000 && (out += new TextDecoder().decode(bytes)))
  const code = await host.cluster.exec('base', ['bash', '-c', command], { stdin: nothing(), stdout: collect, stderr: collect, signal: abort.signal })
  clearTimeout(timer)
  return { out, code }
}

/** Types at a terminal; resolves with what it showed. */
async function typed(keys: readonly string[]): Promise<string> {
  let shown = ''
  const terminal = host.cluster.openTerminal('base', { columns: 80, rows: 24 }, (bytes) => (shown = (shown + new TextDecoder().decode(bytes)).slice(-20_000)))
  for (let i = 0; i < 100 && !shown.endsWith('# '); i++) await wait(20)
  for (const key of keys) {
    host.driver.enter()
    terminal.write(new TextEncoder().encode(key))
    await wait(150)
  }
  for (let i = 0; i < 250 && !shown.includes('still here'); i++) await wait(20)
  terminal.close()
  return shown
}

const processes = async (): Promise<number> => Number((await run('ps -e --no-headers | wc -l')).out)

describe('a hostile command', () => {
  it.each([
    ['endless recursion', 'f() { f; }; f', 'maximum function nesting level exceeded'],
    ['an endless line', 'tail /dev/zero', 'tail: memory exhausted'],
    ['a sort of everything', 'sort /dev/zero', 'sort: memory exhausted'],
    ['a variable that doubles', 'x=a; while :; do x=$x$x; done', 'xrealloc: cannot allocate'],
    ['a string that doubles in awk', `awk 'BEGIN { s = "x"; while (1) s = s s }'`, 'awk: out of memory'],
    ['a list without end in jq', `jq -n '[range(1e9)] | length'`, 'Evaluation takes more steps'],
    ['braces without end', 'echo {1..100000000}', 'brace expansion: cannot allocate memory'],
    ['a pattern that backtracks', '[[ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! =~ ^(a+)+$ ]]; echo "no: $?"', 'no: 1'],
  ])('%s gets a clear end', async (_, command, words) => {
    expect((await run(command)).out).toContain(words)
  })

  it('that forks for ever meets the limit of its session, and ends with it', async () => {
    const bomb = run(':(){ :|:& };:; sleep 60', 2500)
    await wait(1200)
    expect((await run('echo works')).out).toBe('works\n')
    expect((await bomb).out).toContain('fork: retry: Resource temporarily unavailable')
    for (let i = 0; i < 50 && (await processes()) > 100; i++) await wait(100)
    expect(await processes()).toBeLessThan(100)
  })

  it('with ten megabytes in a line is answered', async () => {
    expect((await run(`head -c 10000000 /dev/zero | tr '\\0' a | wc`)).out.trim()).toMatch(/^0 +1 +10000000$/)
  })
})

describe('^C at a terminal', () => {
  it.each(['yes', 'yes | cat', 'while :; do :; done', 'for ((;;)); do ((i++)); done', 'cat /dev/urandom | base64', 'x=$(yes)', 'read line', 'sleep 100 | sleep 100', 'wait; read -n 3 x; select y in a b; do :; done'])('ends %s', async (command) => {
    expect(await typed([`${command}\r`, '\x03', 'echo "still" here\r'])).toMatch(/still here\r\n/)
  })
})
