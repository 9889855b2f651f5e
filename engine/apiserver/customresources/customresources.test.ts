import { describe, expect, it } from 'vitest'
import { startTestServer } from '#engine/apiserver/testing'
import type { KubeObject } from '#engine/api/object'
import { crdSpec } from './crd'
import { customDefinition } from './definition'
import { CustomRules } from './rules'
import { validateBySchema } from './validate'

const schema = { type: 'object', properties: { spec: { type: 'object', required: ['size'], properties: { size: { type: 'integer', minimum: 1 }, mode: { type: 'string', default: 'full' } }, 'x-kubernetes-validations': [{ rule: 'self.size < 10', message: 'too big' }] } } }
const crd = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'boxes.example.com' }, spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'boxes', kind: 'Box' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }] } } as unknown as KubeObject

describe('a custom resource', () => {
  it('is served once its definition is there, with defaults, pruning and rules', async () => {
    const { server } = await startTestServer()
    const { client } = server.services
    await client.create('customresourcedefinitions.apiextensions.k8s.io', '', crd)
    for (let i = 0; i < 200 && !server.catalog.named('boxes.example.com'); i++) await Promise.resolve()
    const box = (spec: object): KubeObject => ({ apiVersion: 'example.com/v1', kind: 'Box', metadata: { name: 'b' }, spec })
    const made = await client.create('boxes.example.com', 'default', box({ size: 2, other: 1 }))
    expect(made['spec']).toEqual({ mode: 'full', size: 2 })
    await expect(client.create('boxes.example.com', 'default', box({ size: 11 }))).rejects.toThrow('Box.example.com "b" is invalid: spec: Invalid value: too big')
    await expect(client.create('boxes.example.com', 'default', box({ size: 'x' }))).rejects.toThrow('spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"')
  })

  it('is validated in the words of the server', () => {
    expect(validateBySchema(schema, { spec: { size: 0 } }).map((error) => `${error.field}: ${error.body}`)).toEqual(['spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1'])
    expect(validateBySchema(schema, { spec: {} }).map((error) => `${error.field}: ${error.body}`)).toEqual(['spec.size: Required value'])
  })

  it('compares with what was before in transition rules', () => {
    const rules = new CustomRules({ type: 'object', properties: { spec: { type: 'object', properties: { name: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'is immutable' }] } } } } })
    const object = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'X', metadata: {}, spec: { name } })
    expect(rules.validateTransitions(object('b'), object('a')).map((error) => `${error.field}: ${error.body}`)).toEqual(['spec.name: Invalid value: "b": is immutable'])
    expect(rules.validateTransitions(object('a'), object('a'))).toEqual([])
  })
})

it('leaves transition rules alone while the schema itself is not met', () => {
  const typed = { type: 'object', properties: { spec: { type: 'object', properties: { color: { type: 'string' } }, 'x-kubernetes-validations': [{ rule: 'self.color == oldSelf.color', message: 'is immutable' }] } } }
  const definition = { ...crd, spec: { ...crd['spec'] as object, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: typed } }] } } as unknown as KubeObject
  const made = customDefinition(definition, crdSpec(definition).versions[0] as never, new CustomRules(typed))
  const box = (color: unknown): KubeObject => ({ apiVersion: 'example.com/v1', kind: 'Box', metadata: {}, spec: { color } })
  expect(made.validateUpdate?.(box(5), box('red'), undefined as never)).toEqual([])
  expect(made.validateUpdate?.(box('blue'), box('red'), undefined as never)).toHaveLength(1)
})
