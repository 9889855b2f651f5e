/** Lifecycle hooks: commands in the container, HTTP requests to it, or a pause. */
import type { Container, LifecycleHandler, Pod } from '#engine/api/kinds'
import { emptyBody } from '#engine/base/http'
import { RpcError, errorText } from '#engine/cri/rpc'
import type { KubeletContext } from '../context'
import { portNumber } from '../prober/port'

export class HookError extends Error {
  override readonly name = 'HookError'
}

export interface HookRunner { run(pod: Pod, container: Container, containerId: string, handler: LifecycleHandler): Promise<void> }

export class Hooks implements HookRunner {
  constructor(
    private readonly context: KubeletContext,
    private readonly podIp: (pod: Pod) => Promise<string>,
  ) {}

  async run(pod: Pod, container: Container, containerId: string, handler: LifecycleHandler): Promise<void> {
    if (handler.exec) return this.exec(containerId, handler.exec.command ?? [])
    if (handler.httpGet) return this.http(pod, container, handler.httpGet)
    if (handler.sleep) return this.context.clock.sleep(handler.sleep.seconds * 1000)
  }

  private async exec(containerId: string, command: readonly string[]): Promise<void> {
    let code: number
    try {
      code = (await this.context.cri.runtime.ExecSync({ containerId, cmd: [...command], timeout: 0 })).exitCode
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      throw new HookError(error.message)
    }
    if (code !== 0) throw new HookError(`command '${command.join(' ')}' exited with ${code}`)
  }

  private async http(pod: Pod, container: Container, get: NonNullable<LifecycleHandler['httpGet']>): Promise<void> {
    const port = portNumber(container, get.port)
    if (typeof port === 'string') throw new HookError(port)
    const host = get.host || (await this.podIp(pod))
    const scheme = (get.scheme ?? 'HTTP').toUpperCase()
    const headers = Object.fromEntries((get.httpHeaders ?? []).map(({ name, value }) => [name.toLowerCase(), value]))
    try {
      // Any answer will do: its status is not looked at.
      await this.context.process.net.request({ host, port }, { method: 'GET', path: get.path ?? '/', headers: { 'user-agent': 'kube-lifecycle/1.35', accept: '*/*', ...headers, connection: 'close' }, body: emptyBody }, { timeoutMs: 30_000, ...(scheme === 'HTTPS' ? { tls: { insecureSkipVerify: true } } : {}) })
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      throw new HookError(errorText(error))
    }
  }
}
