/** What a plugin of the DNS server is: a link in a chain that answers or passes on. */
import type { Clock } from '#engine/base/clock'
import type { Random } from '#engine/base/random'
import type { Process } from '#engine/linux/abi/process'
import type { SocketAddress } from '#engine/linux/abi/net'
import type { DnsQuestion, DnsRecord, ResponseCode } from '#engine/linux/net/dns/message'
import type { Directive } from '#engine/network/dns/corefile'

export interface DnsQuery {
  readonly question: DnsQuestion
  /** The name in lower case, with its last dot. */
  readonly name: string
  readonly from: SocketAddress
  readonly id: number
  readonly transport: 'udp' | 'tcp'
}

export interface DnsAnswer {
  readonly code: ResponseCode
  readonly authoritative: boolean
  readonly recursionAvailable?: boolean
  readonly answers: readonly DnsRecord[]
  readonly authority: readonly DnsRecord[]
  readonly additional: readonly DnsRecord[]
  /** What the errors plugin prints. */
  readonly error?: string
}

/** Undefined: nobody answered. */
export type Next = (query: DnsQuery) => Promise<DnsAnswer | undefined>
export type Handler = (query: DnsQuery, next: Next) => Promise<DnsAnswer | undefined>

export interface PluginHost {
  readonly process: Process
  readonly clock: Clock
  readonly random: Random
  /** The file as it is named in messages. */
  readonly file: string
  readonly signal: AbortSignal
  log(line: string): void
}

/** A plugin as set up by one directive in one server block. */
export interface Plugin {
  readonly name: string
  readonly handle?: Handler
  /** Before the server answers; may wait. */
  start?(): Promise<void> | void
  /** For the ready plugin. */
  ready?(): boolean
  stop?(): void
}

export interface SetupContext extends PluginHost {
  /** The block's zones. */
  readonly zones: readonly string[]
  readonly port: number
}

export type Setup = (directive: Directive, context: SetupContext) => Plugin

/** A mistake in a directive, worded as `plugin/NAME: FILE:LINE - Error during parsing: ...`. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
}

export function setupError(context: PluginHost, plugin: string, line: number, message: string): SetupError {
  return new SetupError(`plugin/${plugin}: ${context.file}:${line} - Error during parsing: ${message}`)
}

export function empty(code: ResponseCode, authority: readonly DnsRecord[] = [], authoritative = true): DnsAnswer {
  return { code, authoritative, answers: [], authority, additional: [] }
}

/** Whether a name is in a zone, both with their last dot. */
export function inZone(name: string, zone: string): boolean {
  return zone === '.' || name === zone || name.endsWith(`.${zone}`)
}

/** `30s`, `5m`, or seconds. */
export function seconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text)
  if (!match) return Number.NaN
  return Number(match[1]) * ({ ms: 0.001, s: 1, m: 60, h: 3600 }[match[2] ?? 's'] ?? 1)
}
