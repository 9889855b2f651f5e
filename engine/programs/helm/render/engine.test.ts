import { describe, expect, it } from 'vitest'
import { SeededRandom } from '#engine/base/random'
import { encodeUtf8 } from '#engine/base/bytes'
import type { Chart } from '#engine/programs/helm/chart/types'
import { decodeValues } from '#engine/programs/helm/values/yaml'
import { capabilitiesStruct, defaultCapabilities } from './capabilities'
import { renderTemplates } from './engine'
import { releaseObject, renderables } from './objects'

const values = `name: Web
port: 8080
big: 12345678
list: [b, a]
map: {z: 1, a: {k: [1, x]}}
text: "{{ .Values.name }}!"
`

const helpers = `{{- define "app.name" -}}{{ .Chart.Name }}-{{ .Release.Name }}{{- end -}}`

function render(template: string): string {
  const file = (name: string, text: string): { name: string; data: Uint8Array } => ({ name, data: encodeUtf8(text) })
  const chart: Chart = {
    metadata: { name: 'app', version: '0.1.0', apiVersion: 'v2' }, templates: [file('templates/_h.tpl', helpers), file('templates/x.yaml', template)], raw: [], values: {}, dependencies: [],
    files: [file('conf/a.txt', 'one\ntwo\n'), file('conf/b.txt', 'three')],
  }
  const top = { Values: decodeValues(values), Release: releaseObject({ name: 'r', namespace: 'ns', revision: 1, isInstall: true, isUpgrade: false }), Capabilities: capabilitiesStruct(defaultCapabilities) }
  const context = { nowMs: () => Date.UTC(2026, 10, 21, 9, 57, 42), random: new SeededRandom('t') }
  try {
    return renderTemplates(renderables(chart, top), { context, lookup: () => ({}), warn: () => undefined }).get('app/templates/x.yaml') ?? ''
  } catch (error) {
    return (error as Error).message
  }
}

describe('a template of a chart', () => {
  it.each([
    ['{{ include "app.name" . | upper }} {{ tpl .Values.text . }}', 'APP-R Web!'],
    ['{{ .Values.port }} {{ .Values.big }} {{ .Values.big | int }} {{ kindOf .Values.port }} {{ add 1 .Values.port | kindOf }}', '8080 1.2345678e+07 12345678 float64 int64'],
    ['{{ toYaml .Values.map }}', 'a:\n  k:\n  - 1\n  - x\nz: 1'],
    ['{{ .Values.map | toJson }} {{ .Values.map }}', '{"a":{"k":[1,"x"]},"z":1} map[a:map[k:[1 x]] z:1]'],
    ['{{ .Release.Nope }}|{{ .Values.nope }}|{{ .Chart.Version }}|{{ .Template.Name }}', '||0.1.0|app/templates/x.yaml'],
    ['{{ .Files.Get "conf/b.txt" }} {{ (.Files.Glob "conf/*").AsConfig | nindent 0 }}', 'three \na.txt: |\n  one\n  two\nb.txt: three'],
    ['{{ range .Files.Lines "conf/a.txt" }}<{{ . }}>{{ end }}', '<one><two>'],
    ['{{ .Capabilities.KubeVersion.Minor }} {{ .Capabilities.APIVersions.Has "apps/v1" }} {{ .Capabilities.APIVersions.Has "x/v1" }}', '34 true false'],
    ['{{ range $i, $e := .Values.list }}{{ $i }}{{ $e }} {{ end }}{{ range $k, $v := .Values.map }}{{ $k }}{{ end }}', '0b 1a az'],
    ['{{ now | date "2006-01-02T15:04:05Z07:00" }} {{ dateModify "-24h" now | htmlDate }}', '2026-11-21T09:57:42Z 2026-11-20'],
    ['{{ (semver "1.2.3-rc1+b").Prerelease }} {{ regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W" }}', 'rc1 -W-xxW-'],
    ['{{ merge (dict "a" 1) (dict "a" 2 "b" 3) | toJson }} {{ dig "a" "k" "none" .Values.map }}', '{"a":1,"b":3} [1 x]'],
    ['{{ toToml (dict "a" 1.5 "t" (dict "s" "x")) }}', 'a = 1.5\n\n[t]\n  s = "x"\n'],
    ['{{ fromYaml "a: [" | toJson }}', '{"Error":"error converting YAML to JSON: yaml: line 1: did not find expected node content"}'],
  ])('%s', (template, text) => {
    expect(render(template)).toBe(text)
  })

  const at = (place: string, node: string): string => `template: app/templates/x.yaml:${place}: executing "app/templates/x.yaml" at <${node}>: `
  it.each([
    ['{{ .Values.a.b }}', `${at('1:10', '.Values.a.b')}nil pointer evaluating interface {}.b`],
    ['{{ .Values.name.b }}', `${at('1:10', '.Values.name.b')}can't evaluate field b in type interface {}`],
    ['x\n{{ .Values.port | upper }}', `${at('2:18', 'upper')}wrong type for value; expected string; got float64`],
    ['{{ upper .Values.nope }}', `${at('1:16', '.Values.nope')}wrong type for value; expected string; got interface {}`],
    ['{{ .Values.nope | upper }}', `${at('1:18', 'upper')}invalid value; expected string`],
    ['{{ include "nope" . }}', `${at('1:3', 'include "nope" .')}error calling include: template: no template "nope" associated with template "gotpl"`],
    ['{{ if eq .Values.port 8080 }}x{{ end }}', `${at('1:6', 'eq .Values.port 8080')}error calling eq: incompatible types for comparison`],
    ['{{ trunc "a" "b" }}', `${at('1:9', '"a"')}expected integer; found "a"`],
    ['{{ required "a name" .Values.nope }}', 'execution error at (app/templates/x.yaml:1:3): a name'],
    ['a\n  {{ fail "no\nway" }}', 'parse error at (app/templates/x.yaml:2): unterminated quoted string'],
    ['{{ fail "no" }}', 'execution error at (app/templates/x.yaml:1:3): no'],
    ['{{ uppercase 1 }}', 'parse error at (app/templates/x.yaml:1): function "uppercase" not defined'],
    ['{{ .Values.name', 'parse error at (app/templates/x.yaml:1): unclosed action'],
    ['{{ if .Values.name }}\n', 'parse error at (app/templates/x.yaml:2): unexpected EOF'],
  ])('%s fails in helm\'s words', (template, message) => {
    expect(render(template)).toBe(message)
  })
})
