/** `etcdctl lock` and `elect`: who wrote first under a prefix holds it, as long as its lease lives. */
import { encodeUtf8 } from '#engine/base/bytes'
import type { EtcdClient } from '#engine/etcd/client'
import { exitCodeOf } from '#engine/linux/abi/signals'
import type { Process } from '#engine/linux/abi/process'
import { bool, int64 } from '#engine/programs/common/cobra/flags'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { call, endpoints, EtcdctlError, type Endpoint } from './connection'
import { prefixEnd } from './ranges'

const electionTtl = 60

export const lockCommands: readonly Command[] = [
  { use: 'lock <lockname> [exec-command arg1 arg2 ...]', short: 'Acquires a named lock', flags: [int64('ttl', 'timeout for session', { default: 10 })], run: lock },
  { use: 'elect <election-name> [proposal]', short: 'Observes and participates in leader election', flags: [bool('listen,l', 'observation mode')], run: elect },
]

/** A turn under a prefix, held by a lease that is kept alive. */
interface Turn {
  readonly key: string
  readonly revision: number
  release(): Promise<void>
}

async function lock(invocation: Invocation): Promise<number> {
  const { process, args, flags } = invocation
  const [name, ...command] = args
  if (name === undefined) throw new EtcdctlError('lock takes one lock name argument and an optional command to execute', 128)
  const turn = await take(invocation, `${name}/`, '', flags.number('ttl'))
  try {
    if (command.length > 0) return await execute(process, command, turn)
    await process.stdout.write(`${turn.key}\n`)
    await interrupted(process)
    return 0
  } finally {
    await turn.release()
  }
}

async function execute(process: Process, command: readonly string[], turn: Turn): Promise<number> {
  const [program = ''] = command
  const path = program.includes('/') ? program : (process.env.get('PATH') ?? '/usr/bin:/bin').split(':').map((directory) => `${directory}/${program}`).find((each) => process.files.exists(each))
  if (path === undefined || !process.files.exists(path)) throw new EtcdctlError(`exec: ${JSON.stringify(program)}: executable file not found in $PATH`, 1)
  const env = new Map([...process.env, ['ETCD_LOCK_KEY', turn.key], ['ETCD_LOCK_REV', String(turn.revision)]])
  return exitCodeOf(await process.spawn(path, command, { env }).wait())
}

async function elect(invocation: Invocation): Promise<number> {
  const { process, args, flags } = invocation
  const [name, proposal] = args
  if (name === undefined || (proposal === undefined && !flags.bool('listen')) || args.length > 2) throw new EtcdctlError('elect takes one election name argument and an optional proposal argument', 128)
  if (flags.bool('listen')) return observe(invocation, `${name}/`)
  const turn = await take(invocation, `${name}/`, proposal ?? '', electionTtl)
  try {
    await process.stdout.write(`${turn.key}\n${proposal ?? ''}\n`)
    await interrupted(process)
    return 0
  } finally {
    await turn.release()
  }
}

/** Tells of each leader as it comes. */
async function observe(invocation: Invocation, prefix: string): Promise<number> {
  const { client } = endpoints(invocation)[0] as Endpoint
  const said = new Set<string>()
  const tell = async (): Promise<void> => {
    const [first] = (await client.range({ key: prefix, rangeEnd: prefixEnd(prefix), sort: { target: 'create', order: 'ascend' }, limit: 1 })).kvs
    if (!first || said.has(`${first.key}@${first.modRevision}`)) return
    said.add(`${first.key}@${first.modRevision}`)
    await invocation.process.stdout.write(`${first.key}\n`)
    await invocation.process.stdout.write(first.value.bytes)
    await invocation.process.stdout.write('\n')
  }
  await tell()
  const stop = new AbortController()
  void interrupted(invocation.process).then(() => stop.abort())
  for await (const response of client.watch({ key: prefix, rangeEnd: prefixEnd(prefix) }, stop.signal)) if (response.events.length > 0) await tell()
  return 0
}

/** Writes a key of its own under the prefix and waits until all that came before are gone. */
async function take(invocation: Invocation, prefix: string, value: string, ttl: number): Promise<Turn> {
  const { process } = invocation
  const endpoint = endpoints(invocation)[0] as Endpoint
  const { client } = endpoint
  const { id } = await call(invocation, endpoint, 'Lease/LeaseGrant', (each) => each.leaseGrant(ttl))
  const key = `${prefix}${id.toString(16)}`
  const { header } = await client.put({ key, value: { bytes: encodeUtf8(value) }, lease: id })
  process.background(() => keep(process, client, id, ttl))
  const turn: Turn = { key, revision: header.revision, release: () => client.leaseRevoke(id).catch(() => undefined) }
  await waitForTurn(client, prefix, key, header.revision)
  return turn
}

async function waitForTurn(client: EtcdClient, prefix: string, own: string, revision: number): Promise<void> {
  for (;;) {
    const { kvs, header } = await client.range({ key: prefix, rangeEnd: prefixEnd(prefix), sort: { target: 'create', order: 'ascend' } })
    const before = kvs.filter((kv) => kv.key !== own && kv.createRevision < revision).at(-1)
    if (!before) return
    const stop = new AbortController()
    try {
      for await (const response of client.watch({ key: before.key, startRevision: header.revision + 1 }, stop.signal)) if (response.events.some((event) => event.type === 'delete')) break
    } finally {
      stop.abort()
    }
  }
}

async function keep(process: Process, client: EtcdClient, id: number, ttl: number): Promise<void> {
  for (;;) {
    await process.clock.sleep((ttl * 1000) / 3)
    await client.leaseKeepAlive(id).catch(() => undefined)
  }
}

function interrupted(process: Process): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.handle(signal, () => resolve())
  })
}
