/** Sockets of a network namespace as the tools list them (`ss`, `netstat`, `lsof`). */
import type { Process } from '#engine/linux/abi/process'
import { NetNamespace } from '#engine/linux/net/namespace'
import type { SocketOwner } from '#engine/linux/net/owner'

export interface SocketRow {
  readonly netid: 'tcp' | 'udp' | 'u_str'
  readonly state: string
  readonly receive: number
  readonly send: number
  readonly local: readonly [string, string]
  readonly peer: readonly [string, string]
  /** Nothing of what the viewer may not see. */
  readonly owner: { readonly pid: number; readonly command: string; readonly title: string } | undefined
  readonly inode: number
}

/** Those of the viewer's own namespace. */
export function socketRows(process: Process): SocketRow[] {
  const namespace = process.networkNamespace()
  if (!(namespace instanceof NetNamespace)) return []
  const { sockets } = namespace
  const ownerOf = (owner: SocketOwner): SocketRow['owner'] => {
    const pid = owner.pidFor(process)
    return pid === undefined ? undefined : { pid, command: owner.command, title: owner.title }
  }
  const bracketed = (address: string): string => (address.includes(':') ? (address === '::' ? '*' : `[${address}]`) : address)
  const listening = sockets.listeners().map((each): SocketRow => ({ netid: 'tcp', state: 'LISTEN', receive: each.endpoint.pending, send: each.backlog, local: [bracketed(each.address), String(each.port)], peer: [each.address === '::' ? '*' : '0.0.0.0', '*'], owner: ownerOf(each.owner), inode: each.inode }))
  const open = [...sockets.connections].map((end): SocketRow => ({ netid: 'tcp', state: end.state, receive: end.queued.receive, send: end.queued.send, local: [end.local.address, String(end.local.port)], peer: [end.remote.address, String(end.remote.port)], owner: ownerOf(end.owner), inode: end.inode }))
  const udp = sockets.udpSockets().map((each): SocketRow => ({ netid: 'udp', state: 'UNCONN', receive: 0, send: 0, local: [bracketed(each.local.address), String(each.local.port)], peer: ['0.0.0.0', '*'], owner: ownerOf(each.owner), inode: each.inode }))
  return [...listening, ...open, ...udp]
}
