/**
 * How programs speak with systemd-logind: who holds an inhibitor, and that the machine is about to go down. An inhibitor
 * is held as long as its stream is open, as the real one is as long as its file descriptor is.
 */
import { encodeUtf8 } from '#engine/base/bytes'
import { type HttpBody, type HttpHandler, valueBody, valuesBody } from '#engine/base/http'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'

export const loginSocket = '/run/systemd/logind.sock'

export interface Inhibitor {
  readonly who: string
  readonly uid: number
  readonly user: string
  readonly pid: number
  readonly comm: string
  /** `shutdown:sleep`. */
  readonly what: string
  readonly why: string
  readonly mode: 'delay' | 'block'
}

export interface LoginCalls {
  inhibitors: { take: Record<string, never>; give: readonly Inhibitor[] }
  /** The machine is to go down once nobody delays it any more; what stands against it, where something blocks it. */
  shutdown: { take: { readonly how: 'reboot' | 'poweroff'; readonly force: boolean }; give: readonly Inhibitor[] }
  delayLimit: { take: Record<string, never>; give: number }
}

export type LoginHandlers = { [K in keyof LoginCalls]: (take: LoginCalls[K]['take']) => Promise<LoginCalls[K]['give']> }

/** Serves the calls; `inhibit` gives the stream of what happens while the lock is held. */
export function loginHandler(calls: LoginHandlers, inhibit: (lock: Inhibitor, signal: AbortSignal | undefined) => AsyncIterable<'shutdown'>): HttpHandler {
  return async (request) => {
    const name = request.path.slice(1)
    if (name === 'inhibit') return { status: 200, headers: {}, body: valuesBody(inhibit(request.body.value as Inhibitor, request.signal), encode) }
    const call = calls[name as keyof LoginCalls] as ((take: unknown) => Promise<unknown>) | undefined
    return call ? { status: 200, headers: {}, body: json(await call(request.body.value)) } : { status: 404, headers: {}, body: json(null) }
  }
}

/** Asks logind; undefined where it does not run. */
export async function callLogin<K extends keyof LoginCalls>(process: Process, call: K, take: LoginCalls[K]['take']): Promise<LoginCalls[K]['give'] | undefined> {
  try {
    const response = await process.net.request({ unix: loginSocket }, { method: 'POST', path: `/${call}`, headers: {}, body: json(take) })
    return response.body.value as LoginCalls[K]['give']
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

export interface HeldInhibitor {
  /** `shutdown` once the machine is about to go down; ends when logind does. */
  readonly events: AsyncIterable<unknown>
  release(): void
}

/** Takes an inhibitor; undefined where logind does not run. */
export async function takeInhibitor(process: Process, lock: Pick<Inhibitor, 'who' | 'what' | 'why' | 'mode'>): Promise<HeldInhibitor | undefined> {
  const stop = new AbortController()
  const whole: Inhibitor = { ...lock, uid: process.credentials.euid, user: process.env.get('USER') ?? (process.credentials.euid === 0 ? 'root' : String(process.credentials.euid)), pid: process.pid, comm: process.argv[0]?.split('/').pop()?.slice(0, 15) ?? '' }
  try {
    const response = await process.net.request({ unix: loginSocket }, { method: 'POST', path: '/inhibit', headers: {}, body: json(whole), signal: stop.signal })
    return { events: response.body.values ?? none(), release: () => stop.abort() }
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

async function* none(): AsyncGenerator<never> {
  // Nothing happens to who does not hold anything.
}

function json(value: unknown): HttpBody {
  return valueBody(value, encode)
}

function encode(value: unknown): Uint8Array {
  return encodeUtf8(`${JSON.stringify(value)}\n`)
}
