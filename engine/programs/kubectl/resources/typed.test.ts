import { describe, expect, it } from 'vitest'
import { asTyped } from './typed'

describe('an object of a file that is read as a known type', () => {
  it('has the fields that are never left out', () => {
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { template: { spec: { containers: [{ name: 'c' }] } } } }
    expect(asTyped(object, 'f.yaml')).toEqual({ ...object, spec: { strategy: {}, template: { metadata: {}, spec: { containers: [{ name: 'c', resources: {} }] } } }, status: {} })
  })

  it('is refused where nobody knows its kind', () => {
    expect(() => asTyped({ apiVersion: 'ex.com/v1', kind: 'Foo', metadata: {} }, 'f.yaml')).toThrow('unable to decode "f.yaml": no kind "Foo" is registered for version "ex.com/v1" in scheme "pkg/runtime/scheme.go:111"')
  })
})
