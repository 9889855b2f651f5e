/** etcdctl member add, remove, update and promote, and move-leader. */
import type { Member } from '#engine/etcd/api'
import { bool, strings } from '#engine/programs/common/cobra/flags'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { call, endpoints, EtcdctlError, type Endpoint } from './connection'
import { formatOf } from './output'

const peerUrls = strings('peer-urls', 'comma separated peer URLs for the new member.')

export const membershipCommands: readonly Command[] = [
  { use: 'add <memberName> [options]', short: 'Adds a member into the cluster', flags: [peerUrls, bool('learner', 'indicates if the new member is raft learner')], run: add },
  { use: 'remove <memberID>', short: 'Removes a member from the cluster', run: (invocation) => change(invocation, 'removed from', 'MemberRemove', (endpoint, id) => endpoint.client.memberRemove(id)) },
  { use: 'update <memberID> [options]', short: 'Updates a member in the cluster', flags: [peerUrls], run: update },
  { use: 'promote <memberID>', short: 'Promotes a non-voting member in the cluster', run: (invocation) => change(invocation, 'promoted in', 'MemberPromote', (endpoint, id) => endpoint.client.memberPromote(id)) },
]

export const moveLeaderCommand: Command = { use: 'move-leader <transferee-member-id>', short: 'Transfers leadership to another etcd cluster member.', run: moveLeader }

async function add(invocation: Invocation): Promise<number> {
  const { process, args, flags } = invocation
  const [name] = args
  if (name === undefined) throw new EtcdctlError('member name not provided', 128)
  if (args.length > 1) throw new EtcdctlError('too many arguments', 128)
  const urls = flags.list('peer-urls')
  if (urls.length === 0) throw new EtcdctlError('member peer urls not provided', 128)
  const endpoint = endpoints(invocation)[0] as Endpoint
  const { member, members } = await call(invocation, endpoint, 'Cluster/MemberAdd', (client) => client.memberAdd(urls, flags.bool('learner')))
  const clusterId = await clusterOf(invocation, endpoint)
  if (formatOf(flags.string('write-out')) === 'json') {
    await process.stdout.write(`${JSON.stringify({ header: { cluster_id: decimal(clusterId) }, member: shown(member), members: members.map(shown) })}\n`)
    return 0
  }
  await process.stdout.write(`Member ${member.id} added to cluster ${clusterId}\n\n`)
  const all = members.flatMap((each) => each.peerUrls.map((url) => `${each.id === member.id ? name : each.name}=${url}`))
  await process.stdout.write(`ETCD_NAME="${name}"\nETCD_INITIAL_CLUSTER="${all.join(',')}"\nETCD_INITIAL_ADVERTISE_PEER_URLS="${urls.join(',')}"\nETCD_INITIAL_CLUSTER_STATE="existing"\n`)
  return 0
}

async function update(invocation: Invocation): Promise<number> {
  const urls = invocation.flags.list('peer-urls')
  if (urls.length === 0) throw new EtcdctlError('member peer urls not provided', 128)
  return change(invocation, 'updated in', 'MemberUpdate', (endpoint, id) => endpoint.client.memberUpdate(id, urls))
}

async function change(invocation: Invocation, words: string, method: string, run: (endpoint: Endpoint, id: string) => Promise<unknown>): Promise<number> {
  if (invocation.args.length !== 1) throw new EtcdctlError('member ID is not provided', 128)
  const id = memberId(invocation.args[0] ?? '')
  const endpoint = endpoints(invocation)[0] as Endpoint
  const clusterId = await clusterOf(invocation, endpoint)
  await call(invocation, endpoint, `Cluster/${method}`, () => run(endpoint, id))
  await invocation.process.stdout.write(`Member ${id} ${words} cluster ${clusterId}\n`)
  return 0
}

async function moveLeader(invocation: Invocation): Promise<number> {
  if (invocation.args.length !== 1) throw new EtcdctlError('move-leader command needs 1 argument', 128)
  const target = memberId(invocation.args[0] ?? '')
  const given = endpoints(invocation)
  for (const endpoint of given) {
    const { header, leader } = await call(invocation, endpoint, 'Maintenance/Status', (client) => client.status())
    if (header.memberId !== leader) continue
    await call(invocation, endpoint, 'Maintenance/MoveLeader', (client) => client.moveLeader(target))
    await invocation.process.stdout.write(`Leadership transferred from ${leader} to ${target}\n`)
    return 0
  }
  throw new EtcdctlError(`no leader endpoint given at [${given.map(({ name }) => name).join(' ')}]`, 128)
}

function memberId(text: string): string {
  if (!/^[0-9a-f]{1,16}$/i.test(text)) throw new EtcdctlError(`bad member ID arg (strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax), expecting ID in Hex`, 128)
  return text.toLowerCase().padStart(16, '0')
}

async function clusterOf(invocation: Invocation, endpoint: Endpoint): Promise<string> {
  return (await call(invocation, endpoint, 'Maintenance/Status', (client) => client.status())).header.clusterId
}

function decimal(hex: string): string {
  return BigInt(`0x${hex}`).toString()
}

function shown(member: Member): Record<string, unknown> {
  return { ID: decimal(member.id), ...(member.name === '' ? {} : { name: member.name }), peerURLs: member.peerUrls, ...(member.clientUrls.length === 0 ? {} : { clientURLs: member.clientUrls }), ...(member.isLearner ? { isLearner: true } : {}) }
}
