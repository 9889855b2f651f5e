/** `coredns`: reads its Corefile, serves it, and takes up a changed one while it runs. */
import { withoutStart } from '#engine/base/klog'
import { isErrno, ProcessKilled } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { CorefileError } from '#engine/network/dns/corefile'
import { type PluginHost, SetupError } from '#engine/network/dns/plugin'
import { configurationHash, DnsServer } from '#engine/network/dns/server'
import { goFileError } from '#engine/network/go-flags'

export const coredns: Program = {
  name: 'coredns',
  unsupported: 'plugins beyond those of a kubeadm cluster and hosts, rewrite, template, log',
  async run(process) {
    const version = process.executable.attributes.version ?? '1.13.1'
    const args = process.argv.slice(1)
    const flag = (name: string): string | undefined => {
      const at = args.findIndex((arg) => arg.replace(/^--/, '-').split('=')[0] === `-${name}`)
      return at < 0 ? undefined : (args[at]?.includes('=') ? args[at].split('=').slice(1).join('=') : (args[at + 1] ?? ''))
    }
    const unknown = args.find((arg) => arg.startsWith('-') && !/^--?(conf|dns\.port|p|pidfile|plugins|quiet|version|alsologtostderr|log_.*|logtostderr|v|vmodule)(=|$)/.test(arg))
    if (unknown !== undefined) {
      await process.stderr.write(`flag provided but not defined: ${unknown.replace(/^--/, '-').split('=')[0] ?? ''}\nUsage of ${process.argv[0] ?? 'coredns'}:\n`)
      return 2
    }
    if (args.some((arg) => /^--?version$/.test(arg))) {
      await process.stdout.write(`CoreDNS-${version}\nlinux/amd64, go1.25.2, 1db4568\n`)
      return 0
    }
    return new Daemon(process, flag('conf') ?? 'Corefile', version).run()
  },
}

class Daemon {
  private server: DnsServer | undefined
  private generation = new AbortController()

  private readonly log: (line: string) => void

  constructor(private readonly process: Process, private readonly path: string, private readonly version: string) {
    this.log = withoutStart(process, (line) => void process.stdout.write(`${line}\n`).catch(() => undefined), (line) => !/^\[(ERROR|WARNING|FATAL)\]/.test(line))
  }

  async run(): Promise<number> {
    const { process } = this
    const text = this.readCorefile()
    if (typeof text !== 'string') return this.die(`loading Caddyfile via flag: ${text.message}`)
    const started = await this.start(text)
    if (started !== undefined) return this.die(started)
    for (const line of this.server?.banner() ?? []) this.log(line)
    if (this.server?.directive('reload')) this.log(`[INFO] plugin/reload: Running configuration SHA512 = ${this.server.hash}`)
    this.log(`CoreDNS-${this.version}`)
    this.log('linux/amd64, go1.25.2, 1db4568')
    if (this.server?.directive('reload')) void this.watch().catch((error: unknown) => { if (!(error instanceof ProcessKilled) && !process.dying.aborted) this.log(`[ERROR] plugin/reload: ${String(error)}`) })
    return this.untilTold()
  }

  private async die(message: string): Promise<number> {
    await this.process.stderr.write(`${message}\n`)
    return 1
  }

  private readCorefile(): string | Error {
    try {
      return this.process.files.readText(this.path)
    } catch (error) {
      if (isErrno(error)) return new Error(goFileError('open', this.path, error))
      throw error
    }
  }

  /** Undefined, or what is wrong with the configuration. */
  private async start(text: string): Promise<string | undefined> {
    const { process } = this
    const generation = new AbortController()
    const died = (): void => generation.abort(process.dying.reason)
    process.dying.addEventListener('abort', died, { once: true })
    generation.signal.addEventListener('abort', () => process.dying.removeEventListener('abort', died), { once: true })
    const host: PluginHost = { process, clock: process.clock, random: process.random, file: this.path, signal: generation.signal, log: (line) => this.log(line) }
    let next: DnsServer
    try {
      next = new DnsServer(host, text)
    } catch (error) {
      generation.abort(new Error('unused'))
      if (error instanceof CorefileError || error instanceof SetupError) return error.message
      throw error
    }
    this.server?.stop()
    this.generation.abort(new Error('reloaded'))
    this.generation = generation
    this.server = next
    try {
      await next.start()
    } catch (error) {
      if (error instanceof SetupError) return error.message
      throw error
    }
    return undefined
  }

  /** The plugin looks every 30 seconds and a bit; here only after something changed in the file's directory. */
  private async watch(): Promise<void> {
    const { process } = this
    const directory = this.path.slice(0, Math.max(0, this.path.lastIndexOf('/'))) || '.'
    const watch = process.files.watch(directory)
    const started = process.clock.now()
    const interval = 30_000 + process.random.integer(15_000)
    for (;;) {
      await watch.next()
      const passed = (process.clock.now() - started) % interval
      await process.clock.sleep(interval - passed)
      await this.reload()
    }
  }

  private async reload(): Promise<void> {
    const text = this.readCorefile()
    if (typeof text !== 'string' || !this.server) return
    const { hash } = this.server
    if (configurationHash(text) === hash) return
    this.log('[INFO] Reloading')
    const problem = await this.start(text)
    if (problem !== undefined) {
      this.log(`[ERROR] Restart failed: ${problem}`)
      this.log(`[ERROR] plugin/reload: Corefile changed but reload failed: ${problem}`)
      return
    }
    this.log(`[INFO] plugin/reload: Running configuration SHA512 = ${this.server.hash}`)
    this.log('[INFO] Reloading complete')
  }

  private untilTold(): Promise<number> {
    const { process } = this
    return new Promise((resolve, reject) => {
      const end = (name: string) => (): void => {
        this.log(`[INFO] ${name}: Shutting down servers then terminating`)
        const wait = this.server?.lameduckMs ?? 0
        if (wait > 0) this.log(`[INFO] plugin/health: Going into lameduck mode for ${wait / 1000}s`)
        void process.clock.sleep(wait).then(() => {
          this.server?.stop()
          resolve(0)
        }, reject)
      }
      process.handle('SIGTERM', end('SIGTERM'))
      process.handle('SIGINT', end('SIGINT'))
      process.dying.addEventListener('abort', () => reject(new ProcessKilled()), { once: true })
    })
  }
}
