import { describe, expect, it } from 'vitest'
import type { Pod, PodStatus } from '#engine/api/kinds'
import type { KubeletContext } from '../context'
import { StatusManager } from './manager'

const mirror = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-n1', namespace: 'default', uid: 'mirror' }, status: {} } as Pod
const pod = { ...mirror, metadata: { ...mirror.metadata, uid: 'same' } } as Pod
const ended: PodStatus = { phase: 'Succeeded' }
const running: PodStatus = { phase: 'Running' }

/** An API that is down until it is let go, and what it was told. */
function api() {
  const told: unknown[] = []
  let release: () => void = () => undefined
  const down = new Promise<void>((resolve) => {
    release = resolve
  })
  let isDown = true
  const patch = async (_namespace: string, _name: string, _kind: string, body: { status: PodStatus }): Promise<void> => {
    if (isDown) throw new Error('connection refused')
    told.push(body.status.phase)
  }
  const context = {
    client: { of: () => ({ patch, delete: async () => undefined }) },
    clock: { now: () => 0, sleep: () => down },
    klog: { error: () => undefined },
    process: { background: (run: () => Promise<void>) => void run() },
  } as unknown as KubeletContext
  return { told, context, up: () => { isDown = false; release() } }
}

const settled = async (): Promise<void> => {
  for (let at = 0; at < 20; at++) await Promise.resolve()
}

describe('what the API is told of a static pod', () => {
  it('is nothing of the pod before, once its manifest has come back with the same uid', async () => {
    const { told, context, up } = api()
    const manager = new StatusManager(context, { apiPod: () => mirror })
    manager.set(pod, ended)
    await settled()
    manager.forget('same')
    up()
    manager.set(pod, running)
    await settled()
    expect(told).toEqual(['Running'])
  })
})
