/** What a home of the engine sees of a running cluster: commands, terminals, requests; never its inside. */
import type { HttpRequest, HttpResponse } from '#engine/base/http'

/** Bytes in and out of a command that runs on a machine for somebody outside. */
export interface CommandIo {
  /** Standard input; null is its end. */
  readonly stdin: AsyncIterable<Uint8Array>
  stdout(bytes: Uint8Array): void | Promise<void>
  stderr(bytes: Uint8Array): void | Promise<void>
  /** Aborted when the caller goes away: the command is hung up. */
  readonly signal?: AbortSignal
}

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** A login shell on a pseudo terminal of a machine. */
export interface TerminalSession {
  write(bytes: Uint8Array): void
  resize(size: TerminalSize): void
  /** Ends the session as a closed window does: SIGHUP. */
  close(): void
  /** The shell's exit code. */
  readonly ended: Promise<number>
}

/** A client certificate chain that somebody outside has proven to own, DER, leaf first. */
export interface OutsidePeer {
  readonly certificates: readonly Uint8Array[]
}

export interface ClusterAccess {
  readonly hosts: readonly string[]
  /** Exit code of the command; throws UnknownHostError. */
  exec(host: string, argv: readonly string[], io: CommandIo): Promise<number>
  openTerminal(host: string, size: TerminalSize, onOutput: (bytes: Uint8Array) => void): TerminalSession
  /** A request to the cluster's API server as from a machine on its network; rejects as the network does. */
  apiRequest(request: HttpRequest, peer: OutsidePeer): Promise<HttpResponse>
  /** The text of a file on a machine, or undefined. */
  readFile(host: string, path: string): string | undefined
}

export class UnknownHostError extends Error {
  override readonly name = 'UnknownHostError'

  constructor(host: string, known: readonly string[]) {
    super(`no machine is named "${host}": there are ${known.join(', ')}`)
  }
}
