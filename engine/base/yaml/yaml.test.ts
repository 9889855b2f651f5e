import { describe, expect, it } from 'vitest'
import { emitYaml } from '#engine/base/yaml/emit'
import { parseYaml } from '#engine/base/yaml/parser'

describe('parsing', () => {
  it('names the line as go-yaml does, for the parser one less than a person counts', () => {
    expect(() => parseYaml('spec:\n  containers:\n  - name: c\n   image: nginx\n')).toThrow('yaml: line 3: did not find expected key')
    expect(() => parseYaml('metadata:\n\tname: p\n')).toThrow('yaml: line 2: found character that cannot start any token')
  })
  it('resolves plain scalars by YAML 1.1', () => {
    expect(parseYaml('a: yes\nb: 0o17\nc: 010\nd: "1"\ne: 1e3\nf: 2020-01-01\ng: ~\n')).toEqual({ a: true, b: 15, c: 8, d: '1', e: 1000, f: '2020-01-01', g: null })
  })
  it('expands anchors and merge keys', () => {
    expect(parseYaml('a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  k: 3\n')).toEqual({ a: { k: 1, l: 2 }, b: { k: 3, l: 2 } })
  })
  it('refuses duplicate keys only when strict', () => {
    expect(parseYaml('a: 1\na: 2\n')).toEqual({ a: 2 })
    expect(() => parseYaml('a: 1\na: 2\n', { strict: true })).toThrow('yaml: unmarshal errors:\n  line 2: key "a" already set in map')
  })
})

describe('emitting', () => {
  it('sorts keys naturally and does not indent sequences', () => {
    expect(emitYaml({ k10: 1, k2: [{ b: 'x', a: '' }], K1: {} })).toBe('K1: {}\nk2:\n- a: ""\n  b: x\nk10: 1\n')
  })
  it('quotes what would read back as something else', () => {
    expect(emitYaml(['true', '1', '- x', 'a: b', '2026-11-21T09:01:56Z', 'tab\t'])).toBe('- "true"\n- "1"\n- \'- x\'\n- \'a: b\'\n- "2026-11-21T09:01:56Z"\n- "tab\\t"\n')
  })
  it('writes fractions as Go does, with an exponent from a million on', () => {
    // Recorded from kubectl v1.35.4.
    expect(emitYaml({ a: 1234567.5, b: 0.00001, c: 123456.5, d: 1000000 })).toBe('a: 1.2345675e+06\nb: 1e-05\nc: 123456.5\nd: 1000000\n')
  })
  it('writes text of several lines literally and folds long lines at 80 columns', () => {
    expect(emitYaml({ a: 'one\ntwo\n', b: 'one\ntwo' })).toBe('a: |\n  one\n  two\nb: |-\n  one\n  two\n')
    expect(emitYaml({ message: `${'word '.repeat(20)}end` })).toBe(`message: ${'word '.repeat(14).trim()} word\n  word word word word word end\n`)
  })
})
