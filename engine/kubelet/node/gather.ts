/** Gathers what the node's status tells. */
import type { Image } from '#engine/cri/api'
import { RpcError } from '#engine/cri/rpc'
import type { KubeletContext } from '../context'
import type { RuntimeHealth } from '../runtime/health'
import { hostAddresses, type MachineFacts } from './machine'
import { nodeAllocatable, type NodeInputs } from './status'

export class Gatherer {
  private images: readonly Image[] = []
  private runtimeVersion = ''
  readonly pressure = { memory: false, disk: false, pid: false }

  constructor(
    private readonly context: KubeletContext,
    private readonly machine: MachineFacts,
    private readonly health: RuntimeHealth,
    /** What else keeps the node from being ready. */
    private readonly hindrance: () => string | undefined,
  ) {}

  async gather(): Promise<NodeInputs> {
    try {
      this.images = (await this.context.cri.images.ListImages({})).images
      if (this.runtimeVersion === '') this.runtimeVersion = (await this.context.cri.runtime.Version({ version: '0.1.0' })).runtimeVersion.replace(/^v/, '')
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
    }
    this.checkNodeIp()
    return this.inputs()
  }

  /** An address of the flags that is not the machine's is told at every status, and the others stay. */
  private checkNodeIp(): void {
    const { flags, process, klog, nodeName } = this.context
    const ip = flags.nodeIp.split(',')[0]?.trim() ?? ''
    if (ip === '' || ip === '0.0.0.0' || ip === '::' || hostAddresses(process).includes(ip)) return
    klog.error('kubelet_node_status.go:735', `failed to validate nodeIP: node IP: "${ip}" not found in the host's network interfaces`, 'Failed to set some node status fields', { node: nodeName })
  }

  allocatable(): Record<string, string> {
    return nodeAllocatable(this.inputs())
  }

  private unready(): string | undefined {
    const errors = [this.health.error(), this.hindrance()].filter((error) => error !== undefined)
    return errors.length < 2 ? errors[0] : `[${errors.map((error) => error.replace(/^\[(.*)\]$/, '$1')).join(', ')}]`
  }

  private inputs(): NodeInputs {
    const { context, machine, health } = this
    return {
      context, machine, images: this.images, runtime: health.status, runtimeVersion: this.runtimeVersion, diskBytes: context.process.files.statfs('/').totalBytes,
      unready: this.unready(), pressure: this.pressure, hostname: context.flags.hostnameOverride || context.process.uname().nodename,
    }
  }
}
