/** The node's CSINode: which volume drivers it has (none is simulated), and which in-tree plugins are migrated to CSI. */
import { isReason } from '#engine/api/status'
import { csiNodes, nodes } from '#engine/client/resources'
import { errorText } from '#engine/cri/rpc'
import type { KubeletContext } from '../context'

const migrated = ['aws-ebs', 'azure-disk', 'azure-file', 'cinder', 'gce-pd', 'portworx-volume', 'vsphere-volume'].map((plugin) => `kubernetes.io/${plugin}`).join(',')
const retryMaxMs = 60_000

/** Makes it once the node is registered; tried until it is there. */
export async function ensureCsiNode(context: KubeletContext): Promise<void> {
  for (let waitMs = 500; ; waitMs = Math.min(waitMs * 2, retryMaxMs)) {
    try {
      return await makeOnce(context)
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      context.klog.error('csi_plugin.go:1', errorText(error), 'Failed to initialize CSINode')
    }
    await context.clock.sleep(waitMs)
  }
}

async function makeOnce({ client, nodeName }: KubeletContext): Promise<void> {
  if (!client) return
  try {
    await client.of(csiNodes).get('', nodeName)
    return
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
  const node = await client.of(nodes).get('', nodeName)
  const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: node.metadata.uid ?? '' }
  await client.of(csiNodes).create({
    apiVersion: 'storage.k8s.io/v1', kind: 'CSINode',
    metadata: { name: nodeName, annotations: { 'storage.alpha.kubernetes.io/migrated-plugins': migrated }, ownerReferences: [owner] },
    spec: { drivers: null as unknown as [] },
  })
}
