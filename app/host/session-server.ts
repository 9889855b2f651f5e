/** The local socket where terminal clients meet the host: commands, shells and calls, one a connection. */
import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { platform } from 'node:os'
import type { ClusterAccess } from '#engine/cluster/index'
import { encodeFrame, FrameReader, type Frame, type SessionRequest } from '#app/shared/frames'

export interface SessionHost {
  readonly cluster: ClusterAccess
  /** Brings virtual time to now before something enters. */
  enter(): void
  /** Calls by name, for the command line's own questions; throws for an unknown one. */
  call(method: string, params: unknown): Promise<unknown>
}

/** Bytes that may wait for a client that does not read; past it, the simulated writer waits. */
const highWater = 1024 * 1024

export class SessionServer {
  private readonly server: Server

  constructor(
    private readonly path: string,
    private readonly host: SessionHost,
  ) {
    this.server = createServer((socket) => new Session(socket, host))
  }

  /** Rejects where another Seatrial with the same home is at work; a socket that a crash left behind is taken over. */
  async listen(): Promise<void> {
    await refuseSecond(this.path)
    if (platform() !== 'win32') rmSync(this.path, { force: true })
    return new Promise((resolve, reject) => {
      this.server.once('error', reject)
      this.server.listen(this.path, () => {
        if (platform() !== 'win32') chmodSync(this.path, 0o600)
        resolve()
      })
    })
  }

  close(): void {
    this.server.close()
    if (platform() !== 'win32') rmSync(this.path, { force: true })
  }
}

/** Throws where another Seatrial is at work behind this socket. */
export async function refuseSecond(path: string): Promise<void> {
  if (await answers(path)) throw new Error(`Seatrial is at work already with this home (${path}): end it first, or set SEATRIAL_HOME to another folder`)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

class Session {
  private readonly reader = new FrameReader()
  private readonly gone = new AbortController()
  private readonly input = new InputQueue()
  private onFrame: (frame: Frame) => void = (frame) => this.begin(frame)

  constructor(
    private readonly socket: Socket,
    private readonly host: SessionHost,
  ) {
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.receive(chunk))
    socket.on('close', () => this.end())
    socket.on('error', () => this.end())
  }

  private receive(chunk: Buffer): void {
    try {
      for (const frame of this.reader.push(chunk)) {
        this.host.enter()
        this.onFrame(frame)
      }
    } catch (error) {
      this.fail(error)
    }
  }

  private begin(frame: Frame): void {
    const request = JSON.parse(new TextDecoder().decode(frame.payload)) as SessionRequest
    if (request.kind === 'exec') void this.exec(request.host, request.argv)
    else if (request.kind === 'shell') this.shell(request)
    else void this.host.call(request.method, request.params).then((result) => this.finish('stdout', JSON.stringify(result ?? null)), (error: unknown) => this.fail(error))
  }

  private async exec(host: string, argv: readonly string[]): Promise<void> {
    this.onFrame = (frame) => {
      if (frame.kind === 'stdin') this.input.push(frame.payload)
      else if (frame.kind === 'stdinEnd') this.input.end()
    }
    try {
      const code = await this.host.cluster.exec(host, argv, {
        stdin: this.input,
        stdout: (bytes) => this.send('stdout', bytes),
        stderr: (bytes) => this.send('stderr', bytes),
        signal: this.gone.signal,
      })
      this.finish('exit', String(code))
    } catch (error) {
      this.fail(error)
    }
  }

  private shell(request: Extract<SessionRequest, { kind: 'shell' }>): void {
    try {
      const terminal = this.host.cluster.openTerminal(request.host, { columns: request.columns, rows: request.rows }, (bytes) => this.send('stdout', bytes))
      this.gone.signal.addEventListener('abort', () => terminal.close(), { once: true })
      this.onFrame = (frame) => {
        if (frame.kind === 'stdin') terminal.write(frame.payload)
        else if (frame.kind === 'resize') terminal.resize(JSON.parse(new TextDecoder().decode(frame.payload)) as { columns: number; rows: number })
      }
      void terminal.ended.then((code) => this.finish('exit', String(code)))
    } catch (error) {
      this.fail(error)
    }
  }

  /** Sends, and where the client is slow makes the sender wait. */
  private send(kind: 'stdout' | 'stderr', bytes: Uint8Array): Promise<void> | undefined {
    if (this.socket.destroyed) return undefined
    this.socket.write(encodeFrame(kind, bytes))
    if (this.socket.writableLength < highWater) return undefined
    return new Promise((resolve) => {
      const done = (): void => {
        this.socket.off('drain', done)
        this.socket.off('close', done)
        this.host.enter()
        resolve()
      }
      this.socket.on('drain', done)
      this.socket.on('close', done)
    })
  }

  private finish(kind: 'exit' | 'stdout' | 'error', text: string): void {
    this.host.enter()
    if (!this.socket.destroyed) this.socket.end(encodeFrame(kind, text))
  }

  private fail(error: unknown): void {
    this.finish('error', error instanceof Error ? error.message : String(error))
  }

  private end(): void {
    if (this.gone.signal.aborted) return
    this.host.enter()
    this.input.end()
    this.gone.abort(new Error('the client went away'))
  }
}

/** What was typed and not yet read. */
class InputQueue implements AsyncIterable<Uint8Array> {
  private readonly chunks: Uint8Array[] = []
  private ended = false
  private wake: (() => void) | undefined

  push(chunk: Uint8Array): void {
    this.chunks.push(chunk)
    this.wake?.()
  }

  end(): void {
    this.ended = true
    this.wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.chunks.shift()
      if (chunk) yield chunk
      else if (this.ended) return
      else await new Promise<void>((resolve) => (this.wake = resolve))
    }
  }
}
