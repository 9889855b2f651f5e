/** Mirror pods: what the API shows of a static pod. Made, and made anew when it differs or was deleted. */
import { copyObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import type { Node, Pod } from '#engine/api/kinds'
import { pods } from '#engine/client/resources'
import { errorText } from '#engine/cri/rpc'
import type { KubeletContext } from '../context'
import { configHash, configMirror, klogName } from './names'

export class MirrorClient {
  constructor(
    private readonly context: KubeletContext,
    private readonly node: () => Promise<Node | undefined>,
  ) {}

  isMirrorOf(mirror: Pod, pod: Pod): boolean {
    return mirror.metadata.annotations?.[configMirror] === pod.metadata.annotations?.[configHash]
  }

  /** Whether it is there now. */
  async create(pod: Pod): Promise<boolean> {
    const client = this.context.client
    if (!client) return false
    const node = await this.node()
    if (!node) return false
    const mirror = copyObject(pod)
    delete mirror.metadata.uid
    delete (mirror as { status?: unknown }).status
    mirror.metadata.annotations = { ...mirror.metadata.annotations, [configMirror]: pod.metadata.annotations?.[configHash] ?? '' }
    mirror.metadata.ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: this.context.nodeName, uid: node.metadata.uid ?? '', controller: true }]
    try {
      await client.of(pods).create(mirror)
      return true
    } catch (error) {
      if (isReason(error, 'AlreadyExists')) return true
      this.context.klog.error('kubelet.go:3219', errorText(error), 'Failed creating a mirror pod', { pod: klogName(pod) })
      return false
    }
  }

  /** Whether it is gone now. */
  async delete(mirror: Pod): Promise<boolean> {
    const { namespace = '', name = '', uid } = mirror.metadata
    try {
      await this.context.client?.of(pods).delete(namespace, name, { gracePeriodSeconds: 0, ...(uid ? { preconditions: { uid } } : {}) })
      return true
    } catch (error) {
      if (isReason(error, 'NotFound') || isReason(error, 'Conflict')) return true
      this.context.klog.error('mirror_client.go:138', errorText(error), 'Failed deleting a mirror pod', { pod: klogName(mirror) })
      return false
    }
  }
}
