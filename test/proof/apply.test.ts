import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '#engine/api/object'
import { applyObject, recordUpdate } from '#engine/apiserver/managedfields/manager'
import { builtinTypeOfKind } from '#engine/apiserver/schema/builtin'
import { canonical } from '#engine/apiserver/schema/canonical'
import type { Type } from '#engine/apiserver/schema/type'
import { workload } from './random/workloads'
import { always } from './seed'

const type = builtinTypeOfKind('apps', 'v1', 'Deployment') as Type
const base = { type, apiVersion: 'apps/v1', subresource: '', crd: false }
const apply = (live: KubeObject | undefined, applied: KubeObject, manager: string, force = false, time = '2026-11-21T09:00:00Z'): KubeObject => applyObject({ ...base, live, applied, manager, force, time })

/** The object without the record of who owns what; lists in any order. */
function content(object: KubeObject | undefined): unknown {
  if (!object) return undefined
  const { managedFields: _, ...metadata } = object.metadata
  return sorted(canonical(type, { ...object, metadata }))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]))
}

/** Parts of an object that share no field: one has the template, the other the rest. */
const disjoint = fc.tuple(workload, workload).map(([one, other]): [KubeObject, KubeObject] => {
  const { template, ...rest } = one['spec'] as { template?: unknown }
  const { labels, ...metadata } = other.metadata
  const mine = { ...one, metadata: { name: 'web', namespace: 'default', ...(one.metadata.labels ? { labels: one.metadata.labels } : {}) }, spec: rest }
  const theirs = { ...other, metadata: { ...metadata, ...(labels ? { annotations: labels } : {}) }, spec: template === undefined ? {} : { template } }
  return [mine as KubeObject, theirs as unknown as KubeObject]
})

describe('server-side apply', () => {
  it('of the same configuration twice is no change at all, times included', () => {
    always(workload, (object) => {
      const once = apply(undefined, object, 'one')
      expect(apply(once, object, 'one', false, '2030-01-01T00:00:00Z')).toEqual(once)
    }, 250)
  })

  it('of the same configuration twice is no change, whatever stood there before', () => {
    always(fc.tuple(workload, workload, workload), ([before, other, object]) => {
      const live = apply(apply(undefined, before, 'one'), other, 'two', true)
      const once = apply(live, object, 'one', true)
      expect(apply(once, object, 'one', false, '2030-01-01T00:00:00Z')).toEqual(once)
    }, 250)
  })

  it('by owners of disjoint fields gives the same in either order', () => {
    always(disjoint, ([mine, theirs]) => {
      const one = apply(apply(undefined, mine, 'one'), theirs, 'two')
      const two = apply(apply(undefined, theirs, 'two'), mine, 'one')
      expect(content(one)).toEqual(content(two))
      expect(sets(one)).toEqual(sets(two))
    }, 250)
  })

  it('of equal values is shared without conflict', () => {
    always(workload, (object) => {
      const one = apply(undefined, object, 'one')
      const both = apply(one, object, 'two')
      expect(content(both)).toEqual(content(one))
      expect(sets(both)['one']).toEqual(sets(both)['two'])
    }, 300)
  })

  it('of something else takes away what this owner applied before and nobody else holds', () => {
    // Empty lists and maps are no fields of their own: they leave the structs around them behind, as the real server does.
    const full = workload.map((object) => withoutEmpty(object) as KubeObject)
    always(fc.tuple(full, full), ([before, after]) => expect(content(apply(apply(undefined, before, 'one'), after, 'one'))).toEqual(content(apply(undefined, after, 'one'))), 250)
  })

  it('leaves what another owner holds when this one lets go', () => {
    always(fc.tuple(workload, workload), ([object, less]) => {
      const both = apply(apply(undefined, object, 'one'), object, 'two')
      const empty = { ...less, metadata: { name: 'web', namespace: 'default' }, spec: {} } as KubeObject
      expect(content(apply(both, empty, 'one'))).toEqual(content(both))
    }, 300)
  })

  it('with force wins every field it names, and the loser owns them no more', () => {
    always(fc.tuple(workload, workload), ([mine, theirs]) => {
      const forced = apply(apply(undefined, mine, 'one'), theirs, 'two', true)
      const again = apply(forced, theirs, 'three')
      expect(content(again)).toEqual(content(forced))
    }, 250)
  })

  it('conflicts only where another has another value, and then names that owner', () => {
    always(fc.tuple(workload, workload), ([mine, theirs]) => {
      const live = apply(undefined, mine, 'one')
      try {
        apply(live, theirs, 'two')
      } catch (error) {
        expect((error as Error).message).toMatch(/^Apply failed with (1 conflict: conflict|\d+ conflicts: conflicts) with "one":/)
      }
    }, 300)
  })

  it('agrees with a plain update: who writes the same values by PUT changes no owner', () => {
    always(workload, (object) => {
      const made = apply(undefined, object, 'one')
      expect(recordUpdate({ ...base, live: made, next: made, manager: 'two', time: '2030-01-01T00:00:00Z' })).toEqual(made)
    }, 300)
  })
})

function sets(object: KubeObject): Record<string, unknown> {
  return Object.fromEntries((object.metadata.managedFields ?? []).map((entry) => [entry.manager ?? '', entry.fieldsV1]))
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(withoutEmpty)
  if (value === null || typeof value !== 'object') return value
  const left = Object.entries(value).map(([key, inner]) => [key, key === 'emptyDir' ? inner : withoutEmpty(inner)] as const).filter(([, inner]) => inner !== undefined)
  return left.length === 0 ? undefined : Object.fromEntries(left)
}
