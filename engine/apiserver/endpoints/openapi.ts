/** /openapi/v3 and /openapi/v2. */
import { encodeUtf8, toHex } from '#engine/base/bytes'
import { bytesBody, emptyBody, type HttpResponse } from '#engine/base/http'
import { sha512 } from '@noble/hashes/sha2.js'
import type { Call } from '#engine/apiserver/chain/call'
import type { GatedKind } from '#engine/apiserver/schema/gated'
import { jsonResponse } from '#engine/apiserver/chain/respond'
import { builtinDocument, builtinPaths, builtinV2 } from '#engine/apiserver/openapi/documents'
import { gatedDocuments, type GatedDocuments } from '#engine/apiserver/openapi/gated'
import { encodeSwagger } from '#engine/apiserver/openapi/swagger-protobuf'

/** Documents of custom resources and aggregated APIs, by path: `apis/example.com/v1`. */
export interface OpenApiSource {
  documents(): ReadonlyMap<string, unknown>
  /** Definitions and paths to join to the v2 document. */
  v2(): { readonly definitions: Readonly<Record<string, unknown>>; readonly paths: Readonly<Record<string, unknown>> }
}

export class OpenApi {
  private readonly hashes = new WeakMap<object, string>()
  private joined: { readonly of: object; readonly metrics: boolean; readonly document: Record<string, unknown> } | undefined
  private encoded: { readonly of: object; readonly bytes: Uint8Array } | undefined

  private made: GatedDocuments | undefined

  constructor(
    private readonly source: OpenApiSource,
    private readonly gatedKinds: readonly GatedKind[],
  ) {}

  private gated(): GatedDocuments {
    return (this.made ??= gatedDocuments(this.gatedKinds))
  }

  private unrecorded(path: string): object | undefined {
    return this.gated().documents.get(path) ?? (this.source.documents().get(path) as object | undefined)
  }

  serve(call: Call, parts: readonly string[]): HttpResponse | undefined {
    if (parts[1] === 'v2' && parts.length === 2) return this.swagger(call)
    if (parts[1] !== 'v3') return undefined
    if (parts.length === 2) return jsonResponse(200, this.index())
    return this.document(call, parts.slice(2).join('/'))
  }

  private swagger(call: Call): HttpResponse {
    const document = this.v2()
    const accept = call.http.headers['accept'] ?? ''
    if (!accept.includes('proto-openapi') || accept.startsWith('application/json')) return jsonResponse(200, document)
    const bytes = this.encoded?.of === document ? this.encoded.bytes : encodeSwagger(document)
    this.encoded = { of: document, bytes }
    return { status: 200, headers: { 'content-type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' }, body: bytesBody(bytes) }
  }

  private index(): unknown {
    const paths: Record<string, unknown> = {}
    for (const path of this.paths()) paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${this.hash(path)}` }
    return { paths }
  }

  private paths(): string[] {
    const builtin = Object.keys(builtinPaths()).filter((path) => !path.startsWith('apis/metrics.k8s.io'))
    return [...new Set([...builtin, ...this.gated().documents.keys(), ...this.source.documents().keys()])].sort()
  }

  private hash(path: string): string {
    const custom = this.unrecorded(path)
    if (!custom) return builtinPaths()[path] ?? ''
    let hash = this.hashes.get(custom)
    if (hash === undefined) this.hashes.set(custom, (hash = toHex(sha512(encodeUtf8(JSON.stringify(custom)))).toUpperCase()))
    return hash
  }

  private document(call: Call, path: string): HttpResponse | undefined {
    const document = this.unrecorded(path) ?? (path.startsWith('apis/metrics.k8s.io') ? undefined : builtinDocument(path))
    if (document === undefined) return undefined
    const hash = this.hash(path)
    const asked = call.info.query.get('hash')
    if (asked !== null && asked !== hash) return { status: 301, headers: { location: `/openapi/v3/${path}?hash=${hash}` }, body: emptyBody }
    return jsonResponse(200, document, { etag: `"${hash}"`, ...(asked === null ? {} : { 'cache-control': 'public, immutable' }) })
  }

  private v2(): Record<string, unknown> {
    const base = builtinV2()
    const source = this.source.v2()
    const metrics = this.source.documents().has('apis/metrics.k8s.io/v1beta1')
    if (this.joined?.of === source && this.joined.metrics === metrics) return this.joined.document
    const own = metrics ? base : withoutMetrics(base)
    const document = { ...own, paths: { ...(own['paths'] as object), ...this.gated().paths, ...source.paths }, definitions: { ...(own['definitions'] as object), ...this.gated().definitions, ...source.definitions } }
    this.joined = { of: source, metrics, document }
    return document
  }
}

/** The tables know metrics.k8s.io; it is told of only where a metrics-server serves it. */
function withoutMetrics(document: Record<string, unknown>): Record<string, unknown> {
  const kept = (member: string, prefix: string): unknown => Object.fromEntries(Object.entries(document[member] as object).filter(([name]) => !name.startsWith(prefix)))
  return { ...document, paths: kept('paths', '/apis/metrics.k8s.io'), definitions: kept('definitions', 'io.k8s.metrics.') }
}
