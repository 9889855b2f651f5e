/** What the objects of `ip` share: a call, its refusals, its words. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Interface } from '#engine/linux/net/interface'
import type { NetNamespace } from '#engine/linux/net/namespace'
import { mayAdminister, namespaceOf } from '../namespace'
import type { PrintOptions } from './print'

/** What goes to standard error, and the exit code. */
export class IpError extends Error {
  constructor(message: string, readonly exit = 1) {
    super(message)
  }
}

export const answers = (text: string): IpError => new IpError(`RTNETLINK answers: ${text}`, 2)
export interface Call {
  readonly process: Process
  readonly namespace: NetNamespace
  readonly args: readonly string[]
  readonly options: PrintOptions
  readonly json: boolean
}

export function verbOf(call: Call, verbs: readonly string[], what: string): { verb: string; rest: readonly string[] } {
  const [first, ...rest] = call.args
  if (first === undefined) return { verb: 'show', rest: [] }
  if (/^(list|lst|ls|sh)$/.test(first)) return { verb: 'show', rest }
  const verb = verbs.find((each) => each.startsWith(first))
  if (verb === undefined) throw new IpError(`Command "${first}" is unknown, try "ip ${what} help".`, 255)
  return { verb, rest }
}

export function need(call: Call): void {
  if (!mayAdminister(call.process)) throw answers('Operation not permitted')
}

export function deviceOf(call: Call, name: string | undefined, words: (name: string) => IpError): Interface {
  if (name === undefined) throw new IpError('Command line is not complete. Try option "help"', 255)
  const device = call.namespace.interfaces.get(name)
  if (!device) throw words(name)
  return device
}

export const noSuch = (name: string): IpError => new IpError(`Device "${name}" does not exist.`)
export const cannotFind = (name: string): IpError => new IpError(`Cannot find device "${name}"`)

/** The word after `key`. */
export function after(words: readonly string[], key: string): string | undefined {
  const at = words.indexOf(key)
  return at < 0 ? undefined : words[at + 1]
}

export function named(process: Process, name: string): NetNamespace {
  try {
    return namespaceOf(process, `/run/netns/${name}`)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new IpError(`Cannot open network namespace "${name}": No such file or directory`, 255)
  }
}
