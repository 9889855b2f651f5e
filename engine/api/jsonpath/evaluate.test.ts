/** Templates over one object, with what kubectl v1.35.4 printed for each. */
import { describe, expect, it } from 'vitest'
import { JsonPath } from './evaluate'

const object: unknown = JSON.parse(`{"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w", "labels": {"a.b/c": "d", "env": "dev"}}, "spec": {"count": 3, "ratio": 1.5, "big": 12345678, "on": true, "none": null, "names": ["x", "y", "z"], "empty": [], "items": [{"name": "one", "size": 1, "ok": true, "tags": ["t1", "t2"]}, {"name": "two", "size": 2, "ok": false}, {"name": "three", "size": 3, "ok": true, "tags": ["t3"]}], "map": {"k1": "v1", "k2": {"deep": "yes"}}}}`)

const printed: readonly (readonly [string, string])[] = [
  ['{.kind}', 'Widget'],
  ['{.spec.count} {.spec.ratio} {.spec.big} {.spec.on} [{.spec.none}]', '3 1.5 12345678 true [null]'],
  ['{.spec.names}', '["x","y","z"]'],
  ['{.spec.names[0]} {.spec.names[-1]} {.spec.names[1:]} {.spec.names[:2]} {.spec.names[::2]}', 'x z y z x y x z'],
  ['{.spec.names[*]}', 'x y z'],
  ['{.spec.items[*].name}', 'one two three'],
  ['{.spec.items[?(@.size>1)].name}', 'two three'],
  ['{.spec.items[?(@.ok==true)].name}', 'one three'],
  ['{.spec.items[?(@.name=="two")].size}', '2'],
  ['{.spec.items[?(@.name!="two")].size}', '1 3'],
  ['{.spec.items[?(@.tags)].name}', 'one three'],
  ['{.spec.items[?(@.size<=2)].name}', 'one two'],
  ['{range .spec.items[*]}{.name}={.size}{"\\n"}{end}', 'one=1\ntwo=2\nthree=3\n'],
  ['{range .spec.items[*]}{@.name}{"\\t"}{range .tags[*]}<{@}>{end}{"\\n"}{end}', 'one\t<t1><t2>\ntwo\t\nthree\t<t3>\n'],
  ['{.metadata.labels.a\\.b/c}', 'd'],
  ['{.metadata.labels[\'a\\.b/c\']}', 'd'],
  ['{.metadata.labels[\'env\']}', 'dev'],
  ['{[\'kind\',\'apiVersion\']}', 'Widget example.com/v1'],
  ['{.spec.items[0,2].name}', 'one three'],
  ['{..name}', 'w one two three'],
  ['{..deep}', 'yes'],
  ['{.spec.map}', '{"k1":"v1","k2":{"deep":"yes"}}'],
  ['{.spec.map.*}', 'v1 {"deep":"yes"}'],
  ['{.spec.items[0]}', '{"name":"one","ok":true,"size":1,"tags":["t1","t2"]}'],
  ['{.spec.nosuch}', ''],
  ['{.spec.empty}', '[]'],
  ['text {.kind} more', 'text Widget more'],
  ['{.spec.items[?(@.tags[0]=="t3")].name}', 'three'],
  ['{.spec[\'names\'][1]}', 'y'],
  ['{$.kind}', 'Widget'],
  ['{@.kind}', 'Widget'],
  ['{"quoted"} {\'single\'} {3}', 'quoted single 3'],
  ['{.spec.items[*][\'name\',\'size\']}', 'one two three 1 2 3'],
  ['{range .spec.items[*]}{.name}', 'onetwothree'],
  ['{.spec.count.x}', ''],
]

const refused: readonly (readonly [string, string])[] = [
  ['{.spec.items[5].name}', 'array index out of bounds: index 5, length 3'],
  ['{.spec.names', 'unclosed action'],
  ['{.spec.names[a]}', 'invalid array index a'],
  ['{end}', 'not in range, nothing to end'],
  ['{.spec.items[?(@.size>1]}', 'unterminated filter'],
  ['{.spec.items[?(@.size=>1)]}', 'unrecognized filter operator =>'],
  ['{.spec.names[0:1:0]}', 'step must be > 0'],
]

describe('a JSONPath template', () => {
  it.each(printed)('prints as kubectl: %s', (template, expected) => {
    expect(new JsonPath(template, { allowMissingKeys: true }).text(object)).toBe(expected)
  })

  it.each(refused)('is refused in the words of kubectl: %s', (template, message) => {
    expect(() => new JsonPath(template, { allowMissingKeys: true }).text(object)).toThrow(message)
  })

  it('asks for every key where missing ones are not allowed', () => {
    expect(() => new JsonPath('{.spec.nosuch}', {}).text(object)).toThrow('nosuch is not found')
  })

  it('prints maps by their keys as text, numbers among them too', () => {
    expect(new JsonPath('{.data}', {}).text({ data: { a: '<&>', 9: 'x', 10: [null, { b: 1, a: undefined }] } })).toBe('{"10":[null,{"b":1}],"9":"x","a":"\\u003c\\u0026\\u003e"}')
  })
})
