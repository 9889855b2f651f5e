/** The ids of members and clusters, reckoned as etcd reckons them: of peer URLs and the cluster's token. */
import { sha1 } from '@noble/hashes/legacy.js'
import type { Member } from '#engine/etcd/api'
import { concatBytes, encodeUtf8, fromHex, toHex } from '#engine/base/bytes'

/** With a moment, for a member that is added later. */
export function memberIdOf(peerUrls: readonly string[], token: string, atMs?: number): string {
  const text = [...peerUrls].sort().join('') + token + (atMs === undefined ? '' : String(Math.floor(atMs / 1000)))
  return toHex(sha1(encodeUtf8(text)).subarray(0, 8))
}

export function clusterIdOf(memberIds: readonly string[]): string {
  return toHex(sha1(concatBytes([...memberIds].sort().map((id) => fromHex(id)))).subarray(0, 8))
}

/** `NAME=URL,NAME=URL`; a name may come several times. */
export function initialMembers(initialCluster: string, token: string): Member[] {
  const urls = new Map<string, string[]>()
  for (const part of initialCluster.split(',').filter((text) => text.includes('='))) {
    const at = part.indexOf('=')
    const name = part.slice(0, at)
    urls.set(name, [...(urls.get(name) ?? []), part.slice(at + 1)])
  }
  return [...urls].map(([name, peerUrls]) => ({ id: memberIdOf(peerUrls, token), name, peerUrls, clientUrls: [], isLearner: false }))
}
