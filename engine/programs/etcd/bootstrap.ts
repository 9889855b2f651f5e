/** Who a member is when it begins: alone, one of a new cluster, one that was added to a running one, or who it was before. */
import type { Member } from '#engine/etcd/api'
import { clusterIdOf, initialMembers } from '#engine/etcd/cluster/identity'
import type { PeerLink } from '#engine/etcd/cluster/messages'
import { type ClusterRecord, decodeSnapshot } from '#engine/etcd/snapshot'
import type { EtcdSettings } from './options'

export interface Beginning {
  readonly identity: { readonly clusterId: string; readonly memberId: string }
  readonly cluster?: ClusterRecord
}

/** A cluster that cannot be begun or joined, in etcd's words. */
export class BootstrapError extends Error {
  override readonly name = 'BootstrapError'
}

/** From the data directory: what it says of this member. */
export function beginningOf(snapshot: Uint8Array, forceNew: boolean): Beginning {
  const { clusterId, memberId, cluster } = decodeSnapshot(snapshot)
  if (cluster && !forceNew && !cluster.members.some((member) => member.id === memberId)) throw new BootstrapError('the member has been permanently removed from the cluster')
  return { identity: { clusterId, memberId }, ...(cluster ? { cluster } : {}) }
}

export async function bootstrap(settings: EtcdSettings, link: PeerLink): Promise<Beginning> {
  const wanted = initialMembers(settings.initialCluster, settings.initialClusterToken)
  const self = wanted.find((member) => member.name === settings.name)
  if (!self) throw new BootstrapError(`couldn't find local name ${JSON.stringify(settings.name)} in the initial cluster configuration`)
  if (settings.initialClusterState === 'existing') return joining(settings, wanted, link)
  const identity = { clusterId: clusterIdOf(wanted.map(({ id }) => id)), memberId: self.id }
  return wanted.length === 1 ? { identity } : { identity, cluster: { members: wanted, term: 1, at: { index: wanted.length, term: 1 } } }
}

async function joining(settings: EtcdSettings, wanted: readonly Member[], link: PeerLink): Promise<Beginning> {
  for (const peer of wanted.filter(({ name }) => name !== settings.name)) {
    const answer = await link.call(peer, 'members', {}).catch((error: Error) => {
      if (error.name === 'ProcessKilled') throw error
      return undefined
    })
    if (answer) return oneOf(settings, wanted, answer.clusterId, answer.members)
  }
  throw new BootstrapError('cannot fetch cluster info from peer urls: could not retrieve cluster information from the given URLs')
}

/** The members that are there must be those that were given, URL by URL. */
function oneOf(settings: EtcdSettings, wanted: readonly Member[], clusterId: string, members: readonly Member[]): Beginning {
  const shown = `{ClusterID:${clusterId} Members:[${members.map((member) => `&{ID:${member.id} RaftAttributes:{PeerURLs:[${member.peerUrls.join(' ')}] IsLearner:${String(member.isLearner)}} Attributes:{Name:${member.name} ClientURLs:[${member.clientUrls.join(' ')}]}}`).join(' ')}] RemovedMemberIDs:[]}`
  if (wanted.length !== members.length) throw new BootstrapError(`error validating peerURLs ${shown}: member count is unequal`)
  const own = members.find((member) => same(member.peerUrls, settings.advertisePeerUrls))
  const stranger = wanted.find((member) => !members.some((known) => same(known.peerUrls, member.peerUrls)))
  if (!own || stranger) throw new BootstrapError(`error validating peerURLs ${shown}: unmatched member while checking PeerURLs (${(stranger?.peerUrls ?? settings.advertisePeerUrls).join(',')})`)
  return { identity: { clusterId, memberId: own.id }, cluster: { members, term: 1, at: { index: 0, term: 0 } } }
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return [...a].sort().join() === [...b].sort().join()
}
