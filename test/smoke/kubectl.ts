/** Real kubectls of this machine, and one of them at work in a namespace and folder of its own. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { accessSync, constants, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/** As far as it is used here; its own types name another package. */
interface Pty {
  spawn(file: string, args: readonly string[], options: { cwd: string; env: Record<string, string>; cols: number; rows: number }): {
    onData(listen: (data: string) => void): unknown
    onExit(listen: (event: { exitCode: number }) => void): unknown
    write(data: string): void
    kill(): void
  }
}

export interface Found {
  readonly path: string
  /** `1.35.4`. */
  readonly version: string
}

function candidates(): string[] {
  const named = (process.env['KUBECTLS'] ?? '').split(/[\s:]+/).filter((path) => path !== '')
  if (named.length > 0) return named
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => existsSync(folder))
  // Cloud SDKs keep older versions beside the one they link to.
  const linked = folders.map((folder) => join(folder, 'gcloud')).filter((path) => existsSync(path)).map((path) => dirname(realpathSync(path)))
  return [...folders, ...linked].flatMap((folder) => readdirSync(folder).filter((name) => /^kubectl(?:\.\d+\.\d+)?$/.test(name)).map((name) => join(folder, name)))
}

/** One of each minor version, the oldest first. */
export function findKubectls(): Found[] {
  const found = new Map<string, Found>()
  for (const path of candidates()) {
    if (!isExecutable(path)) continue
    const { stdout } = spawnSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' })
    const version = /"gitVersion":\s*"v(\d+\.\d+\.\d+)/.exec(stdout)?.[1]
    const minor = version?.split('.').slice(0, 2).join('.')
    if (version !== undefined && minor !== undefined && !found.has(minor)) found.set(minor, { path, version })
  }
  return [...found.values()].sort((a, b) => Number(a.version.split('.')[1]) - Number(b.version.split('.')[1]))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export interface Ended {
  readonly out: string
  readonly code: number
}

/** A kubectl that goes on. */
export interface Going {
  readonly text: () => string
  readonly until: (pattern: RegExp) => Promise<string>
  readonly end: () => void
}

export class Kubectl {
  readonly folder = mkdtempSync(join(tmpdir(), 'seatrial-smoke-'))
  private readonly going: ChildProcess[] = []

  constructor(private readonly path: string, private readonly kubeconfig: string, readonly namespace: string) {}

  private get environment(): NodeJS.ProcessEnv {
    return { PATH: process.env['PATH'], HOME: this.folder, KUBECONFIG: this.kubeconfig, TERM: 'xterm' }
  }

  write(name: string, text: string): string {
    writeFileSync(join(this.folder, name), text)
    return name
  }

  run(args: readonly string[], extra: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {}): Ended {
    const { stdout, stderr, status } = spawnSync(this.path, ['-n', this.namespace, ...args], { cwd: this.folder, env: { ...this.environment, ...extra.env }, encoding: 'utf8', timeout: 60_000, ...(extra.input === undefined ? {} : { input: extra.input }) })
    return { out: `${stdout}${stderr}`, code: status ?? 124 }
  }

  /** Throws where the command fails. */
  ok(args: readonly string[], extra: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {}): string {
    const { out, code } = this.run(args, extra)
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}:\n${out}`)
    return out
  }

  start(args: readonly string[]): Going {
    const child = spawn(this.path, ['-n', this.namespace, ...args], { cwd: this.folder, env: this.environment, stdio: ['ignore', 'pipe', 'pipe'] })
    this.going.push(child)
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => void (text += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => void (text += chunk.toString()))
    return { text: () => text, until: (pattern) => waitFor(() => (pattern.test(text) ? text : undefined), () => `${args.join(' ')} did not print ${String(pattern)} but:\n${text}`), end: () => void child.kill() }
  }

  /** In a terminal, with what is typed. */
  async inTerminal(args: readonly string[], typed: string): Promise<Ended> {
    const pty = createRequire(import.meta.url)('node-pty') as Pty
    const terminal = pty.spawn(this.path, ['-n', this.namespace, ...args], { cwd: this.folder, env: this.environment as Record<string, string>, cols: 80, rows: 24 })
    let out = ''
    terminal.onData((data) => void (out += data))
    const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)))
    setTimeout(() => terminal.write(typed), 1500)
    const limit = setTimeout(() => terminal.kill(), 20_000)
    const code = await ended
    clearTimeout(limit)
    return { out, code }
  }

  close(): void {
    for (const child of this.going) child.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export async function waitFor<T>(probe: () => T | undefined, problem: () => string, limitMs = 20_000): Promise<T> {
  const deadline = Date.now() + limitMs
  for (;;) {
    const value = probe()
    if (value !== undefined) return value
    if (Date.now() > deadline) throw new Error(problem())
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
