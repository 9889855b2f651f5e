import { describe, expect, it } from 'vitest'
import { startTestServer } from '#engine/apiserver/testing'
import { Client } from './client'
import { CoreEventRecorder } from './events'
import * as refs from './resources'

const settle = async (): Promise<void> => {
  for (let i = 0; i < 30; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}

describe('events', () => {
  it('of two components about one object at one instant are both kept', async () => {
    const { clock, transport, server } = await startTestServer()
    const client = new Client(transport())
    await client.of(refs.namespaces).create({ metadata: { name: 'default' } }).catch(() => undefined)
    const node = { kind: 'Node', name: 'node01', uid: 'node01', apiVersion: 'v1' }
    new CoreEventRecorder(client, clock, { component: 'kubelet', host: 'node01' }).event(node, 'Normal', 'Starting', 'Starting kubelet.')
    new CoreEventRecorder(client, clock, { component: 'node-controller' }).event(node, 'Normal', 'RegisteredNode', 'Node node01 event: Registered Node node01 in Controller')
    await settle()
    expect((await client.of(refs.events).list('default')).items.map((event) => event.reason).sort()).toEqual(['RegisteredNode', 'Starting'])
    server.stop()
  })

  it('that repeat are counted, and after ten different messages of a kind become one', async () => {
    const { clock, transport, server } = await startTestServer()
    const client = new Client(transport())
    await client.of(refs.namespaces).create({ metadata: { name: 'default' } }).catch(() => undefined)
    const recorder = new CoreEventRecorder(client, clock, { component: 'kubelet', host: 'node01' })
    const pod = { kind: 'Pod', name: 'web', namespace: 'default', uid: 'u', apiVersion: 'v1' }
    for (let i = 0; i < 3; i++) recorder.event(pod, 'Normal', 'Pulled', 'the image')
    for (let i = 0; i < 12; i++) recorder.event(pod, 'Warning', 'Unhealthy', `probe ${i}`)
    await settle()
    const list = (await client.of(refs.events).list('default')).items
    expect(list.find((event) => event.reason === 'Pulled')?.count).toBe(3)
    expect(list.filter((event) => event.reason === 'Unhealthy')).toHaveLength(10)
    expect(list.filter((event) => (event.message ?? '').startsWith('(combined from similar events): ')).map((event) => event.count)).toEqual([3])
    server.stop()
  })
})
