/** Requests that mean no good: right ones bent in one or more places, and wrong ones from the start. */
import { textBody, bytesBody, type HttpBody, type HttpRequest } from '#engine/base/http'
import { emitYaml } from '#engine/base/yaml/emit'
import { kinds } from './kinds'
import { randomObject } from './objects'
import { encodeAnyhow } from './protobuf'
import type { Dice } from './random'
import { manifests } from './valid'

type Data = Record<string, unknown>

const evil: readonly unknown[] = [
  null, true, -1, 0, 1e308, 2 ** 53, -(2 ** 63), 0.1, '', ' ', 'x'.repeat(300), '../..', '%00', '\u0000', '\ud800', '💥', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '$(A)', '$$', '${x}', '{{.}}', '-', '.', 'a/b/c', 'A_b', '1Ei', '1e99999', '-1', '25%', '101%', '99999999999999999999', '::1', '0.0.0.0/0', '1.2.3.4/99', '256.1.1.1', 'http', '65536', '@every 1s', '* * * * * *', '0 0 31 2 *', 'Local', '2026-13-45T99:99:99Z', 'aGVsbG8', '!!', '(((((', '[', '(a+)+$', 'self.x', 'self.all(x, self.all(y, x == y))', '1/0', '.spec[', '{.spec}',
  [], [null], [[]], [{}], ['', ''], {}, { '': '' }, { a: { b: { c: {} } } }, { __proto__: null, x: 1 }, { $patch: 'delete' }, { $patch: 'replace' }, { $retainKeys: ['x'] }, { $patch: 'bogus' },
]
const keyNames = ['__proto__', 'constructor', 'toString', '$patch', '$retainKeys', '$setElementOrder/containers', '$deleteFromPrimitiveList/finalizers', '', 'ü', 'x'.repeat(100), 'metadata', 'name', 'spec', 'status', 'generateName', 'ownerReferences', 'deletionTimestamp', 'managedFields', 'resourceVersion', 'uid']
const contentTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'text/plain', '', 'application/json; charset=utf-8', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '*/*', ';;;', 'application/json-patch+json', 'application/cbor']
const accepts = ['application/json', '*/*', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/json;as=Table;v=v1;g=meta.k8s.io', 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io', 'application/json;as=Bogus;v=v9;g=x', 'text/html', '', 'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io', ',,,', 'application/cbor']
const patchTypes = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml', 'application/apply-patch+cbor']
const selectors = ['a=b', 'a in (b,c)', '!a', 'a notin (', 'a==b,,', '=', 'a>1', 'x'.repeat(500), 'a in ()', '(', 'a=b=c', ',', 'metadata.name=x', 'spec.nodeName!=y', 'status.phase=Running', 'a=\u0000', Array.from({ length: 400 }, (_, i) => `k${i}=v`).join(',')]
const options = ['limit', 'continue', 'resourceVersion', 'resourceVersionMatch', 'labelSelector', 'fieldSelector', 'watch', 'timeoutSeconds', 'allowWatchBookmarks', 'sendInitialEvents', 'dryRun', 'fieldManager', 'fieldValidation', 'force', 'gracePeriodSeconds', 'propagationPolicy', 'orphanDependents', 'pretty', 'container', 'tailLines', 'command']
const optionValues = ['', '0', '1', '-1', '999999999999999999999', 'true', 'false', 'x', 'All', 'Exact', 'NotOlderThan', 'Strict', 'Ignore', 'Foreground', 'null', '%', '{}', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiIn0', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiIuLi8uLi8ifQ', 'AAAA', '🙂']

export function hostileRequest(dice: Dice): HttpRequest {
  const { path, object: given } = dice.chance(75) ? dice.pick(manifests) : anyKind(dice)
  const method = dice.pick(['POST', 'POST', 'POST', 'PUT', 'PATCH', 'PATCH', 'PATCH', 'DELETE', 'GET', 'GET', 'HEAD', 'OPTIONS', 'BREW'])
  const object = method === 'POST' && dice.chance(60) ? named(given, `made-${dice.below(1e6)}`) : given
  const target = `${dice.chance(8) ? bentPath(dice, path) : path}${method === 'POST' ? '' : ownName(dice, path)}`
  const query = dice.times(3, () => `${dice.pick(options)}=${encodeURIComponent(dice.chance(40) ? dice.pick(selectors) : dice.pick(optionValues)).replace('%25', '%')}`)
  const patchType = dice.pick(patchTypes)
  const type = method === 'PATCH' ? patchType : dice.chance(70) ? 'application/json' : dice.pick(contentTypes)
  if (patchType.startsWith('application/apply')) query.push('fieldManager=fuzz')
  const headers = { 'content-type': type, accept: dice.pick(accepts), ...(dice.chance(3) ? { 'impersonate-user': dice.pick(['x', '', 'system:serviceaccount:a:b']) } : {}) }
  return { method, path: `${target}${query.length > 0 ? `?${query.join('&')}` : ''}`, headers, body: body(dice, type, method, object) }
}

/** With a name of its own, so that it can be created. */
function named(object: Data, name: string): Data {
  return { ...object, metadata: { ...(object['metadata'] as Data), name } }
}

function anyKind(dice: Dice): { path: string; object: Data } {
  const kind = kinds.get(dice.pick([...kinds.keys()]))
  if (!kind) throw new Error('no kinds')
  return { path: kind.path === '' || dice.chance(3) ? dice.pick(manifests).path : kind.path, object: randomObject(dice, kind, kind.type) }
}

function ownName(dice: Dice, path: string): string {
  if (dice.chance(15)) return ''
  return `/${path.endsWith('/customresourcedefinitions') ? 'widgets.example.com' : 'n'}${dice.chance(25) ? `/${dice.pick(['status', 'scale', 'log', 'exec', 'eviction', 'binding', 'ephemeralcontainers', 'resize', 'proxy', 'approval', 'finalize', 'token', 'bogus', 'proxy/a/b', 'portforward', 'attach'])}` : ''}`
}

function bentPath(dice: Dice, path: string): string {
  const parts = path.split('/')
  parts[dice.below(parts.length)] = dice.pick(['', '..', '%2e%2e', '%', '%ff', 'x'.repeat(2000), 'namespaces', 'watch', 'proxy', 'v1', 'v9', '__proto__', 'constructor', '*'])
  return parts.join('/')
}

function body(dice: Dice, type: string, method: string, object: Data): HttpBody {
  if (method === 'PATCH' && type === 'application/json-patch+json') return spoilt(dice, JSON.stringify(dice.times(5, () => operation(dice))))
  if (method === 'DELETE') return spoilt(dice, JSON.stringify(bent(dice, { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0, propagationPolicy: 'Background', preconditions: { uid: 'x' } })))
  if (type === 'application/vnd.kubernetes.protobuf') return protobuf(dice, object)
  const value = bent(dice, object)
  if (type.includes('yaml')) return spoilt(dice, emitYaml(value))
  return spoilt(dice, withEvilKeys(dice, JSON.stringify(value)))
}

function protobuf(dice: Dice, object: Data): HttpBody {
  let bytes: Uint8Array
  try {
    bytes = encodeAnyhow(dice, object as never) ?? new Uint8Array(0)
  } catch {
    bytes = new Uint8Array(0)
  }
  for (let bends = dice.below(4); bends > 0 && bytes.length > 0; bends--) bytes[dice.below(bytes.length)] = dice.below(256)
  return bytesBody(dice.chance(20) ? bytes.subarray(0, dice.below(bytes.length + 1)) : bytes)
}

function operation(dice: Dice): unknown {
  const paths = ['', '/', '/spec', '/metadata/name', '/metadata/labels/a~1b', '/spec/containers/0', '/spec/containers/-', '/spec/containers/99', '/spec/containers/-1', '/~2', 'x', '/__proto__/x', '/constructor/prototype/y', '/spec/containers/01', '/metadata/annotations/x', 5]
  return dice.pick<unknown>([
    { op: dice.pick(['add', 'remove', 'replace', 'test', 'move', 'copy', 'bogus', 7]), path: dice.pick(paths), value: dice.pick(evil), from: dice.pick(paths) },
    { op: 'copy', from: '', path: '/metadata/annotations' }, { path: '/a' }, null, [], 'x',
  ])
}

/** One to four places of the object replaced, removed or doubled. */
function bent(dice: Dice, object: Data): unknown {
  const copy = JSON.parse(JSON.stringify(object)) as Data
  for (let bends = 1 + dice.below(4); bends > 0; bends--) bendOnce(dice, copy)
  return copy
}

function bendOnce(dice: Dice, root: Data): void {
  let node: Data | unknown[] = root
  for (;;) {
    const keys = Object.keys(node)
    if (keys.length === 0) return
    const key = dice.pick(keys)
    const inner = (node as Data)[key]
    if (inner !== null && typeof inner === 'object' && dice.chance(80)) {
      node = inner as Data
      continue
    }
    return change(dice, node as Data, key)
  }
}

function change(dice: Dice, node: Data, key: string): void {
  const list: unknown = node
  switch (dice.below(6)) {
    case 0: if (Array.isArray(list)) list.splice(Number(key), 1)
      else delete node[key]
      return
    case 1: if (Array.isArray(list)) list.push(structuredClone(node[key]))
      else node[dice.pick(keyNames.slice(3))] = structuredClone(node[key])
      return
    case 2: node[key] = nested(dice, dice.pick([3, 50, 300])); return
    default: node[key] = structuredClone(dice.pick(dice.chance(70) ? alike(node[key]) : evil))
  }
}

/** Evil of the same type gets past the decoder. */
function alike(value: unknown): readonly unknown[] {
  const same = evil.filter((item) => typeof item === typeof value && Array.isArray(item) === Array.isArray(value))
  return same.length > 0 ? same : evil
}

function nested(dice: Dice, depth: number): unknown {
  let value: unknown = 1
  const list = dice.chance(50)
  for (let i = 0; i < depth; i++) value = list ? [value] : { a: value }
  return value
}

/** Keys that mean something to JavaScript, which JSON.stringify would not write. */
function withEvilKeys(dice: Dice, text: string): string {
  return dice.chance(15) ? text.replace('{', `{${JSON.stringify(dice.pick(keyNames))}:${JSON.stringify(dice.pick(evil))},`) : text
}

/** The text as it is, or cut, or with a few characters bent. */
function spoilt(dice: Dice, text: string): HttpBody {
  if (dice.chance(75)) return textBody(text)
  if (dice.chance(30)) return textBody(text.slice(0, dice.below(text.length + 1)))
  const characters = [...text]
  for (let bends = 1 + dice.below(5); bends > 0 && characters.length > 0; bends--) characters[dice.below(characters.length)] = dice.pick(['{', '}', '[', ']', '"', ',', ':', '\\', '\u0000', '-', '\n', '\t', '&a', '*a', '!!', '|', '%', '0', '\ufeff', '💥', '~'])
  return textBody(characters.join(''))
}
