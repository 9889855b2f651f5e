/** A node with what runs on it, kept up to date as pods come and go. */
import { nameOf, namespaceOf } from '#engine/api/meta'
import { present } from '#engine/base/assert'
import type { Node, Pod } from '#engine/api/kinds'
import type { HostPort, PodInfo } from '#engine/scheduler/pod-info'
import { addAmounts, amountOf, amountsOf, type Amounts, noAmounts, type QuantityMap } from '#engine/scheduler/resources'

export class NodeInfo {
  node: Node | undefined
  readonly pods = new Map<string, PodInfo>()
  readonly withAffinity = new Map<string, PodInfo>()
  readonly withAntiAffinity = new Map<string, PodInfo>()
  readonly ports = new Map<string, HostPort[]>()
  /** Claims of the node's pods, `namespace/name`, with how many use them. */
  readonly claims = new Map<string, number>()
  requested: Amounts = noAmounts()
  nonZeroCpu = 0
  nonZeroMemory = 0
  allocatable: Amounts = noAmounts()
  allowedPods = 0
  /** Bytes by image name. */
  images = new Map<string, number>()

  constructor(readonly name: string) {}

  setNode(node: Node): void {
    this.node = node
    this.allocatable = amountsOf(node.status?.allocatable as QuantityMap | undefined)
    this.allowedPods = amountOf('pods', (node.status?.allocatable as QuantityMap | undefined)?.['pods'] ?? 0)
    this.images = new Map()
    for (const image of node.status?.images ?? []) for (const name of image.names ?? []) this.images.set(name, image.sizeBytes ?? 0)
  }

  get labels(): Readonly<Record<string, string>> {
    return this.node?.metadata.labels ?? {}
  }

  addPod(info: PodInfo): void {
    this.pods.set(info.key, info)
    if (hasAffinity(info)) this.withAffinity.set(info.key, info)
    if (info.antiAffinity.length > 0) this.withAntiAffinity.set(info.key, info)
    this.account(info, 1)
    for (const port of info.hostPorts) {
      const taken = this.ports.get(portKey(port))
      if (taken) taken.push(port)
      else this.ports.set(portKey(port), [port])
    }
    for (const claim of claimsOf(info.pod)) this.claims.set(claim, (this.claims.get(claim) ?? 0) + 1)
  }

  removePod(key: string): PodInfo | undefined {
    const info = this.pods.get(key)
    if (!info) return undefined
    this.pods.delete(key)
    this.withAffinity.delete(key)
    this.withAntiAffinity.delete(key)
    this.account(info, -1)
    for (const port of info.hostPorts) {
      const taken = present(this.ports.get(portKey(port)), 'host port')
      const rest = taken.filter((entry) => entry !== port)
      if (rest.length > 0) this.ports.set(portKey(port), rest)
      else this.ports.delete(portKey(port))
    }
    for (const claim of claimsOf(info.pod)) {
      const left = (this.claims.get(claim) ?? 1) - 1
      if (left > 0) this.claims.set(claim, left)
      else this.claims.delete(claim)
    }
    return info
  }

  portTaken(port: HostPort): boolean {
    return (this.ports.get(portKey(port)) ?? []).some((other) => other.ip === port.ip || other.ip === '0.0.0.0' || port.ip === '0.0.0.0')
  }

  /** A copy to try things on. */
  clone(): NodeInfo {
    const copy = new NodeInfo(this.name)
    if (this.node) copy.node = this.node
    copy.allocatable = this.allocatable
    copy.allowedPods = this.allowedPods
    copy.images = this.images
    for (const info of this.pods.values()) copy.addPod(info)
    return copy
  }

  private account(info: PodInfo, sign: 1 | -1): void {
    addAmounts(this.requested, info.requests, sign)
    this.nonZeroCpu += sign * info.nonZeroCpu
    this.nonZeroMemory += sign * info.nonZeroMemory
  }
}

function hasAffinity(info: PodInfo): boolean {
  return info.affinity.length + info.antiAffinity.length + info.preferredAffinity.length + info.preferredAntiAffinity.length > 0
}

function portKey(port: HostPort): string {
  return `${port.protocol}/${port.port}`
}

/** `namespace/name` of the claims a pod uses, generic ephemeral volumes included. */
export function claimsOf(pod: Pod): string[] {
  const out: string[] = []
  for (const volume of pod.spec?.volumes ?? []) {
    const name = volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${nameOf(pod)}-${volume.name}` : undefined)
    if (name !== undefined) out.push(`${namespaceOf(pod)}/${name}`)
  }
  return out
}
