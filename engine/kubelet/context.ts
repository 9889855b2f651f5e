/** What all parts of a kubelet share. Built once in kubelet.ts. */
import type { Klog } from '#engine/base/klog'
import type { Clock } from '#engine/base/clock'
import type { Client } from '#engine/client/client'
import type { EventRecorder } from '#engine/client/events'
import type { CriClient } from '#engine/cri/transport'
import type { Process } from '#engine/linux/abi/process'
import type { KubeletConfig, KubeletFlags } from './config/config'
import type { PodSchema } from './pods/schema'

export interface KubeletContext {
  readonly process: Process
  readonly clock: Clock
  readonly config: KubeletConfig
  readonly flags: KubeletFlags
  readonly klog: Klog
  readonly nodeName: string
  /** Undefined for a kubelet without an API server (standalone). */
  readonly client: Client | undefined
  readonly events: EventRecorder
  readonly cri: CriClient
  readonly podSchema: PodSchema
  /** Addresses of the node, first the one pods on the host network show. */
  readonly nodeIps: readonly string[]
}

/** The release of the binary, which its executable carries. */
export function kubeletVersion(process: Process): string {
  return process.executable.attributes['version'] ?? 'v1.35.4'
}
