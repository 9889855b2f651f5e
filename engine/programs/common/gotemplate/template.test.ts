import { describe, expect, it } from 'vitest'
import { parseTemplate } from './template'

const data = { metadata: { name: 'a', labels: { app: 'web' } }, spec: { list: [{ name: 'n1', v: 1 }, { name: 'n2' }], nums: [3, 1, 2], nil: null, text: "it's" } }

const render = (text: string): string => {
  try {
    return parseTemplate('output', text).execute(data)
  } catch (error) {
    return (error as Error).message
  }
}

describe('a template', () => {
  // Recorded from kubectl v1.35.4 with -o go-template.
  it.each([
    ['{{range $i, $e := .spec.nums}}{{$i}}={{$e}},{{end}}', '0=3,1=1,2=2,'],
    ['{{range .spec.list}}{{.name}}:{{.v}} {{end}}', 'n1:1 n2:<no value> '],
    ['{{with .spec.nil}}x{{else}}y{{end}}{{- "z" -}}  w', 'yzw'],
    ['{{define "t"}}[{{.}}]{{end}}{{template "t" .metadata.name}}', '[a]'],
    ['{{1234567.5}} {{1e6}} {{12345.0}} {{printf "%v %T" 1e3 1e3}}', '1.2345675e+06 1e+06 12345 1000 float64'],
    ['{{printf "%[2]d %[1]d" 1 2}} {{printf "% x" "hi"}} {{printf "%T %T" (len "a") \'a\'}}', '2 1 68 69 int int'],
    ['{{html .spec.text}} {{js .spec.xt}} {{printf "%v %q" .spec.nums .metadata.name}}', 'it&#39;s \\u003Cno value\\u003E [3 1 2] "a"'],
  ])('%s prints %s', (text, printed) => {
    expect(render(text)).toBe(printed)
  })

  it.each([
    ['{{if .spec.}}a{{end}}', 'template: output:1: unexpected <.> in operand'],
    ['{{.spe=c.big}}', "template: output:1: bad character U+003D '='"],
    ['{{index .spec.nums -end}}', 'template: output:1: bad number syntax: "-en"'],
    ['{{.metadata.name -}else}', 'template: output:1: illegal number syntax: "-"'],
    ['{{index .metadat.labels "a"}}', 'template: output:1:2: executing "output" at <index .metadat.labels "a">: error calling index: index of untyped nil'],
    ['{{len .ec.list}}', 'template: output:1:2: executing "output" at <len .ec.list>: error calling len: reflect: call of reflect.Value.Type on zero Value'],
    ['{{.spec.tex "x"}}', 'template: output:1:7: executing "output" at <.spec.tex>: tex is not a method but has arguments'],
    ['{{template "none" .}}', 'template: output:1:11: executing "output" at <{{template "none" .}}>: template "none" not defined'],
    ['{{.metadata.name.x}}', "template: output:1:11: executing \"output\" at <.metadata.name.x>: can't evaluate field x in type interface {}"],
    ['{{index .metadata 3}}', 'template: output:1:2: executing "output" at <index .metadata 3>: error calling index: value has type int; should be string'],
    ['{{break}}', 'template: output:1: {{break}} outside {{range}}'],
    ['{{range .spec.nums}}', 'template: output:1: unexpected EOF'],
    ['{{range .spec.nums}}\na\n', 'template: output:3: unexpected EOF'],
    ['{{.metadata.name\n', 'template: output:2: unclosed action started at output:1'],
    ['{{printf 5 "a"}}', 'template: output:1:9: executing "output" at <5>: expected string; found 5'],
    ['{{printf .spec.nums}}', 'template: output:1:14: executing "output" at <.spec.nums>: wrong type for value; expected string; got []interface {}'],
    ['{{range .metadata.name}}{{end}}', 'template: output:1:17: executing "output" at <.metadata.name>: range can\'t iterate over a'],
    ['{{define "a"}}1{{end}}{{define "a"}}2{{end}}', 'template: output:1: template: multiple definition of template "a"'],
    ['{{08}}', 'template: output:1: integer overflow: "08"'],
    ['{{if 1}}{{define "x"}}{{end}}{{end}}', 'template: output:1: unexpected <define> in command'],
  ])('%s fails with its words', (text, message) => {
    expect(render(text)).toBe(message)
  })
})
