import { expect, it } from 'vitest'
import type { KubeObject } from '#engine/api/object'
import { ratchet } from './ratchet'
import { validateDefinition } from './crd-validation'

const crd = (version: object, more: object = {}): KubeObject => ({
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'foos.example.com' },
  spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'foos', singular: 'foo', kind: 'Foo', listKind: 'FooList' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } }, ...version }], ...more },
})
const complaints = (object: KubeObject): string[] => validateDefinition(object).map((error) => `${error.field}: ${error.body}`)

it('names what all versions have alike by the place where the server keeps it', () => {
  expect(complaints(crd({ schema: { openAPIV3Schema: { type: 'object', properties: { spec: { properties: {} } } } } }))).toEqual(['spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields'])
  expect(complaints(crd({ additionalPrinterColumns: [{ name: 'A', type: 'text', jsonPath: 'spec.a' }], subresources: { scale: { specReplicasPath: '.status.n', statusReplicasPath: '.status.n' } } }))).toEqual([
    'spec.subresources.scale.specReplicasPath: Invalid value: ".status.n": should be a json path under .spec',
    'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
    'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec.a": must be a simple json path starting with .',
  ])
})

it('asks a webhook conversion for its client and versions, and groups of the community for approval', () => {
  expect(complaints(crd({}, { conversion: { strategy: 'Webhook' } }))).toEqual(['spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook', 'spec.conversion.conversionReviewVersions: Required value'])
  const owned = crd({}, { group: 'x.k8s.io' })
  owned.metadata.name = 'foos.x.k8s.io'
  expect(complaints(owned)).toEqual(['metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111'])
})

it('forgives an update what was wrong before and is not touched', () => {
  const schema = { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer', maximum: 3 }, color: { type: 'string' } } } } } as const
  const error = { type: 'FieldValueInvalid' as const, field: 'spec.size', body: 'Invalid value: 5' }
  const missing = { type: 'FieldValueRequired' as const, field: 'spec.name', body: 'Required value' }
  expect(ratchet([error, missing], schema, { spec: { size: 5, color: 'red' } }, { spec: { size: 5, color: 'blue' } })).toEqual([missing])
  expect(ratchet([error], schema, { spec: { size: 5 } }, { spec: { size: 4 } })).toEqual([error])
})

it('compiles rules against their schema and refuses what may cost too much', () => {
  const withRule = (rule: string, properties: object = { replicas: { type: 'integer' }, name: { type: 'string' } }): string[] => complaints(crd({ schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties, 'x-kubernetes-validations': [{ rule }] } } } } })).map((text) => text.replace(/^.*OptionalOldSelf":null}: /s, ''))
  expect(withRule('self.replicas > 0')).toEqual([])
  expect(withRule('self.replica > 0')).toEqual(["compilation failed: ERROR: <input>:1:5: undefined field 'replica'\n | self.replica > 0\n | ....^"])
  expect(withRule("self.replicas == 'x'")).toEqual(["compilation failed: ERROR: <input>:1:15: found no matching overload for '_==_' applied to '(int, string)'\n | self.replicas == 'x'\n | ..............^"])
  expect(withRule('self.replicas')).toEqual(['cel expression must evaluate to a bool'])
  const lists = { a: { type: 'array', items: { type: 'string' } } }
  expect(withRule('self.a.all(x, self.a.all(y, x == y))', lists)[0]).toBe('spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)')
  expect(withRule('self.a.all(x, self.a.all(y, x == y))', { a: { type: 'array', items: { type: 'string', maxLength: 20 }, maxItems: 10 } })).toEqual([])
  // As measured on a real server: ten steps for each of 1048576 members.
  const reference = { valuesFrom: { type: 'array', items: { type: 'object', properties: { a: { type: 'object' }, b: { type: 'object' } }, 'x-kubernetes-validations': [{ rule: '(has(self.a) && !has(self.b)) || (!has(self.a) && has(self.b))' }] } } }
  expect(withRule('true', reference)[0]).toContain('properties[valuesFrom].items.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 1.048576x (try simplifying the rule')
  const names = (bounds: object): object => ({ names: { type: 'array', ...bounds, items: { type: 'string', 'x-kubernetes-validations': [{ rule: "self.matches('^[a-z]+$')" }] } } })
  expect(withRule('true', names({}))[0]).toContain('estimated rule cost exceeds budget by factor of more than 100x')
  expect(withRule('true', { name: { type: 'string', 'x-kubernetes-validations': [{ rule: "self.matches('^[a-z]+$')" }] } })).toEqual([])
  const bounded = { names: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 63, 'x-kubernetes-validations': [{ rule: "self.matches('^[a-z]+$')" }] } } }
  expect(withRule('true', bounded)).toEqual([])
})
