/** The API gateway's own certificate, for 127.0.0.1 and localhost, signed by an authority made for this home only. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gatewayIdentity, type GatewayIdentity } from '#engine/cluster/index'
import { HostKeys } from './keys'

export function loadIdentity(home: string, nowMs: number): GatewayIdentity {
  const file = join(home, 'gateway-identity.json')
  const known = read(file)
  if (known && known.expiresAtMs > nowMs + 30 * 86_400_000) return known
  const made = gatewayIdentity(new HostKeys(), nowMs)
  writeFileSync(file, JSON.stringify(made), { mode: 0o600 })
  return made
}

function read(file: string): GatewayIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as GatewayIdentity
  } catch {
    return undefined
  }
}
