/** Commands run in a container: made, started, told of. */
import { encodeUtf8 } from '#engine/base/bytes'
import type { HttpResponse } from '#engine/base/http'
import { RpcError } from '#engine/cri/rpc'
import { channel, channelPair, frame } from '#engine/cri/streaming/channels'
import type { DockerHost } from '../host'
import { mobyNamespace, newId } from '../host'
import { badParameter, conflict, type ContainerRecord, notFound } from '../model'
import { noContent } from '../routes'
import { relay, upgraded } from './attach'
import { attributesOf } from './create'
import { placeOf, withRoot } from './root'
import { execProcess, type ExecWish } from './spec'

export interface ExecBody extends ExecWish { readonly AttachStdin?: boolean; readonly AttachStdout?: boolean; readonly AttachStderr?: boolean; readonly Detach?: boolean }

interface ExecRecord { readonly id: string; readonly container: string; readonly body: ExecBody; running: boolean; exitCode: number | null; started: boolean }

const mostKept = 512
/** What a command that cannot be started leaves as its exit code. */
const notStarted = 126

export class Execs {
  private readonly byId = new Map<string, ExecRecord>()

  constructor(private readonly host: DockerHost) {}

  create(record: ContainerRecord, body: ExecBody): string {
    checkRunning(record)
    if (!body.Cmd || body.Cmd.length === 0) throw badParameter('No exec command specified')
    const id = newId(this.host)
    if (this.byId.size >= mostKept) this.byId.delete([...this.byId.keys()][0] ?? '')
    this.byId.set(id, { id, container: record.id, body, running: false, exitCode: null, started: false })
    this.host.events.publish('container', `exec_create: ${body.Cmd.join(' ')}`, record.id, attributesOf(record, { execID: id }))
    return id
  }

  async start(id: string, detach: boolean): Promise<HttpResponse> {
    const exec = this.get(id)
    const record = this.host.records.find(exec.container)
    if (exec.started) throw conflict(`Error: Exec command ${id} has already run`)
    checkRunning(record)
    exec.started = true
    this.host.events.publish('container', `exec_start: ${exec.body.Cmd.join(' ')}`, record.id, attributesOf(record, { execID: id }))
    const [mine, theirs] = channelPair()
    const failure = await this.run(exec, record, mine, detach)
    if (failure !== undefined) {
      exec.exitCode = notStarted
      if (detach) throw badParameter(failure)
      await mine.send(frame(channel.stdout, encodeUtf8(`${failure}\r\n`)))
      mine.close()
    }
    return detach ? noContent(200) : upgraded(theirs)
  }

  async runOnce(record: ContainerRecord, wish: ExecWish, timeoutMs: number): Promise<{ exitCode: number; output: string; timedOut: boolean }> {
    const result = await this.host.tasks.exec(mobyNamespace, record.id, newId(this.host), execProcess(this.host, record, wish), timeoutMs)
    return { exitCode: result.exitCode, output: new TextDecoder().decode(result.stdout) + new TextDecoder().decode(result.stderr), timedOut: result.timedOut }
  }

  describe(id: string): object {
    const { container, body, running, exitCode } = this.get(id)
    const [entrypoint = '', ...args] = body.Cmd
    return {
      ID: id, Running: running, ExitCode: exitCode, ProcessConfig: { tty: body.Tty ?? false, entrypoint, arguments: args, privileged: body.Privileged ?? false, ...(body.User ? { user: body.User } : {}) },
      OpenStdin: body.AttachStdin ?? false, OpenStderr: body.AttachStderr ?? false, OpenStdout: body.AttachStdout ?? false, CanRemove: false, ContainerID: container, DetachKeys: '', Pid: 0,
    }
  }

  /** Those of a container that run. */
  running(container: string): string[] {
    return [...this.byId.values()].filter((exec) => exec.container === container && exec.running).map((exec) => exec.id)
  }

  private get(id: string): ExecRecord {
    const exec = this.byId.get(id)
    if (!exec) throw notFound(`No such exec instance: ${id}`)
    return exec
  }

  /** A working directory is not made for a command, as it is for a container. */
  private lacks(record: ContainerRecord, path: string): boolean {
    if (['/proc', '/dev', '/sys'].some((system) => path === system || path.startsWith(`${system}/`))) return false
    return withRoot(this.host, record, (root) => this.host.process.files.exists(placeOf(this.host, record, root, path)) === undefined) && !record.mounts.some((mount) => mount.Type === 'tmpfs' && path.startsWith(mount.Destination))
  }

  /** Why it could not be started. */
  private async run(exec: ExecRecord, record: ContainerRecord, mine: ReturnType<typeof channelPair>[0], detach: boolean): Promise<string | undefined> {
    const { body } = exec
    if (body.WorkingDir && this.lacks(record, body.WorkingDir)) return `OCI runtime exec failed: exec failed: unable to start container process: chdir to cwd (${JSON.stringify(body.WorkingDir)}) set in config.json failed: no such file or directory: unknown`
    try {
      const answer = await this.host.tasks.stream(mobyNamespace, { id: record.id, execId: exec.id, process: execProcess(this.host, record, body), tty: body.Tty ?? false, stdin: body.AttachStdin ?? false, stdout: !detach, stderr: !detach })
      if (!answer.upgraded) return ownWords(await answer.body.text())
      exec.running = true
      const done = relay(this.host, mine, answer.upgraded, (exitCode) => {
        exec.exitCode = exitCode
        exec.running = false
        this.host.events.publish('container', 'exec_die', record.id, attributesOf(record, { execID: exec.id, exitCode: String(exitCode) }))
      })
      this.host.process.background(async () => {
        await done
        exec.running = false
      })
      return undefined
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      return ownWords(error.description)
    }
  }
}

function ownWords(text: string): string {
  return `${text.replace(/^failed to start exec "[^"]*": /, '')}: unknown`
}

function checkRunning(record: ContainerRecord): void {
  if (record.state.status === 'paused') throw conflict(`Container ${record.id} is paused, unpause the container before exec`)
  if (record.state.status === 'restarting') throw conflict(`Container ${record.id} is restarting, wait until the container is running`)
  if (record.state.status !== 'running') throw conflict(`Container ${record.id} is not running`)
}
