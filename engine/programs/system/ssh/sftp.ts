/** Files over a session: requests as lines of JSON, content as base64; the server is a program of the other machine. */
import { fromBase64, toBase64 } from '#engine/base/bytes'
import { Errno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import type { Wire } from './wire'

export interface SftpStat {
  readonly type: string
  readonly mode: number
  readonly size: number
  readonly mtimeMs: number
}

export type SftpRequest =
  | { readonly op: 'stat' | 'list' | 'read'; readonly path: string }
  | { readonly op: 'write'; readonly path: string; readonly content: string; readonly mode: number; readonly mtimeMs?: number }
  | { readonly op: 'mkdir'; readonly path: string; readonly mode: number }

export interface SftpAnswer {
  readonly error?: string
  readonly stat?: SftpStat
  readonly names?: readonly string[]
  readonly content?: string
}

export const sftpServer: Program = {
  name: 'sftp-server',
  async run(process) {
    for await (const line of process.stdin.lines()) await process.stdout.write(`${JSON.stringify(answer(process, JSON.parse(line) as SftpRequest))}\n`)
    return 0
  },
}

function answer(process: Process, request: SftpRequest): SftpAnswer {
  const { files } = process
  try {
    switch (request.op) {
      case 'stat': {
        const { type, mode, size, mtimeMs } = files.stat(request.path)
        return { stat: { type, mode, size, mtimeMs } }
      }
      case 'list':
        return { names: files.readDirectory(request.path).map((entry) => entry.name) }
      case 'read':
        return { content: toBase64(files.readFile(request.path)) }
      case 'write':
        files.writeFile(request.path, fromBase64(request.content), request.mode)
        if (request.mtimeMs !== undefined) files.utimes(request.path, request.mtimeMs, request.mtimeMs)
        return {}
      case 'mkdir':
        files.mkdir(request.path, request.mode)
        return {}
    }
  } catch (error) {
    if (!(error instanceof Errno)) throw error
    return { error: words[error.code] ?? 'Failure' }
  }
}

/** SFTP knows few errors: all others are "Failure". */
const words: Readonly<Record<string, string>> = { ENOENT: 'No such file or directory', ENOTDIR: 'No such file or directory', EACCES: 'Permission denied', EPERM: 'Permission denied' }

/** The client's side of the protocol. */
export class Sftp {
  private rest = ''

  constructor(private readonly wire: Wire) {}

  async ask(request: SftpRequest): Promise<SftpAnswer> {
    await this.wire.data(new TextEncoder().encode(`${JSON.stringify(request)}\n`))
    while (!this.rest.includes('\n')) {
      const frame = await this.wire.receive()
      if (!frame || (frame.type === 'message' && frame.message.kind === 'exit')) return { error: 'Connection closed' }
      if (frame.type === 'data') this.rest += new TextDecoder().decode(frame.bytes)
    }
    const end = this.rest.indexOf('\n')
    const line = this.rest.slice(0, end)
    this.rest = this.rest.slice(end + 1)
    return JSON.parse(line) as SftpAnswer
  }
}
