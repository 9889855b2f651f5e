import { expect, it } from 'vitest'
import { kyaml } from './kyaml'

it('objects from a server are written with their keys in order', () => {
  expect(kyaml({ kind: 'ConfigMap', apiVersion: 'v1', data: { x: '1' } })).toBe('---\n{\n  apiVersion: "v1",\n  data: {\n    x: "1",\n  },\n  kind: "ConfigMap",\n}\n')
})

it('objects made by the client keep the order of their fields', () => {
  expect(kyaml({ kind: 'ConfigMap', apiVersion: 'v1' }, false)).toBe('---\n{\n  kind: "ConfigMap",\n  apiVersion: "v1",\n}\n')
})

it('keys that would read as something else are quoted, text of several lines is folded, tabs stay', () => {
  expect(kyaml({ data: { '1a': 'x', on: 'no', 5: 'a\tb', t: 'a\n b\n' } })).toBe('---\n{\n  data: {\n    "5": "a\tb",\n    1a: "x",\n    "on": "no",\n    t: "\\\n       a\\n\\\n      \\ b\\n\\\n      ",\n  },\n}\n')
})
