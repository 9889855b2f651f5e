/** Keys at a terminal and what its screen shows then; compared once with bash 5.2 on a real Debian 12, key by key. */
import { readFileSync } from 'node:fs'
import { Terminal } from '@xterm/headless'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeClusterSnapshot, profiles } from '#engine/cluster/index'
import { ClusterHost } from '#app/host/cluster-host'

let host: ClusterHost

beforeAll(() => {
  const image = decodeClusterSnapshot(new Uint8Array(readFileSync('dist/images/one.image')))
  host = ClusterHost.resume({ profile: profiles.one.name, seed: 'terminal', startMs: image.atMs }, image)
  host.driver.start()
})

afterAll(() => host.stop())

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

class Desk {
  private readonly screen = new Terminal({ cols: 80, rows: 24, allowProposedApi: true })
  private readonly terminal = host.cluster.openTerminal('base', { columns: 80, rows: 24 }, (bytes) => this.screen.write(bytes))

  type(keys: string): void {
    host.driver.enter()
    this.terminal.write(new TextEncoder().encode(keys))
  }

  lines(): string[] {
    const { active } = this.screen.buffer
    return Array.from({ length: active.length }, (_, index) => active.getLine(index)?.translateToString(true) ?? '').join('\n').trimEnd().split('\n')
  }

  /** Waits until the screen shows it. */
  async shows(text: string, ms = 20_000): Promise<void> {
    for (let passed = 0; passed < ms && !this.lines().join('\n').includes(text); passed += 20) await wait(20)
    expect(this.lines().join('\n')).toContain(text)
  }

  close(): void {
    this.terminal.close()
  }
}

let desks = 0

/** A shell with a plain prompt in a folder of its own, its screen clear. */
async function desk(): Promise<Desk> {
  const made = new Desk()
  const folder = `/tmp/desk${++desks}`
  made.type(`mkdir -p ${folder}/sub; cd ${folder}; touch alpha.txt alpine.txt 'sp ace.txt' sub/one; exec env -i HOME=${folder} TERM=xterm PATH=/usr/bin PS1='$ ' bash --norc\r`)
  await made.shows('\n$')
  made.type('clear\r')
  await wait(150)
  return made
}

const ctrl = (key: string): string => String.fromCharCode(key.charCodeAt(0) & 31)

describe('a shell at a terminal', () => {
  it.concurrent.each<[string, string[], string[]]>([
    ['ends the whole line with ^C, loops and lists too', ['while true; do sleep 1; done\r', ctrl('C'), 'sleep 30; echo after\r', ctrl('C'), 'echo $?\r'], ['$ while true; do sleep 1; done', '^C', '$ sleep 30; echo after', '^C', '$ echo $?', '130', '$']],
    ['gives ^C to a job that was brought forward', ['sleep 100 &\r', 'sleep 200 | cat &\r', 'fg %1 2>&1 | cat; fg %1\r', ctrl('C'), 'jobs\r'], ['bash: fg: no job control', 'sleep 100', '^C', '$ jobs', '[2]+  Running                 sleep 200 | cat &', '$']],
    ['gives up a substitution that never ends', ['x=$(yes)\r', ctrl('C'), 'echo works\r'], ['$ x=$(yes)', '^C', '$ echo works', 'works', '$']],
    ['expands what refers to earlier lines', ['echo a b c\r', 'echo !$ !^ !*\r', '^a^z^\r', '!!:s/z/q/:p\r', '!nope\r'], ['echo c a a b c', 'c a a b c', '$ ^a^z^', 'echo c z a b c', 'c z a b c', '$ !!:s/z/q/:p', 'echo c q a b c', '$ !nope', 'bash: !nope: event not found', '$']],
    ['remembers a line before it runs', ['history -c\r', 'echo 1\r', 'history\r'], ['    1  echo 1', '    2  history', '$']],
    ['takes the last word of earlier lines, one further back each time', ['echo first arg\r', 'echo second thing\r', 'echo \x1b.', '\x1b.', '\r'], ['$ echo arg', 'arg', '$']],
    ['goes on after a backslash at the end', ['echo a \\\r', 'b\r'], ['$ echo a \\', '> b', 'a b', '$']],
    ['joins the lines of a loop in its history', ['for i in 1 2\r', 'do echo $i\r', 'done\r', '\x1b[A'], ['1', '2', '$ for i in 1 2; do echo $i; done']],
    ['lists what Tab could mean only when nothing more can be added', ['cat al\t', '\t', '\t'], ['$ cat alp', 'alpha.txt   alpine.txt  ', '$ cat alp']],
    ['completes inside quotes', ["cat 'sp\t", '\r'], ["$ cat 'sp ace.txt' ", '$']],
    ['says exit, and warns of stopped jobs once', ['sleep 30\r', ctrl('Z'), 'exit\r', 'echo stays\r'], ['[1]+  Stopped                 sleep 30', '$ exit', 'exit', 'There are stopped jobs.', '$ echo stays', 'stays', '$']],
    ['words complaints alike in the shell and in its copies, and tells of jobs that ended before the next command', ['clear; (nosuch); f() { nosuch; }; f | cat; nosuch & sleep 0.3; echo $(cd /nosuch)\r'], ['bash: nosuch: command not found', 'bash: nosuch: command not found', expect.stringMatching(/^\[1\] \d+$/) as string, 'bash: nosuch: command not found', '[1]+  Exit 127                nosuch', 'bash: cd: /nosuch: No such file or directory', '', '$']],
    ['shows each process of a stopped pipeline', ['sleep 30 | cat\r', ctrl('Z'), 'jobs -l | grep -c .; jobs\r'], ['2', '[1]+  Stopped                 sleep 30 | cat', '$']],
  ])('%s', async (_, keys, ending) => {
    const at = await desk()
    for (const key of keys) {
      at.type(key)
      await wait(250)
    }
    await at.shows(ending.at(-1) as string)
    expect(at.lines().slice(-ending.length)).toEqual(ending)
    at.close()
  })
})

describe('a long here-document', () => {
  it('is taken line by line, however it was pasted', async () => {
    const at = await desk()
    const lines = Array.from({ length: 1500 }, (_, index) => `  key${index}: value with a 'quote and $((1+1))`)
    for (let i = 0; i < lines.length; i += 100) {
      at.type(`${i === 0 ? "cat <<'EOF' | wc -l\r" : ''}${lines.slice(i, i + 100).join('\r')}\r`)
      await wait(30)
    }
    at.type('EOF\r')
    await at.shows('\n1500\n$')
    at.close()
  })
})

describe('a substitution that has taken in megabytes', () => {
  it('is given up at once with ^C', async () => {
    const at = await desk()
    at.type('x=$(yes)\r')
    await wait(1500)
    at.type(ctrl('C'))
    at.type('echo answers\r')
    await at.shows('\nanswers', 20_000)
    at.close()
  })
})

describe('a login', () => {
  it('is a shell that calls itself by a dash', async () => {
    const at = new Desk()
    at.type('nosuch; echo $0\r')
    await at.shows('-bash: nosuch: command not found\n-bash\n')
    at.close()
  })
})

describe('a line of many rows', () => {
  it('is written once, however it is typed, and stays what it is', async () => {
    const at = await desk()
    const line = `echo ${'0123456789'.repeat(40)}`
    for (let i = 0; i < line.length; i += 7) {
      at.type(line.slice(i, i + 7))
      if (i % 70 === 0) await wait(5)
    }
    at.type('\x1b[D\x7f\r')
    const typed = `$ ${line.slice(0, -2)}9`
    await at.shows('\n$')
    const rows = (text: string): string[] => text.match(/.{1,80}/g) ?? []
    expect(at.lines()).toEqual([...rows(typed), ...rows(typed.slice('$ echo '.length)), '$'])
    at.close()
  })
})

/** Alone on two cores each takes a third of a second; a test under load only says that it comes to an end. */
const patienceMs = 20_000

describe('ten megabytes without a newline', () => {
  const flood = 'a'.repeat(10 * 1024 * 1024)

  it.each([
    ['pasted in brackets', `\x1b[200~${flood}\x1b[201~`, 'the pasted text has'],
    ['typed', `${flood}\r`, 'line too long'],
  ])('%s, are refused, and the shell works on', async (_, keys, words) => {
    const at = await desk()
    at.type(keys)
    await at.shows(words, patienceMs)
    at.type('echo works on\r')
    await at.shows('\nworks on')
    at.close()
  })

  it('given to cat, are cut as the kernel cuts a line, and the terminal works on', async () => {
    const at = await desk()
    at.type('cat | wc -c\r')
    await wait(300)
    at.type(`${flood}\r`)
    await wait(50)
    at.type(ctrl('D'))
    await at.shows('4096\n$', patienceMs)
    at.close()
  })
})
