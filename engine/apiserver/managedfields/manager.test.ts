import { describe, expect, it } from 'vitest'
import type { KubeObject } from '#engine/api/object'
import { builtinTypeOfKind } from '#engine/apiserver/schema/builtin'
import type { Type } from '#engine/apiserver/schema/type'
import { applyObject, recordUpdate } from './manager'

const type = builtinTypeOfKind('', 'v1', 'ConfigMap') as Type
const time = '2026-11-21T09:00:00Z'
const base = { type, apiVersion: 'v1', subresource: '', time, crd: false }
const object = (data: Record<string, string>): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data })
const owners = (made: KubeObject): string[] => (made.metadata.managedFields ?? []).map((entry) => `${entry.manager ?? ''} ${JSON.stringify(entry.fieldsV1)}`)

describe('owners of fields', () => {
  it('are those who changed them', () => {
    const made = recordUpdate({ ...base, live: undefined, next: object({ a: '1' }), manager: 'one' })
    const changed = recordUpdate({ ...base, live: made, next: { ...made, data: { a: '2', b: '1' } }, manager: 'two' })
    expect(owners(changed)).toEqual(['one {"f:data":{}}', 'two {"f:data":{"f:a":{},"f:b":{}}}'])
  })

  it('conflict on apply, share equal values, and give way to force', () => {
    const one = applyObject({ ...base, live: undefined, applied: object({ a: '1', b: '1' }), manager: 'one', force: false })
    const other = { ...base, live: one, applied: object({ a: '2' }), manager: 'two' }
    expect(() => applyObject({ ...other, force: false })).toThrow('Apply failed with 1 conflict: conflict with "one": .data.a')
    const forced = applyObject({ ...other, force: true })
    expect(owners(forced)).toEqual(['one {"f:data":{"f:b":{}}}', 'two {"f:data":{"f:a":{}}}'])
    const shared = applyObject({ ...base, live: one, applied: object({ a: '1' }), manager: 'two', force: false })
    expect(owners(shared)).toEqual(['one {"f:data":{"f:a":{},"f:b":{}}}', 'two {"f:data":{"f:a":{}}}'])
  })

  it('lose what they apply no more, unless somebody else holds it', () => {
    const one = applyObject({ ...base, live: undefined, applied: object({ a: '1', b: '1' }), manager: 'one', force: false })
    const two = applyObject({ ...base, live: one, applied: object({ b: '1' }), manager: 'two', force: false })
    const less = applyObject({ ...base, live: two, applied: object({}), manager: 'one', force: false })
    expect(less['data']).toEqual({ b: '1' })
  })

  it('take nothing along that nobody ever owned', () => {
    const one = applyObject({ ...base, live: undefined, applied: { ...object({ a: '1' }), metadata: { name: 'c', annotations: {} } }, manager: 'one', force: false })
    const less = applyObject({ ...base, live: one, applied: object({ a: '1' }), manager: 'one', force: false })
    expect(less.metadata.name).toBe('c')
  })

  it('do not change when the same is applied twice', () => {
    const one = applyObject({ ...base, live: undefined, applied: object({ a: '1' }), manager: 'one', force: false })
    expect(applyObject({ ...base, live: one, applied: object({ a: '1' }), manager: 'one', force: false, time: '2027-01-01T00:00:00Z' })).toEqual(one)
  })
})
