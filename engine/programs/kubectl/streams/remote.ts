/** Remote commands over a WebSocket of v5.channel.k8s.io: channel byte 0 stdin, 1 stdout, 2 stderr, 3 error, 4 resize, 255 close. */
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { emptyBody, type MessageChannel } from '#engine/base/http'
import { type Status, StatusError } from '#engine/api/status'
import type { OpenFile, Terminal } from '#engine/linux/abi/files'
import { CliError, ExitError } from '../session/errors'
import type { Session } from '../session/session'

export interface StreamTarget {
  readonly path: string
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

export interface StreamEnds {
  /** Bytes to send; absent: none. */
  readonly stdin?: AsyncIterable<Uint8Array>
  readonly stdout: (bytes: Uint8Array) => Promise<void>
  readonly stderr: (bytes: Uint8Array) => Promise<void>
  readonly terminal?: Terminal
}

export async function openChannel(session: Session, path: string, protocol: string): Promise<MessageChannel> {
  const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': btoa(String.fromCharCode(...session.process.random.bytes(16))), 'sec-websocket-protocol': protocol }
  const response = await session.client().exchange('GET', path, { headers }).catch((error: unknown) => {
    // An internal error reaches the real client over the error stream, where it is no answer of the server any more.
    throw error instanceof StatusError && error.status.reason === 'InternalError' ? new CliError(error.message) : error
  })
  if (response.upgraded) return response.upgraded
  const text = await response.body.text()
  throw new CliError(`unable to upgrade connection: ${text.trim() === '' ? `unexpected status ${response.status}` : text.trim()}`)
}

export { emptyBody }

/** Runs until the remote command ends; throws ExitError with its code, or what else went wrong. */
export async function runRemote(session: Session, target: StreamTarget, ends: StreamEnds): Promise<void> {
  const channel = await openChannel(session, target.path, 'v5.channel.k8s.io')
  const sending = target.stdin && ends.stdin ? sendInput(channel, ends.stdin) : Promise.resolve()
  sending.catch(() => undefined)
  if (target.tty && ends.terminal) sendSize(session, channel, ends.terminal)
  let status: Status | undefined
  try {
    status = await receiveAll(channel, ends)
  } finally {
    channel.close()
  }
  checkStatus(status)
}

/** Passes output on until the far side says how it ended, or closes. */
async function receiveAll(channel: MessageChannel, ends: StreamEnds): Promise<Status | undefined> {
  for (let message = await channel.receive(); message !== null; message = await channel.receive()) {
    const body = message.subarray(1)
    if (body.length === 0) continue
    if (message[0] === 1) await ends.stdout(body)
    else if (message[0] === 2) await ends.stderr(body)
    else if (message[0] === 3) return JSON.parse(decodeUtf8(body)) as Status
  }
  return undefined
}

async function sendInput(channel: MessageChannel, input: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of input) {
    if (channel.closed) return
    await channel.send(framed(0, chunk))
  }
  if (!channel.closed) await channel.send(Uint8Array.of(255, 0))
}

function sendSize(session: Session, channel: MessageChannel, terminal: Terminal): void {
  const send = (): void => {
    if (!channel.closed) channel.send(framed(4, encodeUtf8(JSON.stringify({ Width: terminal.columns, Height: terminal.rows })))).catch(() => undefined)
  }
  send()
  session.process.handle('SIGWINCH', send)
}

function framed(id: number, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + 1)
  out[0] = id
  out.set(bytes, 1)
  return out
}

function checkStatus(status: Status | undefined): void {
  if (!status || status.status === 'Success') return
  if ((status.reason as string) === 'NonZeroExitCode') {
    const cause = status.details?.causes?.find((entry) => entry.reason === 'ExitCode')
    const code = Number(cause?.message ?? '1')
    throw new ExitError(code, `command terminated with exit code ${code}`)
  }
  throw new CliError(status.message ?? 'error stream protocol error: unknown error')
}

/** The terminal on standard input and its raw mode, for -t. */
export interface RawTerminal {
  readonly terminal: Terminal
  restore(): void
}

export function terminalOf(session: Session): Terminal | undefined {
  let file: OpenFile
  try {
    file = session.process.descriptor(0)
  } catch {
    return undefined
  }
  return file.tty
}

export function makeRaw(terminal: Terminal): RawTerminal {
  const before = { ...terminal.mode() }
  terminal.setMode({ canonical: false, echo: false, signals: false, crToNl: false, nlToCrNl: false })
  return { terminal, restore: () => terminal.setMode(before) }
}

/** Standard input as it comes. */
async function* inputOf(session: Session): AsyncGenerator<Uint8Array> {
  for (;;) {
    const chunk = await session.process.stdin.read()
    if (chunk === null) return
    yield chunk
  }
}

/** The process's own standard streams. */
export function ownStreams(session: Session, stdin: boolean, terminal: Terminal | undefined): StreamEnds {
  return {
    ...(stdin ? { stdin: inputOf(session) } : {}),
    stdout: (bytes) => session.process.stdout.write(bytes),
    stderr: (bytes) => session.process.stderr.write(bytes),
    ...(terminal ? { terminal } : {}),
  }
}
