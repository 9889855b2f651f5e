/** `get -w`: the objects, then a line for each change. */
import type { KubeObject } from '#engine/api/object'
import { query } from '#engine/client/client'
import { readWatch, type WatchEvent } from '#engine/client/watch'
import { getFormats, printerFor } from '#engine/programs/kubectl/printers/printer'
import { type Table, TablePrinter } from '#engine/programs/kubectl/printers/table'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError, TimedOut } from '#engine/programs/kubectl/session/errors'
import { resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { findObjects, isHuman, plainTable, tableAccept, tableOptions } from './watchparts'

type Show = (object: KubeObject, event: string) => Promise<void>

export async function watchObjects(session: Session): Promise<void> {
  const human = isHuman(session)
  const built = await findObjects(session, human, { keepLists: true, singleResourceType: true, stopAtError: true })
  const { infos, error } = await built.infos()
  if (error) throw error
  const info = infos[0]
  if (!info) throw new CliError('no kind "List" is registered')
  const show = shower(session, human, info.mapping)
  for (const each of infos) await showFirst(session, each, show)
  if (infos.length > 1) throw new CliError(`you may only watch a single resource or type of resource at a time`)
  try {
    await follow(session, info, human, show)
  } catch (failed) {
    // The watch ends quietly with the time it was given.
    if (!(failed instanceof TimedOut)) throw failed
  }
}

function isList(info: Info): boolean {
  return info.name === ''
}

async function showFirst(session: Session, info: Info, show: Show): Promise<void> {
  if (session.flags.bool('watch-only')) return
  const object = info.object as KubeObject
  for (const part of isList(info) && !isTable(object) ? (object['items'] as KubeObject[]) : [object]) await show(part, 'ADDED')
}

async function follow(session: Session, info: Info, human: boolean, show: Show): Promise<void> {
  const { flags } = session
  const metadata = (info.object as KubeObject).metadata as { resourceVersion?: string } | undefined
  const fields: Record<string, unknown> = {
    resourceVersion: isList(info) ? metadata?.resourceVersion : '0',
    labelSelector: flags.string('selector'),
    fieldSelector: isList(info) ? flags.string('field-selector') : `metadata.name=${info.name}`,
    ...(human && flags.string('sort-by') !== '' ? { includeObject: 'Object' } : {}),
    watch: true,
  }
  const namespace = flags.bool('all-namespaces') ? '' : info.namespace
  const response = await session.exchange('GET', resourcePath(info.mapping, namespace) + query(fields), human ? { accept: tableAccept } : {})
  let skip = isList(info) ? 0 : 1
  for await (const event of readWatch(response.body) as AsyncIterable<WatchEvent>) {
    if (event.type === 'BOOKMARK') continue
    if (skip-- > 0 && event.type === 'ADDED') continue
    await show(event.object, event.type)
  }
}

function isTable(object: KubeObject): boolean {
  return object.kind === 'Table'
}

function shower(session: Session, human: boolean, mapping: Parameters<typeof tableOptions>[1]): Show {
  const withEvents = session.flags.bool('output-watch-events')
  if (!human) {
    const printer = printerFor(session, { allowed: getFormats, noHeaders: session.flags.bool('no-headers') })
    return async (object, event) => await session.out(printer.print(withEvents ? ({ type: event, object } as unknown as KubeObject) : object))
  }
  const printer = new TablePrinter(tableOptions(session, mapping, session.flags.bool('show-kind')), true)
  return async (object, event) => {
    const table: Table = isTable(object) ? (object as unknown as Table) : plainTable([object], session.now())
    await session.out(printer.text({ columnDefinitions: table.columnDefinitions ?? [], rows: table.rows ?? [] }, withEvents ? event : undefined))
  }
}
