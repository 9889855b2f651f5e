import { describe, expect, it } from 'vitest'
import { copyObject } from '#engine/api/object'
import { builtinTypeOfKind } from './builtin'
import { canonical, ownCanonical } from './canonical'
import type { Type } from './type'

const type = builtinTypeOfKind('', 'v1', 'Pod') as Type
const pods = {
  'fields in another order': { spec: { containers: [{ image: 'nginx', name: 'web', ports: [{ protocol: 'TCP', containerPort: 80 }] }] }, kind: 'Pod', metadata: { labels: { b: '2', a: '1' }, name: 'web' }, apiVersion: 'v1' },
  'empty fields': { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'web', labels: {}, finalizers: [], generateName: '' }, spec: { containers: [{ name: 'web', image: '', args: [], env: [], resources: { limits: {} } }], hostNetwork: false } },
  'nulls and absent fields': { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'web', creationTimestamp: null, labels: undefined }, spec: { containers: null, nodeSelector: null } },
  'quantities to be written otherwise': { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'web' }, spec: { containers: [{ name: 'web', resources: { requests: { memory: '1024Mi', cpu: 0.5 } } }, { name: 'other' }] }, status: {} },
  'a field that nobody knows': { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'web', stray: 1 }, spec: { containers: [] } },
}

describe('the form of an object in the store', () => {
  it.each(Object.entries(pods))("is the same whether the object is copied or the writer's own: %s", (_, pod) => {
    const wanted = canonical(type, copyObject(pod))
    expect(JSON.stringify(ownCanonical(type, copyObject(pod)))).toBe(JSON.stringify(wanted))
    expect(JSON.stringify(ownCanonical(type, copyObject(wanted)))).toBe(JSON.stringify(canonical(type, wanted)))
  })

  it('is the object itself where it has that form', () => {
    const pod = canonical(type, pods['fields in another order'] as object)
    expect(ownCanonical(type, pod)).toBe(pod)
  })

  it('shares with the object what has that form, and leaves the object as it was', () => {
    const pod = canonical(type, pods['fields in another order']) as { metadata: object; spec: { containers: object[] } }
    const changed = { ...pod, spec: { ...pod.spec, containers: [{ image: 'busybox', name: 'other' }, ...pod.spec.containers] } }
    const before = JSON.stringify(changed)
    const form = ownCanonical(type, changed)
    expect(form.metadata).toBe(pod.metadata)
    expect(form.spec.containers[1]).toBe(pod.spec.containers[0])
    expect(Object.keys(form.spec.containers[0] as object)).toEqual(['name', 'image', 'resources'])
    expect(JSON.stringify(changed)).toBe(before)
  })
})
