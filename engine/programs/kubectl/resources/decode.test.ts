import { describe, expect, it } from 'vitest'
import { decodeDocuments } from './decode'

const outcome = (text: string): unknown => {
  try {
    return [...decodeDocuments(text, 'f.yaml')]
  } catch (error) {
    return (error as Error).message
  }
}

describe('a file of objects', () => {
  it('is YAML documents, JSON values one after another, or YAML that begins like JSON', () => {
    expect(outcome('a: 1\n---\n# nothing\n---\nb: 2')).toEqual([{ a: 1 }, { b: 2 }])
    expect(outcome('{"a": 1}\n{"b": 2}\n')).toEqual([{ a: 1 }, { b: 2 }])
    expect(outcome('{a: 1}\n---\nb: 2\n')).toEqual([{ a: 1 }, { b: 2 }])
    expect(outcome('{"a": 1,}\n')).toEqual([{ a: 1 }])
  })

  it('ends each document with a newline', () => {
    expect(outcome('a: |\n  x')).toEqual([{ a: 'x\n' }])
  })

  // Recorded from kubectl v1.35.4.
  it.each([
    ['{apiVersion: v1\nkind: Foo\n', 'error parsing f.yaml: json: offset 2: invalid character \'a\' looking for beginning of object key string'],
    ['{"a": 1}\n{"b": ]}', 'error parsing f.yaml: json: offset 16: invalid character \']\' looking for beginning of value'],
    ['{"a": "x" é}', 'error parsing f.yaml: json: offset 11: invalid character \'Ã\' after object key:value pair'],
    ['{"a": 1', 'error parsing f.yaml: unexpected EOF'],
    ['a: {b: : c}\n', 'error parsing f.yaml: error converting YAML to JSON: yaml: did not find expected node content'],
    ["'{ x", 'error parsing f.yaml: error converting YAML to JSON: yaml: line 2: found unexpected end of stream'],
    ['a: {b, : c}\n', "error parsing f.yaml: error converting YAML to JSON: yaml: did not find expected node content"],
  ])('says what is wrong with %j', (text, message) => {
    expect(outcome(text)).toBe(message)
  })
})
