import { describe, expect, it } from 'vitest'
import { builtinPatchMeta } from './builtin'
import { PatchMeta } from '#engine/programs/common/patch/schema'
import { threeWayStrategicPatch, twoWayStrategicPatch } from '#engine/programs/common/patch/strategic'

const pod = (...containers: Record<string, unknown>[]): Record<string, unknown> => ({ spec: { containers } })
const meta = builtinPatchMeta('Pod')

describe('a strategic merge patch', () => {
  it('names list items by their merge key and tells their order', () => {
    const patch = twoWayStrategicPatch(pod({ name: 'a', image: '1' }, { name: 'b', image: '1' }), pod({ name: 'a', image: '2' }, { name: 'b', image: '1' }), meta)
    expect(patch).toEqual({ spec: { containers: [{ name: 'a', image: '2' }], '$setElementOrder/containers': [{ name: 'a' }, { name: 'b' }] } })
  })

  it('deletes what is gone and adds what is new', () => {
    const patch = twoWayStrategicPatch({ ...pod({ name: 'a' }), old: 1 }, pod({ name: 'b', image: 'x' }), meta)
    expect(patch).toEqual({ old: null, spec: { containers: [{ name: 'b', image: 'x' }, { $patch: 'delete', name: 'a' }], '$setElementOrder/containers': [{ name: 'b' }] } })
  })

  it('is empty where nothing changed', () => {
    expect(twoWayStrategicPatch(pod({ name: 'a' }), pod({ name: 'a' }), meta)).toEqual({})
  })

  it('of three ways leaves alone what others have set', () => {
    const applied = pod({ name: 'a', image: '1', env: [{ name: 'X', value: '1' }] })
    const live = pod({ name: 'a', image: '1', env: [{ name: 'X', value: '1' }], terminationMessagePath: '/dev/log' })
    const wanted = pod({ name: 'a', image: '2' })
    expect(threeWayStrategicPatch(applied, wanted, live, meta)).toEqual({ spec: { containers: [{ name: 'a', image: '2', env: null }], '$setElementOrder/containers': [{ name: 'a' }] } })
  })

  it('treats lists of plain values as sets where they merge', () => {
    const patch = twoWayStrategicPatch({ metadata: { finalizers: ['a', 'b'] } }, { metadata: { finalizers: ['b', 'c'] } }, meta)
    expect(patch).toEqual({ metadata: { finalizers: ['c'], '$deleteFromPrimitiveList/finalizers': ['a'], '$setElementOrder/finalizers': ['b', 'c'] } })
  })

  it('replaces what is to be replaced as a whole, changed or not', () => {
    const budget = new PatchMeta({}, { properties: { selector: { 'x-kubernetes-patch-strategy': 'replace' } } })
    const selector = { matchLabels: { app: 'web' } }
    expect(twoWayStrategicPatch({ selector }, { selector }, budget)).toEqual({ selector })
  })
})
