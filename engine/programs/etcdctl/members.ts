/** etcdctl member, endpoint, alarm, defrag and snapshot. */
import { bool, int64 } from '#engine/programs/common/cobra/flags'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { ZapLog } from '#engine/programs/common/zap'
import { call, endpoints, EtcdctlError, type Endpoint } from './connection'
import { membershipCommands, moveLeaderCommand } from './membership'
import { formatOf, humanBytes, memberRow, statusHead, statusRow, table } from './output'

const cluster = bool('cluster', 'use all endpoints from the cluster member list')
const helpOnly = (use: string, short: string): Command => ({ use, short, run: () => Promise.resolve(0) })
const unsupported = (use: string, short: string): Command => ({ use, short, rawArguments: true, run: () => Promise.reject(new EtcdctlError(`${use.split(' ')[0] ?? ''} is not supported by this etcdctl`, 1)) })

export const memberCommands: readonly Command[] = [
  { use: 'member <subcommand>', short: 'Membership related commands', commands: [{ use: 'list', short: 'Lists all members in the cluster', run: memberList }, ...membershipCommands] },
  {
    use: 'endpoint <subcommand>',
    short: 'Endpoint related commands',
    commands: [
      { use: 'health', short: 'Checks the healthiness of endpoints specified in `--endpoints` flag', flags: [cluster], run: health },
      { use: 'status', short: 'Prints out the status of endpoints specified in `--endpoints` flag', flags: [cluster], run: status },
      { use: 'hashkv', short: 'Prints the KV history hash for each endpoint in --endpoints', flags: [cluster, int64('rev', 'maximum revision to hash (default: latest revision)')], run: hashKv },
    ],
  },
  { use: 'alarm <subcommand>', short: 'Alarm related commands', commands: [{ use: 'list', short: 'Lists all alarms', run: () => Promise.resolve(0) }, { use: 'disarm', short: 'Disarms all alarms', run: () => Promise.resolve(0) }] },
  { use: 'defrag', short: 'Defragments the storage of the etcd members with given endpoints', flags: [cluster], run: defrag },
  { use: 'snapshot <subcommand>', short: 'Manages etcd node snapshots', commands: [{ use: 'save <filename>', short: 'Stores an etcd node backend snapshot to a given file', run: save }, { ...helpOnly('status', 'Moved to etcdutl'), hidden: true, rawArguments: true }, { ...helpOnly('restore', 'Moved to etcdutl'), hidden: true, rawArguments: true }] },
  moveLeaderCommand,
  unsupported('make-mirror <destination>', 'Makes a mirror at the destination etcd cluster'),
]

async function chosen(invocation: Invocation): Promise<Endpoint[]> {
  const given = endpoints(invocation)
  if (!invocation.flags.bool('cluster')) return given
  const one = given[0]
  if (!one) return []
  const members = await call(invocation, one, 'Cluster/MemberList', (client) => client.members())
  return endpoints(invocation, members.flatMap((member) => [...member.clientUrls]))
}

async function memberList(invocation: Invocation): Promise<number> {
  const { process, flags } = invocation
  const members = await call(invocation, endpoints(invocation)[0] as Endpoint, 'Cluster/MemberList', (client) => client.members())
  const format = formatOf(flags.string('write-out'))
  const rows = members.map(memberRow)
  if (format === 'table') await process.stdout.write(table(['ID', 'STATUS', 'NAME', 'PEER ADDRS', 'CLIENT ADDRS', 'IS LEARNER'], rows))
  else if (format === 'json') await process.stdout.write(`${JSON.stringify({ header: {}, members: members.map((member) => ({ ID: BigInt(`0x${member.id}`).toString(), name: member.name, peerURLs: member.peerUrls, clientURLs: member.clientUrls })) })}\n`)
  else await process.stdout.write(rows.map((row) => `${row.join(', ')}\n`).join(''))
  return 0
}

async function health(invocation: Invocation): Promise<number> {
  const { process } = invocation
  const rows: string[][] = []
  for (const endpoint of await chosen(invocation)) {
    const took = `${(8 + process.random.next() * 8).toFixed(6)}ms`
    try {
      await call(invocation, endpoint, 'KV/Range', (client) => client.range({ key: 'health' }))
      rows.push([endpoint.name, 'true', took, ''])
    } catch (error) {
      if (!(error instanceof EtcdctlError)) throw error
      rows.push([endpoint.name, 'false', took, error.message])
    }
  }
  await printHealth(invocation, rows)
  if (rows.some((row) => row[1] === 'false')) throw new EtcdctlError('unhealthy cluster', 1)
  return 0
}

async function printHealth({ process, flags }: Invocation, rows: readonly (readonly string[])[]): Promise<void> {
  const format = formatOf(flags.string('write-out'))
  if (format === 'table') return process.stdout.write(table(['ENDPOINT', 'HEALTH', 'TOOK', 'ERROR'], rows))
  if (format === 'json') return process.stdout.write(`${JSON.stringify(rows.map(([endpoint, healthy, took, error]) => ({ endpoint, health: healthy === 'true', took, ...(error ? { error } : {}) })))}\n`)
  for (const [endpoint = '', healthy, took = '', error = ''] of rows) {
    if (healthy === 'true') await process.stdout.write(`${endpoint} is healthy: successfully committed proposal: took = ${took}\n`)
    else await process.stderr.write(`${endpoint} is unhealthy: failed to commit proposal: ${error}\n`)
  }
}

async function status(invocation: Invocation): Promise<number> {
  const { process, flags } = invocation
  const format = formatOf(flags.string('write-out'))
  const found = []
  for (const endpoint of await chosen(invocation)) found.push({ endpoint: endpoint.name, status: await call(invocation, endpoint, 'Maintenance/Status', (client) => client.status()) })
  if (format === 'table') await process.stdout.write(table(statusHead, found.map((one) => statusRow(one.endpoint, one.status))))
  else if (format === 'json') await process.stdout.write(`${JSON.stringify(found.map(({ endpoint, status: at }) => ({ Endpoint: endpoint, Status: statusJson(at) })))}\n`)
  else await process.stdout.write(found.map((one) => `${statusRow(one.endpoint, one.status).join(', ')}\n`).join(''))
  return 0
}

/** FNV-1a over keys and revisions: alike for members that hold the same. */
async function hashKv(invocation: Invocation): Promise<number> {
  const { process, flags } = invocation
  const rows: string[][] = []
  for (const endpoint of await chosen(invocation)) {
    const { kvs, header } = await call(invocation, endpoint, 'Maintenance/HashKV', (client) => client.range({ key: '\0', rangeEnd: '\0' }))
    let hash = 0x811c9dc5
    for (const kv of kvs) for (const char of `${kv.key}@${kv.modRevision}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
    rows.push([endpoint.name, String(hash >>> 0), String(flags.number('rev') || header.revision)])
  }
  const format = formatOf(flags.string('write-out'))
  await process.stdout.write(format === 'table' ? table(['ENDPOINT', 'HASH', 'HASH REVISION'], rows) : rows.map((row) => `${row.join(', ')}\n`).join(''))
  return 0
}

function statusJson(at: Awaited<ReturnType<Endpoint['client']['status']>>): Record<string, unknown> {
  const number = (hex: string): string => BigInt(`0x${hex}`).toString()
  const header = { cluster_id: number(at.header.clusterId), member_id: number(at.header.memberId), revision: at.header.revision, raft_term: at.header.raftTerm }
  return {
    header, version: at.version, dbSize: at.dbSize, leader: number(at.leader), raftIndex: at.raftIndex, raftTerm: at.header.raftTerm, raftAppliedIndex: at.raftAppliedIndex,
    dbSizeInUse: at.dbSizeInUse, storageVersion: '3.6.0', dbSizeQuota: 2_147_483_648, downgradeInfo: {},
  }
}

async function defrag(invocation: Invocation): Promise<number> {
  for (const endpoint of await chosen(invocation)) {
    await call(invocation, endpoint, 'Maintenance/Defragment', (client) => client.defragment())
    await invocation.process.stdout.write(`Finished defragmenting etcd member[${endpoint.name}]. took ${(invocation.process.random.next() * 90 + 10).toFixed(6)}ms\n`)
  }
  return 0
}

async function save(invocation: Invocation): Promise<number> {
  const { process, args } = invocation
  const path = args[0]
  if (args.length !== 1 || path === undefined) throw new EtcdctlError('snapshot save expects one argument', 128)
  const log = new ZapLog(process)
  const endpoint = endpoints(invocation)[0] as Endpoint
  const started = process.clock.now()
  log.info('snapshot/v3_snapshot.go:83', 'created temporary db file', { path: `${path}.part` })
  log.info('v3@v3.6.6/maintenance.go:236', 'opened snapshot stream; downloading')
  log.info('snapshot/v3_snapshot.go:96', 'fetching snapshot', { endpoint: endpoint.name })
  const bytes = await call(invocation, endpoint, 'Maintenance/Snapshot', (client) => client.snapshot())
  log.info('v3@v3.6.6/maintenance.go:302', 'completed snapshot read; closing')
  try {
    process.files.replaceFile(path, bytes, 0o600)
  } catch {
    throw new EtcdctlError(`could not open ${path}.part (open ${path}.part: no such file or directory)`, 1)
  }
  log.info('snapshot/v3_snapshot.go:111', 'fetched snapshot', { endpoint: endpoint.name, size: humanBytes(bytes.length), took: `${((process.clock.now() - started) / 1000).toFixed(9)}s`, 'etcd-version': '3.6.0' })
  log.info('snapshot/v3_snapshot.go:121', 'saved', { path })
  await process.stdout.write(`Snapshot saved at ${path}\nServer version 3.6.0\n`)
  return 0
}
