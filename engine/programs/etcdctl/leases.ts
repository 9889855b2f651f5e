/** etcdctl lease, and what a cluster without users says of users, roles and authentication. */
import { bool } from '#engine/programs/common/cobra/flags'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { call, endpoints, EtcdctlError, type Endpoint } from './connection'

export const leaseCommands: readonly Command[] = [
  {
    use: 'lease <subcommand>',
    short: 'Lease related commands',
    commands: [
      { use: 'grant <ttl>', short: 'Creates leases', run: grant },
      { use: 'revoke <leaseID>', short: 'Revokes leases', run: revoke },
      { use: 'timetolive <leaseID> [options]', short: 'Get lease information', flags: [bool('keys', 'Get keys attached to this lease')], run: timeToLive },
      { use: 'list', short: 'List all active leases', run: list },
      { use: 'keep-alive [options] <leaseID>', short: 'Keeps leases alive (renew)', flags: [bool('once', 'Resets the keep-alive time to its original value and cobrautl.Exits immediately')], run: keepAlive },
    ],
  },
  { use: 'user <subcommand>', short: 'User related commands', commands: [{ use: 'list', short: 'Lists all users', run: reach }, ...refused('add', 'delete', 'get', 'passwd', 'grant-role', 'revoke-role')] },
  { use: 'role <subcommand>', short: 'Role related commands', commands: [{ use: 'list', short: 'Lists all roles', run: reach }, ...refused('add', 'delete', 'get', 'grant-permission', 'revoke-permission')] },
  { use: 'auth <enable or disable>', short: 'Enable or disable authentication', commands: [{ use: 'status', short: 'Returns authentication status', run: authStatus }, ...refused('enable', 'disable')] },
]

function refused(...names: string[]): Command[] {
  return names.map((name) => ({ use: name, short: '', run: () => Promise.reject(new EtcdctlError(`${name} is not supported: this etcd has no users`, 1)) }))
}

const first = (invocation: Invocation): Endpoint => endpoints(invocation)[0] as Endpoint

/** Asks the server, so that one that cannot be reached is told. */
async function reach(invocation: Invocation): Promise<number> {
  await call(invocation, first(invocation), 'Maintenance/Status', (client) => client.status())
  return 0
}

async function authStatus(invocation: Invocation): Promise<number> {
  await reach(invocation)
  await invocation.process.stdout.write('Authentication Status: false\nAuthRevision: 1\n')
  return 0
}

/** etcd's ids are 64 bits written in hexadecimal. */
function idOf({ args }: Invocation, command: string): number {
  const [text] = args
  if (text === undefined) throw new EtcdctlError(`lease ${command} command needs lease ID as argument`, 128)
  if (!/^[0-9a-f]{1,16}$/.test(text)) throw new EtcdctlError(`bad lease ID (strconv.ParseInt: parsing "${text}": invalid syntax), expecting ID in Hex`, 128)
  return Number.parseInt(text, 16)
}

function shown(id: number): string {
  return id.toString(16).padStart(16, '0')
}

async function grant(invocation: Invocation): Promise<number> {
  const [text] = invocation.args
  if (invocation.args.length !== 1 || text === undefined) throw new EtcdctlError('lease grant command needs TTL argument', 128)
  const ttl = Number(text)
  if (!Number.isInteger(ttl)) throw new EtcdctlError(`bad TTL (strconv.ParseInt: parsing "${text}": invalid syntax)`, 128)
  const lease = await call(invocation, first(invocation), 'Lease/LeaseGrant', (client) => client.leaseGrant(ttl))
  await invocation.process.stdout.write(`lease ${shown(lease.id)} granted with TTL(${lease.ttlSeconds}s)\n`)
  return 0
}

async function revoke(invocation: Invocation): Promise<number> {
  const id = idOf(invocation, 'revoke')
  await call(invocation, first(invocation), 'Lease/LeaseRevoke', (client) => client.leaseRevoke(id))
  await invocation.process.stdout.write(`lease ${shown(id)} revoked\n`)
  return 0
}

async function timeToLive(invocation: Invocation): Promise<number> {
  const id = idOf(invocation, 'timetolive')
  const keys = invocation.flags.bool('keys')
  const status = await call(invocation, first(invocation), 'Lease/LeaseTimeToLive', (client) => client.leaseTimeToLive(id, keys))
  const text = status.ttlSeconds < 0 ? `lease ${shown(id)} already expired` : `lease ${shown(id)} granted with TTL(${status.grantedTtlSeconds}s), remaining(${status.ttlSeconds}s)${keys ? `, attached keys(${JSON.stringify(status.keys).replace(/","/g, '" "').replace(/"/g, '')})` : ''}`
  await invocation.process.stdout.write(`${text}\n`)
  return 0
}

async function list(invocation: Invocation): Promise<number> {
  const found = await call(invocation, first(invocation), 'Lease/LeaseLeases', (client) => client.leases())
  await invocation.process.stdout.write(`found ${found.length} leases\n${found.map((id) => `${shown(id)}\n`).join('')}`)
  return 0
}

async function keepAlive(invocation: Invocation): Promise<number> {
  const id = idOf(invocation, 'keep-alive')
  for (;;) {
    const { ttlSeconds } = await call(invocation, first(invocation), 'Lease/LeaseKeepAlive', (client) => client.leaseKeepAlive(id))
    if (ttlSeconds <= 0) {
      await invocation.process.stdout.write(`lease ${shown(id)} expired or revoked.\n`)
      return 0
    }
    await invocation.process.stdout.write(`lease ${shown(id)} keepalived with TTL(${ttlSeconds})\n`)
    if (invocation.flags.bool('once')) return 0
    await invocation.process.clock.sleep((ttlSeconds * 1000) / 3)
  }
}
