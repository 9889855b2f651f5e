/** One answer of `get`: tables, or one object in another form. */
import { ageOf } from '#engine/api/duration'
import { JsonPathError } from '#engine/api/jsonpath/evaluate'
import type { KubeObject } from '#engine/api/object'
import type { Built } from '#engine/programs/kubectl/resources/builder'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { getFormats, printerFor } from '#engine/programs/kubectl/printers/printer'
import { type Table, TablePrinter } from '#engine/programs/kubectl/printers/table'
import type { Mapping } from '#engine/programs/common/kube/discovery'
import { Aggregate, CliError, Collected, ExitError, flatten, throwAll } from '#engine/programs/kubectl/session/errors'
import { InvalidConfiguration } from '#engine/programs/common/kube/usable'
import { resourceName, type Session } from '#engine/programs/kubectl/session/session'
import { sortObjects, sortTable } from './sort'

export const tableAccept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json'

export async function findObjects(session: Session, tables: boolean, more: { keepLists?: boolean; singleResourceType?: boolean; stopAtError?: boolean } = {}): Promise<Built> {
  const { flags } = session
  const sorting = flags.string('sort-by') !== ''
  return await build(session, {
    args: session.args,
    filenames: flags.list('filename'),
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
    selector: flags.string('selector'),
    fieldSelector: flags.string('field-selector'),
    allNamespaces: flags.bool('all-namespaces'),
    subresource: flags.string('subresource'),
    ignoreNotFound: flags.bool('ignore-not-found'),
    chunkSize: sorting ? 0 : flags.number('chunk-size'),
    allowEmptySelector: true,
    latest: true,
    ...(tables && flags.bool('server-print') ? { accept: tableAccept, ...(sorting ? { parameters: { includeObject: 'Object' } } : {}) } : {}),
    ...more,
  })
}

/** Tables of several types stand apart by an empty line. */
export async function printTables(session: Session): Promise<void> {
  const { flags } = session
  const built = await findObjects(session, true)
  const { infos, error } = await built.infos()
  const ordered = sortedInfos(session, infos)
  const kinds = new Set(infos.map((info) => `${info.mapping.group}/${info.mapping.version}/${info.mapping.kind}`))
  const sheet = new Sheet(session, flags.bool('show-kind') || kinds.size > 1)
  for (const info of ordered) sheet.add(info)
  const out = sheet.text()
  await session.out(out)
  const allNamespaced = !flags.bool('all-namespaces') && infos.every((info) => info.mapping.namespaced)
  if (out === '' && !flags.bool('ignore-not-found') && !error) await session.err(allNamespaced ? `No resources found in ${session.namespace} namespace.\n` : 'No resources found\n')
  if (error) throw error instanceof CliError || error instanceof InvalidConfiguration ? new Collected([error]) : error
}

/** One table's rows are sorted as it is printed, and what fails there is not told; several tables are sorted as the objects they are. */
function sortedInfos(session: Session, infos: readonly Info[]): readonly Info[] {
  const sortBy = session.flags.string('sort-by')
  if (sortBy === '') return infos
  if (infos.length > 1) return sortObjects(session, infos, sortBy, (info) => info.object as KubeObject)
  try {
    for (const info of infos) if (info.object?.kind === 'Table') info.object = sortTable(session, info.object as unknown as Table, sortBy) as unknown as KubeObject
    return infos
  } catch (error) {
    if (error instanceof CliError || error instanceof JsonPathError) return []
    throw error
  }
}

/** Tables below each other: those of one type in one alignment. */
class Sheet {
  private done = ''
  private pending = ''
  private last: Mapping | undefined
  private printer: TablePrinter | undefined

  constructor(
    private readonly session: Session,
    private readonly withKind: boolean,
  ) {}

  add(info: Info): void {
    const { mapping } = info
    if (!this.printer || this.last?.resource !== mapping.resource || this.last.group !== mapping.group) {
      this.flush()
      this.printer = new TablePrinter(tableOptions(this.session, mapping, this.withKind))
      this.last = mapping
    }
    this.pending += this.printer.lines(asTable(info, this.session.now()))
  }

  text(): string {
    this.flush()
    return this.done
  }

  private flush(): void {
    if (this.pending === '' || !this.printer) return
    this.done += `${this.done !== '' && !this.session.flags.bool('no-headers') ? '\n' : ''}${this.printer.align(this.pending)}`
    this.pending = ''
  }
}

export function tableOptions(session: Session, mapping: Mapping, withKind: boolean): ConstructorParameters<typeof TablePrinter>[0] {
  const { flags } = session
  return {
    wide: flags.string('output') === 'wide',
    noHeaders: flags.bool('no-headers'),
    withNamespace: flags.bool('all-namespaces') && mapping.namespaced,
    showLabels: flags.bool('show-labels'),
    labelColumns: flags.list('label-columns'),
    ...(withKind ? { kind: resourceName(mapping, '').slice(0, -1) } : {}),
  }
}

/** What is no table becomes one of name and age. */
export function asTable(info: Info, nowMs: number): Table {
  const object = info.object as KubeObject
  if (object.kind === 'Table') return { columnDefinitions: (object['columnDefinitions'] as Table['columnDefinitions'] | undefined) ?? [], rows: (object['rows'] as Table['rows'] | null) ?? [] }
  return plainTable([object], nowMs)
}

export function plainTable(objects: readonly KubeObject[], nowMs: number): Table {
  return {
    columnDefinitions: [{ name: 'Name', type: 'string', format: 'name' }, { name: 'Age', type: 'string' }],
    rows: objects.map((object) => ({ cells: [object.metadata.name ?? '', ageOf(object.metadata.creationTimestamp, nowMs)], object })),
  }
}

export async function printGeneric(session: Session): Promise<void> {
  const { flags } = session
  const built = await findObjects(session, false)
  const { infos, error } = await built.infos()
  if (error && built.singleItemImplied) throw error
  const errors: Error[] = error ? flatten([error]) : []
  if (infos.length === 0 && flags.bool('ignore-not-found')) return throwAll(errors)
  const printer = printerFor(session, { allowed: getFormats, noHeaders: flags.bool('no-headers') })
  const single = built.singleItemImplied && infos.length === 1
  const object = single ? (infos[0]?.object as KubeObject) : listOf(infos.map((info) => info.object as KubeObject))
  try {
    await session.out(printer.print(single ? object : sortedList(session, object)))
  } catch (failed) {
    if (failed instanceof ExitError) throw failed
    errors.push(failed as Error)
  }
  if (errors.length > 1) throw new Aggregate(errors)
  throwAll(errors)
}

function sortedList(session: Session, list: KubeObject): KubeObject {
  const sortBy = session.flags.string('sort-by')
  return sortBy === '' ? list : { ...list, items: sortObjects(session, list['items'] as KubeObject[], sortBy, (item) => item) }
}

export function listOf(items: readonly KubeObject[]): KubeObject {
  return { apiVersion: 'v1', items: [...items], kind: 'List', metadata: { resourceVersion: '' } as KubeObject['metadata'] }
}

export { CliError }
