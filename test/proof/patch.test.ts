import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '#engine/api/object'
import { applyJsonPatch } from '#engine/api/patch/json'
import { applyMergePatch } from '#engine/api/patch/merge'
import { applyStrategicPatch } from '#engine/api/patch/strategic'
import { builtinTypeOfKind, openApiSchemas } from '#engine/apiserver/schema/builtin'
import { canonical } from '#engine/apiserver/schema/canonical'
import type { Type } from '#engine/apiserver/schema/type'
import { PatchMeta, type SchemaNode } from '#engine/programs/common/patch/schema'
import { threeWayStrategicPatch, twoWayStrategicPatch } from '#engine/programs/common/patch/strategic'
import { workload } from './random/workloads'
import { always } from './seed'

type Data = Record<string, unknown>

const type = builtinTypeOfKind('apps', 'v1', 'Deployment') as Type
const components = JSON.parse(JSON.stringify(openApiSchemas()).replaceAll('"$ref":"#', '"$ref":"#/components/schemas/')) as Record<string, SchemaNode>
const meta = new PatchMeta({ components: { schemas: components } }, components['io.k8s.api.apps.v1.Deployment'])
const strategic = (object: unknown, patch: unknown): KubeObject => applyStrategicPatch(type, object, patch as Data) as unknown as KubeObject
const data = (object: KubeObject): Data => object as unknown as Data
const written = (object: KubeObject): unknown => canonical(type, object)

describe('a strategic merge patch', () => {
  it('that is empty changes nothing', () => {
    always(workload, (object) => expect(strategic(object, {})).toEqual(object), 200)
  })

  it('of the difference between two objects makes the one into the other', () => {
    always(fc.tuple(workload, workload), ([before, after]) => expect(written(strategic(before, twoWayStrategicPatch(data(before), data(after), meta)))).toEqual(written(after)), 500)
  })

  it('applied twice does no more than once', () => {
    always(fc.tuple(workload, workload), ([before, after]) => {
      const patch = twoWayStrategicPatch(data(before), data(after), meta)
      const once = strategic(before, patch)
      expect(strategic(once, patch)).toEqual(once)
    }, 250)
  })

  it('changes neither the object nor itself', () => {
    always(fc.tuple(workload, workload), ([before, after]) => {
      const texts = [JSON.stringify(before), JSON.stringify(after)]
      strategic(before, after)
      expect([JSON.stringify(before), JSON.stringify(after)]).toEqual(texts)
    }, 200)
  })
})

describe("the client's apply", () => {
  const threeWay = (applied: KubeObject, wanted: KubeObject, live: KubeObject): Data => threeWayStrategicPatch(data(applied), data(wanted), data(live), meta)

  it('makes an object nobody else touched into what is wanted', () => {
    always(fc.tuple(workload, workload), ([applied, wanted]) => expect(written(strategic(applied, threeWay(applied, wanted, applied)))).toEqual(written(wanted)), 500)
  })

  it('does nothing the second time', () => {
    always(fc.tuple(workload, workload, workload), ([applied, wanted, other]) => {
      const live = strategic(applied, other)
      const once = strategic(live, threeWay(applied, wanted, live))
      expect(written(strategic(once, threeWay(wanted, wanted, once)))).toEqual(written(once))
    }, 400)
  })

  it('keeps what others added and nobody applied', () => {
    always(fc.tuple(workload, workload), ([applied, wanted]) => {
      const live = strategic(applied, { metadata: { labels: { theirs: 'kept' } }, spec: { progressDeadlineSeconds: 7 } })
      const next = strategic(live, threeWay(applied, wanted, live)) as unknown as { metadata: { labels?: Data }; spec: Data }
      expect([next.metadata.labels?.['theirs'], next.spec['progressDeadlineSeconds']]).toEqual([wanted.metadata.labels || !applied.metadata.labels ? 'kept' : undefined, 7])
    }, 300)
  })
})

describe('merge and JSON patches', () => {
  const value = fc.letrec<{ any: unknown }>((tie) => ({ any: fc.oneof({ depthSize: 'small' }, fc.constantFrom(1, 'x', true, null), fc.array(tie('any'), { maxLength: 3 }), fc.dictionary(fc.constantFrom('a', 'b/c', 'd~e'), tie('any'), { noNullPrototype: true })) })).any
  const map = fc.dictionary(fc.constantFrom('a', 'b/c', 'd~e', 'f'), value, { noNullPrototype: true })

  it('of a merge: twice is once, and null takes away', () => {
    always(fc.tuple(map, map), ([object, patch]) => {
      const once = applyMergePatch(object, patch) as Data
      expect(applyMergePatch(once, patch)).toEqual(once)
      for (const [key, given] of Object.entries(patch)) if (given === null) expect(key in once).toBe(false)
    }, 250)
  })

  it('of operations: what is added can be tested and removed again', () => {
    always(fc.tuple(map, fc.constantFrom('x', 'y/z', 'q~r'), value), ([object, key, given]) => {
      const path = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      expect(applyJsonPatch(object, [{ op: 'add', path, value: given }, { op: 'test', path, value: given }, { op: 'remove', path }])).toEqual(object)
    }, 250)
  })
})
