/** What the writing verbs share: query fields of a write, the last-applied annotation, how results are told. */
import { compactJson } from '#engine/api/jsonpath/evaluate'
import type { KubeObject } from '#engine/api/object'
import { query } from '#engine/client/client'
import { CliError } from '../session/errors'
import type { Mapping } from '#engine/programs/common/kube/discovery'
import { type DryRun, resourcePath, type Session } from '../session/session'
import { printerFor, type ObjectPrinter, type PrinterOptions } from '../printers/printer'

export const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

export interface WriteFields {
  readonly dryRun?: DryRun
  readonly fieldManager?: string
  readonly fieldValidation?: string
  readonly force?: boolean
}

export function writeQuery(fields: WriteFields): string {
  return query({ dryRun: fields.dryRun === 'server' ? 'All' : undefined, fieldManager: fields.fieldManager, fieldValidation: fields.fieldValidation, force: fields.force === undefined ? undefined : String(fields.force) })
}

/** The server's name of what --validate says. */
export function validationDirective(session: Session): string {
  const value = session.flags.has('validate') ? session.flags.string('validate') : 'strict'
  switch (value.toLowerCase()) {
    case 'strict': case 'true': case '1': case 't': return 'Strict'
    case 'warn': return 'Warn'
    case 'ignore': case 'false': case '0': case 'f': return 'Ignore'
    default: throw new CliError(`invalid - validate option "${value}"; must be one of: strict (or true), warn, ignore (or false)`)
  }
}

export async function createObject(session: Session, mapping: Mapping, namespace: string, object: KubeObject, fields: WriteFields): Promise<KubeObject> {
  return await session.request('POST', resourcePath(mapping, namespace) + writeQuery(fields), { body: object })
}

export async function patchObject(session: Session, mapping: Mapping, namespace: string, name: string, type: PatchType, patch: unknown, fields: WriteFields, subresource = ''): Promise<KubeObject> {
  return await session.request('PATCH', resourcePath(mapping, namespace, name, subresource) + writeQuery(fields), { ...(patch instanceof MalformedBody ? { text: patch.text } : { body: patch }), contentType: patchTypes[type] })
}

/** What is no JSON although it begins so: the server says what is wrong with it. */
export class MalformedBody {
  constructor(readonly text: string) {}
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

export const patchTypes: Readonly<Record<PatchType, string>> = { json: 'application/json-patch+json', merge: 'application/merge-patch+json', strategic: 'application/strategic-merge-patch+json', apply: 'application/apply-patch+yaml' }

/** The object as `kubectl apply` remembers it: compact JSON with a newline, without the annotation itself. */
export function configurationText(object: KubeObject): string {
  const annotations = { ...object.metadata.annotations }
  delete annotations[lastApplied]
  return `${compactJson({ ...object, metadata: { ...object.metadata, annotations } })}\n`
}

export function withLastApplied(object: KubeObject, configuration = configurationText(object)): KubeObject {
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [lastApplied]: configuration } } }
}

/** The printer of a change, with `(dry run)` where nothing was stored. */
export function resultPrinter(session: Session, operation: string, dryRun: DryRun, options: PrinterOptions = {}): ObjectPrinter {
  const suffix = dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : ''
  return printerFor(session, { ...options, operation: `${operation}${suffix}`, made: options.made ?? false })
}

export function pruneNulls<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item) => pruneNulls(item) as unknown) as T
  if (value === null || typeof value !== 'object') return value
  const out: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) if (item !== null) out[key] = pruneNulls(item)
  return out as T
}
