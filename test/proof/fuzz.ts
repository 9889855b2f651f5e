/** Sends hostile requests to an API server and tells of each that crashed it, made it hang, or made it slow. */
import { textBody, type HttpResponse } from '#engine/base/http'
import { startTestServer, type TestServer } from '#engine/apiserver/testing'
import { hostileRequest } from './random/hostile'
import { Dice } from './random/random'
import { manifests } from './random/valid'

export interface FuzzFault {
  readonly seed: number
  readonly request: string
  readonly fault: string
}

export interface FuzzReport {
  readonly requests: number
  readonly faults: readonly FuzzFault[]
  /** How many answers of each status code. */
  readonly codes: ReadonlyMap<number, number>
  readonly slowestMs: number
}

/** A server is thrown away after so many requests: what was created is not the point. */
const requestsPerServer = 2500
/** So often there are right objects again for patches to work on. */
const requestsPerSeeding = 40
/** What only JavaScript says: a defect of the server, whatever was sent. */
const defect = /is not a function|Cannot (read|set|convert|destructure)|is not iterable|undefined|\[object Object\]|call stack|Invalid (array length|time value|string length)|not defined|circular|BigInt|before initialization|Unexpected token|Cannot mix|Assertion|out of memory/

/** An answer that takes longer than `slowMs` is a fault. */
export async function fuzz(from: number, count: number, slowMs: number, progress?: (done: number) => void): Promise<FuzzReport> {
  const faults: FuzzFault[] = []
  const codes = new Map<number, number>()
  let slowestMs = 0
  let server: TestServer | undefined
  for (let seed = from; seed < from + count; seed++) {
    if (!server || (seed - from) % requestsPerServer === 0) {
      server?.server.stop()
      server = await startTestServer()
    }
    if ((seed - from) % requestsPerSeeding === 0) await makeObjects(server)
    const outcome = await tryOne(server, seed, slowMs)
    slowestMs = Math.max(slowestMs, outcome.ms)
    codes.set(outcome.status, (codes.get(outcome.status) ?? 0) + 1)
    if (outcome.fault !== undefined) faults.push({ seed, request: outcome.request, fault: outcome.fault })
    if (progress && (seed - from) % 1000 === 999) progress(seed - from + 1)
  }
  server?.server.stop()
  return { requests: count, faults, codes, slowestMs }
}

async function makeObjects(server: TestServer): Promise<void> {
  for (const { path, object } of manifests) await settled(server, server.transport().request({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body: textBody(JSON.stringify(object)) }))
}

interface Outcome {
  readonly status: number
  readonly ms: number
  readonly request: string
  readonly fault: string | undefined
}

async function tryOne(server: TestServer, seed: number, slowMs: number): Promise<Outcome> {
  const dice = new Dice(seed)
  const request = hostileRequest(dice)
  const gone = new AbortController()
  const text = `${request.method} ${request.path.slice(0, 200)} ${request.headers['content-type'] ?? ''}`
  const begun = performance.now()
  try {
    const response = await settled(server, server.transport().request({ ...request, signal: gone.signal }))
    if (response === undefined) return { status: 0, ms: performance.now() - begun, request: text, fault: 'no answer' }
    const body = response.body.streamed ? '' : await response.body.text()
    const ms = performance.now() - begun
    if (process.env['PROOF_SHOW'] === String(response.status)) process.stdout.write(`${seed} ${text}\n    ${body.slice(0, 300)}`)
    return { status: response.status, ms, request: text, fault: polluted() ?? faultOf(response, body, ms, slowMs) }
  } catch (error) {
    return { status: 0, ms: performance.now() - begun, request: text, fault: `crash: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` }
  } finally {
    gone.abort(new Error('the client went away'))
  }
}

/** The answer once all promise jobs are done and, where it waits for time, a minute has passed; undefined for a hang. */
async function settled(server: TestServer, answer: Promise<HttpResponse>): Promise<HttpResponse | undefined> {
  let done = false
  const watched = answer.finally(() => (done = true))
  watched.catch(() => undefined)
  for (let second = 0; second < 90; second++) {
    await new Promise((resolve) => setImmediate(resolve))
    if (done) return watched
    server.clock.advanceTo(server.clock.now() + 1000)
  }
  return undefined
}

/** Whether a request reached into the prototype of all objects; it is mended, so that the next request is a fair try. */
function polluted(): string | undefined {
  const strange = [...Object.keys(Object.prototype), ...Object.keys(Array.prototype), ...Object.keys(Function.prototype), ...Object.keys(Object)]
  for (const name of strange) for (const owner of [Object.prototype, Array.prototype, Function.prototype, Object]) delete (owner as unknown as Record<string, unknown>)[name]
  return strange.length > 0 ? `the prototype of all objects got ${strange.join(', ')}` : undefined
}

function faultOf(response: HttpResponse, body: string, ms: number, slowMs: number): string | undefined {
  if (ms > slowMs) return `slow: ${ms.toFixed(0)} ms`
  if (response.status === 500 && defect.test(body)) return `defect: ${body.slice(0, 400)}`
  if (response.status >= 400 && (response.headers['content-type'] ?? '').startsWith('application/json') && !/"message":"./.test(body)) return `an error without words: ${response.status} ${body.slice(0, 200)}`
  return undefined
}
