import { describe, expect, it } from 'vitest'
import { schemaProblems } from './schema'

const schema = JSON.stringify({
  type: 'object', required: ['image'],
  properties: {
    replicas: { type: 'integer', minimum: 1 }, mode: { enum: ['a', 'b'] }, name: { type: ['string', 'null'], pattern: '^[a-z]+$' },
    img: { type: 'object', additionalProperties: false, required: ['tag'], properties: { tag: { type: 'string' } } }, ports: { type: 'array', items: { $ref: '#/definitions/port' } },
  },
  definitions: { port: { anyOf: [{ type: 'integer' }, { const: 'http' }] } },
})

describe('a schema of values', () => {
  it.each([
    [{ image: 'x', replicas: 2, mode: 'a', name: null, img: { tag: '1' }, ports: [80, 'http'] }, ''],
    [{}, "- at '': missing property 'image'\n"],
    [{ image: 'x', replicas: 'two' }, "- at '/replicas': got string, want integer\n"],
    [{ image: 'x', replicas: 0, mode: 'c' }, "- at '/mode': value must be one of 'a', 'b'\n- at '/replicas': minimum: got 0, want 1\n"],
    [{ image: 'x', name: 'A1' }, "- at '/name': 'A1' does not match pattern '^[a-z]+$'\n"],
    [{ image: 'x', img: { foo: 1 } }, "- at '/img': validation failed\n  - at '/img': missing property 'tag'\n  - at '/img': additional properties 'foo' not allowed\n"],
    [{ image: 'x', ports: ['ssh'] }, "- at '/ports/0': 'anyOf' failed\n  - at '/ports/0': got string, want integer\n  - at '/ports/0': value must be 'http'\n"],
  ])('says of %j what is wrong', (values, text) => {
    expect(schemaProblems(schema, values)).toBe(text)
  })
})
