import { describe, expect, it } from 'vitest'
import { builtinTypeOfKind } from './builtin'
import { applyJsonPatch } from '#engine/api/patch/json'
import { applyMergePatch } from '#engine/api/patch/merge'
import { applyStrategicPatch } from '#engine/api/patch/strategic'

const pod = builtinTypeOfKind('', 'v1', 'Pod')
const containers = (list: unknown[]): Record<string, unknown> => ({ spec: { containers: list } })

describe('a strategic merge patch', () => {
  it('merges lists by key, new items first', () => {
    const result = applyStrategicPatch(pod, containers([{ name: 'a', image: '1' }]), containers([{ name: 'a', image: '2' }, { name: 'b' }]))
    expect(result).toEqual(containers([{ name: 'a', image: '2' }, { name: 'b' }]))
    expect(applyStrategicPatch(pod, containers([{ name: 'a' }]), containers([{ name: 'b' }]))).toEqual(containers([{ name: 'b' }, { name: 'a' }]))
  })

  it('deletes, replaces and orders by its directives', () => {
    const start = containers([{ name: 'a' }, { name: 'b' }])
    expect(applyStrategicPatch(pod, start, containers([{ name: 'a', $patch: 'delete' }]))).toEqual(containers([{ name: 'b' }]))
    expect(applyStrategicPatch(pod, start, containers([{ name: 'c' }, { $patch: 'replace' }]))).toEqual(containers([{ name: 'c' }]))
    expect(applyStrategicPatch(pod, start, { spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] } })).toEqual(containers([{ name: 'b' }, { name: 'a' }]))
    expect(applyStrategicPatch(pod, { metadata: { finalizers: ['x', 'y'] } }, { metadata: { '$deleteFromPrimitiveList/finalizers': ['x'] } })).toEqual({ metadata: { finalizers: ['y'] } })
  })

  it('names the merge key that is missing', () => {
    expect(() => applyStrategicPatch(pod, {}, containers([{ image: 'x' }]))).toThrow('map: map[image:x] does not contain declared merge key: name')
  })
})

describe('other patches', () => {
  it('follow their standards', () => {
    expect(applyMergePatch({ a: 1, b: { c: 2 } }, { a: null, b: { d: [1] } })).toEqual({ b: { c: 2, d: [1] } })
    expect(applyJsonPatch({ a: [1, 2] }, [{ op: 'add', path: '/a/-', value: 3 }, { op: 'remove', path: '/a/0' }, { op: 'test', path: '/a/0', value: 2 }])).toEqual({ a: [2, 3] })
    expect(() => applyJsonPatch({}, [{ op: 'remove', path: '/x' }])).toThrow('missing value')
  })
})
