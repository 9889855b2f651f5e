/** `LOCAL:REMOTE`, and the addresses to listen on. */
import { CliError } from '#engine/programs/kubectl/session/errors'

export interface PortPair {
  local: number
  readonly remote: number
}

export interface ListenAddress {
  readonly address: string
  readonly family: 'tcp4' | 'tcp6'
  /** Of the two that localhost means, one is enough. */
  readonly mode: 'all' | 'any'
}

export function parsePorts(ports: readonly string[]): PortPair[] {
  return ports.map((text) => {
    const parts = text.split(':')
    if (parts.length > 2) throw new CliError(`invalid port format '${text}'`)
    const local = parts.length === 1 ? text : parts[0] || '0'
    const remote = parts.at(-1) as string
    const pair = { local: portNumber(local, 'local'), remote: portNumber(remote, 'remote') }
    if (pair.remote === 0) throw new CliError('remote port must be > 0')
    return pair
  })
}

function portNumber(text: string, side: string): number {
  const problem = !/^\d+$/.test(text) ? 'invalid syntax' : Number(text) > 65_535 ? 'value out of range' : undefined
  if (problem) throw new CliError(`error parsing ${side} port '${text}': strconv.ParseUint: parsing ${JSON.stringify(text)}: ${problem}`)
  return Number(text)
}

export function parseAddresses(list: readonly string[]): ListenAddress[] {
  const out = new Map<string, ListenAddress>()
  for (const text of list) {
    if (text === 'localhost') {
      for (const address of ['127.0.0.1', '::1']) if (!out.has(address)) out.set(address, { address, family: address.includes(':') ? 'tcp6' : 'tcp4', mode: 'any' })
    } else if (/^\d+\.\d+\.\d+\.\d+$/.test(text) && text.split('.').every((part) => Number(part) < 256)) out.set(text, { address: text, family: 'tcp4', mode: 'all' })
    else if (/^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text)) out.set(text, { address: text, family: 'tcp6', mode: 'all' })
    else throw new CliError(`${text} is not a valid IP`)
  }
  return [...out.values()]
}

export function splitPort(text: string): { local: string; remote: string } {
  const parts = text.split(':')
  return parts.length === 2 ? { local: parts[0] as string, remote: parts[1] as string } : { local: parts[0] as string, remote: parts[0] as string }
}
