/**
 * Compiles the facts of a real v1.35 server into the tables of `data/`. Run by hand when the version changes:
 *
 *   node engine/apiserver/openapi/generate.mjs RECORDED MODULES
 *
 * Descriptions come from the package kubernetes-models.
 *
 * RECORDED holds openapi/openapi-v2.json, openapi/openapi-v3/*.json, discovery-api.json and discovery-apis.json of a server;
 * MODULES is the folder of the Go modules k8s.io/api and k8s.io/apimachinery (`go mod download`), of which only the struct
 * tags are read: order of fields, field numbers, what is a pointer and what is omitted when empty.
 */
import { readdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [recorded, modules] = process.argv.slice(2)
const out = join(dirname(fileURLToPath(import.meta.url)), 'data')
const json = (path) => JSON.parse(readFileSync(path, 'utf8'))

// ---- Go structs ----
const packages = new Map() // import path -> { prefix, types: Map }
const find = (module) => join(modules, readdirSync(modules).find((n) => n.startsWith(`${module}@`)))
const api = find('api')
const machinery = find('apimachinery')
const metrics = find('metrics')

function load(importPath) {
  if (packages.has(importPath)) return packages.get(importPath)
  const dir = importPath.startsWith('k8s.io/api/') ? join(api, importPath.slice(11)) : importPath.startsWith('k8s.io/apimachinery/') ? join(machinery, importPath.slice(20)) : importPath.startsWith('k8s.io/metrics/') ? join(metrics, importPath.slice(15)) : ''
  const types = new Map()
  const entry = { importPath, types, name: importPath.split('/').pop() }
  packages.set(importPath, entry)
  if (!dir || !existsSync(dir)) return entry
  for (const file of readdirSync(dir)) {
    if (!file.endsWith('.go') || file.endsWith('_test.go') || file.startsWith('zz_') || file.startsWith('generated')) continue
    parseFile(readFileSync(join(dir, file), 'utf8'), types)
  }
  return entry
}

function parseFile(text, types) {
  const imports = new Map()
  for (const m of text.matchAll(/^\s*(?:import\s+)?(\w+)?\s*"([\w./-]+)"\s*$/gm)) imports.set(m[1] ?? m[2].split('/').pop(), m[2])
  const lines = text.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const struct = /^type (\w+) struct \{\s*$/.exec(lines[i])
    if (struct) {
      const fields = []
      for (i++; !/^\}/.test(lines[i]); i++) {
        const m = /^\t(?:(\w+)\s+)?([\w.[\]*]+)\s+`([^`]*)`/.exec(lines[i])
        if (!m) continue
        const tagJson = /json:"([^"]*)"/.exec(m[3])?.[1] ?? ''
        const tagProto = /protobuf:"([^"]*)"/.exec(m[3])?.[1] ?? ''
        if (tagJson === '-') continue
        fields.push({ go: m[1], type: m[2], json: tagJson, proto: tagProto })
      }
      types.set(struct[1], { kind: 'struct', fields, imports })
      continue
    }
    const named = /^type (\w+) ([\w.[\]*]+)\s*(?:\/\/.*)?$/.exec(lines[i])
    if (named) types.set(named[1], { kind: 'named', type: named[2], imports })
  }
}

const openApiName = (importPath, name) => {
  if (importPath.startsWith('k8s.io/api/')) return `io.k8s.api.${importPath.slice(11).replaceAll('/', '.')}.${name}`
  if (importPath.startsWith('k8s.io/metrics/')) return `io.k8s.metrics.${importPath.slice(15).replaceAll('/', '.')}.${name}`
  return `io.k8s.apimachinery.${importPath.slice(20).replaceAll('/', '.')}.${name}`
}

const table = {}
const specials = new Set(['Time', 'MicroTime', 'Quantity', 'IntOrString', 'RawExtension', 'FieldsV1', 'Duration', 'Timestamp', 'Unknown'])

function resolve(type, pkg, imports) {
  if (type.startsWith('*')) return resolve(type.slice(1), pkg, imports)
  if (type === '[]byte') return 'bytes'
  if (type.startsWith('[]')) return `[]${resolve(type.slice(2), pkg, imports)}`
  const map = /^map\[[\w.]+\](.*)$/.exec(type)
  if (map) return `{}${resolve(map[1], pkg, imports)}`
  if (['string', 'bool', 'int32', 'int64', 'float64', 'int', 'float32', 'uint16'].includes(type)) return type
  return resolveNamed(type, pkg, imports)
}

function resolveNamed(type, pkg, imports) {
  const [qualifier, bare] = type.includes('.') ? type.split('.') : ['', type]
  const target = qualifier ? load(imports.get(qualifier) ?? `?${qualifier}`) : pkg
  if (target.importPath === 'k8s.io/apimachinery/pkg/types') return 'string|types.' + bare
  const declared = target.types.get(bare)
  if (specials.has(bare) && target.importPath.startsWith('k8s.io/apimachinery')) return `!${bare}`
  if (!declared) throw new Error(`no type ${type} in ${pkg.importPath}`)
  if (declared.kind === 'named') return `${resolve(declared.type, target, declared.imports).split('|')[0]}|${target.name}.${bare}`
  const name = openApiName(target.importPath, bare)
  struct(name, target, bare)
  return `@${name}`
}

function struct(name, pkg, bare) {
  if (table[name]) return
  const rows = (table[name] = [])
  const declared = pkg.types.get(bare)
  for (const field of declared.fields) {
    const [jsonName, ...options] = field.json.split(',')
    const number = Number(field.proto.split(',')[1] ?? 0)
    if (/(^|\.)(TypeMeta)$/.test(field.type)) { rows.push(['kind', 0, 'string', 1], ['apiVersion', 0, 'string', 1]); continue }
    const flags = (options.includes('omitempty') ? 1 : 0) | (field.type.startsWith('*') ? 2 : 0) | (options.includes('omitzero') ? 4 : 0) | (options.includes('inline') ? 8 : 0)
    rows.push([jsonName || field.go || '', number, resolve(field.type, pkg, declared.imports), flags])
  }
}

// ---- OpenAPI schemas ----
const schemas = {}
const variants = {}
const v3dir = join(recorded, 'openapi/openapi-v3')
for (const file of readdirSync(v3dir).sort()) {
  for (const [name, schema] of Object.entries(json(join(v3dir, file)).components?.schemas ?? {})) {
    if (schemas[name] && JSON.stringify(schemas[name]) !== JSON.stringify(schema)) ((variants[file] ??= {})[name] = schema)
    else schemas[name] = schema
  }
}
const importPathOf = (name) => {
  const parts = name.split('.')
  parts.pop()
  if (name.startsWith('io.k8s.api.')) return `k8s.io/api/${parts.slice(3).join('/')}`
  if (name.startsWith('io.k8s.metrics.')) return `k8s.io/metrics/${parts.slice(3).join('/')}`
  if (name.startsWith('io.k8s.apimachinery.')) return `k8s.io/apimachinery/${parts.slice(3).join('/')}`
  return ''
}
for (const name of Object.keys(schemas)) {
  const importPath = importPathOf(name)
  if (!importPath || specials.has(name.split('.').pop())) continue
  const pkg = load(importPath)
  const bare = name.split('.').pop()
  if (pkg.types.get(bare)?.kind === 'struct') struct(name, pkg, bare)
}
for (const extra of ['CreateOptions', 'UpdateOptions', 'PatchOptions', 'DeleteOptions', 'GetOptions', 'ListOptions', 'Status', 'Table', 'PartialObjectMetadata', 'PartialObjectMetadataList', 'APIGroupList', 'APIVersions', 'WatchEvent'])
  struct(openApiName('k8s.io/apimachinery/pkg/apis/meta/v1', extra), load('k8s.io/apimachinery/pkg/apis/meta/v1'), extra)

// ---- discovery ----
const discovery = []
for (const file of ['discovery-api.json', 'discovery-apis.json']) discovery.push(...json(join(recorded, file)).items)

// ---- whole documents, equal parts kept once ----
const leaves = []
const shapes = []
const nodes = []
const ids = new Map()
const intern = (list, key, value) => {
  const known = ids.get(key)
  if (known !== undefined) return known
  list.push(value)
  ids.set(key, list.length - 1)
  return list.length - 1
}
function cons(value) {
  if (value === null || typeof value !== 'object') return -1 - intern(leaves, `l${JSON.stringify(value)}`, value)
  const shape = Array.isArray(value) ? -1 : intern(shapes, `s${JSON.stringify(Object.keys(value))}`, Object.keys(value))
  const node = [shape, ...Object.values(value).map(cons)]
  return intern(nodes, `n${JSON.stringify(node)}`, node)
}
const documents = { v2: cons(json(join(recorded, 'openapi/openapi-v2.json'))), v3: {}, hashes: {} }
const { createHash } = await import('node:crypto')
const index = json(join(recorded, 'openapi/openapi-v3-index.json'))
for (const path of Object.keys(index.paths)) {
  const text = readFileSync(join(v3dir, `${path.replaceAll('/', '_')}.json`), 'utf8')
  documents.v3[path] = cons(JSON.parse(text))
  documents.hashes[path] = createHash('sha512').update(text).digest('hex').toUpperCase()
}

// ---- descriptions ----
const descriptions = {}
const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '../../../node_modules')
const special = { 'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions', 'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration' }
function describeFolder(folder, prefix) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith('.d.ts')) describeFile(join(folder, entry.name), `${prefix}.${entry.name.slice(0, -5)}`)
  }
}
function describeFile(file, name) {
  if (!schemas[name]) return
  const text = readFileSync(file, 'utf8')
  const clean = (comment) => comment.split('\n').map((line) => line.replace(/^\s*\*? ?/, '')).join('\n').trim().replaceAll('*\u200b/', '*/').replaceAll('\\*', '*')
  const whole = /\/\*\*([\s\S]*?)\*\/\s*export interface/.exec(text)
  const body = text.slice(text.indexOf('export interface'), text.indexOf('export declare class') < 0 ? undefined : text.indexOf('export declare class'))
  const fields = {}
  for (const m of body.matchAll(/\n    \/\*\*([\s\S]*?)\*\/\s*"([^"]+)"\??:/g)) if (schemas[name].properties?.[m[2]]) fields[m[2]] = clean(m[1])
  descriptions[name] = [whole && !/Generated|prettier/.test(whole[1]) ? clean(whole[1].split('/**').pop()) : '', fields]
}
const models = join(packageRoot, 'kubernetes-models')
describeFolder(join(models, 'v1'), 'io.k8s.api.core.v1')
for (const group of readdirSync(models, { withFileTypes: true })) {
  if (!group.isDirectory() || /^v\d|^_/.test(group.name)) continue
  for (const version of readdirSync(join(models, group.name), { withFileTypes: true }))
    if (version.isDirectory()) describeFolder(join(models, group.name, version.name), `${special[group.name] ?? `io.k8s.api.${group.name.split('.')[0]}`}.${version.name}`)
}
const machineryModels = join(packageRoot, '@kubernetes-models/apimachinery')
for (const [folder, name] of [['apis/meta/v1', 'io.k8s.apimachinery.pkg.apis.meta.v1'], ['api/resource', 'io.k8s.apimachinery.pkg.api.resource'], ['util/intstr', 'io.k8s.apimachinery.pkg.util.intstr'], ['runtime', 'io.k8s.apimachinery.pkg.runtime'], ['version', 'io.k8s.apimachinery.pkg.version']])
  if (existsSync(join(machineryModels, folder))) describeFolder(join(machineryModels, folder), name)

// In a function, so that the text takes no memory beside the program's own until somebody asks for it.
const write = (file, what, value) => writeFileSync(join(out, file), `/** ${what} Made by generate.mjs. */\nexport const text = (): string => ${JSON.stringify(JSON.stringify(value))}\n`)
write('types.generated.ts', 'Go structs: [json name, field number, type, 1 omitempty | 2 pointer | 4 omitzero | 8 inline] each.', table)
write('schemas.generated.ts', 'OpenAPI v3 schemas of the built-in types.', JSON.parse(JSON.stringify(schemas).replaceAll('#/components/schemas/', '#')))
write('discovery.generated.ts', 'Aggregated discovery of the built-in groups.', discovery)
write('documents.generated.ts', 'OpenAPI documents with equal parts kept once: leaves, shapes, nodes [shape, ...], roots.', { leaves, shapes, nodes, documents })
write('descriptions.generated.ts', 'Descriptions of types and fields, from kubernetes-models: [type, fields].', descriptions)
console.log(Object.keys(descriptions).length, 'described')
console.log(Object.keys(table).length, 'structs', Object.keys(schemas).length, 'schemas', Object.keys(variants))
const missing = Object.keys(schemas).filter((name) => schemas[name].properties && !table[name])
console.log('without struct:', missing.length, missing.slice(0, 60).join(' '))
