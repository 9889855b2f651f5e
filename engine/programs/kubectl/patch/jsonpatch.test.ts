import { describe, expect, it } from 'vitest'
import { applyJsonPatch } from './jsonpatch'

const service = { spec: { ports: [{ port: 80 }] } }

/** What kubectl v1.35.4 said of each. */
const refused: readonly (readonly [unknown, string])[] = [
  [[{ op: 'add', path: '/spec/ports/9', value: 1 }], "error in add for path: '/spec/ports/9': Unable to access invalid index: 9: invalid index referenced"],
  [[{ op: 'add', path: '/spec/ports/x', value: 1 }], `error in add for path: '/spec/ports/x': value was not a proper array index: 'x': strconv.Atoi: parsing "x": invalid syntax`],
  [[{ op: 'remove', path: '/spec/ports/x' }], `error in remove for path: '/spec/ports/x': strconv.Atoi: parsing "x": invalid syntax`],
  [[{ op: 'move', from: '/spec/nosuch', path: '/spec/a' }], "error in move for path: 'nosuch': Unable to remove nonexistent key: nosuch: missing value"],
  [[{ op: 'copy', from: '/spec/nosuch', path: '/spec/ports/x' }], `error while adding value during copy: value was not a proper array index: 'x': strconv.Atoi: parsing "x": invalid syntax`],
  [[{ op: 'test', path: '/spec/ports/7', value: 1 }], "error in test for path: '/spec/ports/7': Unable to access invalid index: 7: invalid index referenced"],
  [[{ op: 'test', path: '/spec/nosuch/a', value: 1 }], 'test operation does not apply: is missing path: /spec/nosuch/a: missing value'],
  [[{ op: 'add', path: '/spec/nosuch/a', value: 1 }], 'add operation does not apply: doc is missing path: "/spec/nosuch/a": missing value'],
  [[{ op: 'add', path: 'spec', value: 1 }], 'add operation does not apply: doc is missing path: "spec": missing value'],
  [[{ op: 'remove' }], 'remove operation failed to decode path: missing value'],
  [[{ op: 'frob', path: '/a' }], 'Unexpected kind: frob'],
  [{ op: 'add' }, 'json: cannot unmarshal object into Go value of type jsonpatch.Patch'],
]

describe('a JSON patch', () => {
  it.each(refused)('%j is refused in the words of the real one', (patch, message) => {
    expect(() => applyJsonPatch(service, patch)).toThrow(message)
  })

  it('may replace what is not there, counts negative positions from the end, and leaves what it was given alone', () => {
    expect(applyJsonPatch(service, [{ op: 'replace', path: '/spec/type', value: 'NodePort' }, { op: 'remove', path: '/spec/ports/-1' }])).toEqual({ spec: { ports: [], type: 'NodePort' } })
    expect(service).toEqual({ spec: { ports: [{ port: 80 }] } })
  })
})
