/** Why no node would do, in kube-scheduler's words. */
import type { Status } from '#engine/scheduler/framework'

/** `0/3 nodes are available: 1 Insufficient cpu, 2 Too many pods.`, with what preFilter and postFilter have to say. */
export function fitErrorText(nodes: number, statuses: ReadonlyMap<string, Status>, preFilter?: string, postFilter?: string): string {
  let text = `0/${nodes} nodes are available:`
  if (preFilter) text += ` ${preFilter}.`
  else {
    const counts = new Map<string, number>()
    for (const status of statuses.values()) for (const reason of status.reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
    const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort()
    if (parts.length > 0) text += ` ${parts.join(', ')}.`
  }
  return postFilter ? `${text} ${postFilter}` : text
}
