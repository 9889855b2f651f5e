// What measures work with: a home of their own, the command line, a cluster of three nodes that is up, programs inside the host.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const bin = 'bin/seatrial.mjs'

export class Room {
  home = mkdtempSync(join(tmpdir(), 'seatrial-bench-'))
  env = { ...process.env, SEATRIAL_HOME: this.home }
  #shared

  /** Runs the command line to its end; throws where it fails. */
  cli(...args) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { env: this.env, encoding: 'utf8' })
    if (status !== 0) throw new Error(`seatrial ${args.join(' ')}: ${stderr}`)
    return stdout
  }

  /** A cluster in a process of its own, up when this resolves. */
  async up(home, ...flags) {
    const kubeconfig = join(home, 'kubeconfig')
    // As npx does: its first line says how Node is to run it.
    const [program, ...before] = process.platform === 'win32' ? [process.execPath, bin] : [`./${bin}`]
    const child = spawn(program, [...before, 'cluster', 'up', '--kubeconfig', kubeconfig, ...flags], { env: { ...this.env, SEATRIAL_HOME: home }, stdio: ['ignore', 'pipe', 'pipe'] })
    await new Promise((resolve, reject) => {
      let told = ''
      child.stderr.on('data', (text) => (told += text))
      child.stdout.on('data', (text) => /Kubernetes API/.test(String(text)) && resolve())
      child.on('exit', (code) => reject(new Error(`cluster up ended with ${code}: ${told}`)))
    })
    return { pid: child.pid, api: new Api(readFileSync(kubeconfig, 'utf8')), end: () => ended(child) }
  }

  /** The cluster of three nodes that most measures share, idle for a while. */
  shared() {
    this.#shared ??= this.up(this.home, '--profile', 'three')
    return this.#shared
  }

  folder(name) {
    const path = join(this.home, name)
    mkdirSync(path, { recursive: true })
    return path
  }

  /** Bundles scripts/bench/inside/NAME.ts and runs it in a process of its own; resolves with the JSON of its last line. */
  async inside(name, ...args) {
    const { build } = await import('esbuild')
    const outfile = `dist/bench/${name}.mjs`
    const banner = { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" }
    await build({ entryPoints: [`scripts/bench/inside/${name}.ts`], outfile, bundle: true, platform: 'node', target: 'node20', format: 'esm', banner, external: ['node-pty'], logLevel: 'error' })
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--max-old-space-size=8192', outfile, ...args.map(String)], { env: this.env, encoding: 'utf8', maxBuffer: 1 << 26 })
    if (status !== 0) throw new Error(`${name}: ${stderr || stdout}`)
    return JSON.parse(stdout.trim().split('\n').at(-1))
  }

  async close() {
    if (this.#shared) await this.#shared.then((cluster) => cluster.end(), () => undefined)
    rmSync(this.home, { recursive: true, force: true })
  }
}

function ended(child) {
  return new Promise((resolve) => {
    child.removeAllListeners('exit')
    child.on('exit', resolve)
    child.kill('SIGINT')
  })
}

/** Requests to a cluster on loopback with the certificate of its kubeconfig, over connections that are kept. */
export class Api {
  constructor(kubeconfig) {
    const field = (name) => new RegExp(`${name}: (\\S+)`).exec(kubeconfig)?.[1] ?? ''
    const pem = (name) => Buffer.from(field(name), 'base64')
    this.url = new URL(field('server'))
    this.agent = new Agent({ keepAlive: true, ca: pem('certificate-authority-data'), cert: pem('client-certificate-data'), key: pem('client-key-data') })
  }

  /** Status and JSON of an answer. */
  call(method, path, body, headers = {}) {
    return new Promise((resolve, reject) => {
      const sent = request({ host: this.url.hostname, port: this.url.port, method, path, agent: this.agent, headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers } }, (answer) => {
        const chunks = []
        answer.on('data', (chunk) => chunks.push(chunk))
        answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString() }))
      })
      sent.on('error', reject)
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }
}

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** The value below which the given share of all lies. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}

/** Mebibytes that a process holds in memory. */
export function residentMebibytes(pid) {
  return Number(spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout) / 1024
}

/** Seconds of processor time that a process has used. */
export function processorSeconds(pid) {
  const text = spawnSync('ps', ['-o', 'cputimes=', '-p', String(pid)], { encoding: 'utf8' }).stdout
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    // No /proc: whole seconds have to do.
    return Number(text)
  }
}
