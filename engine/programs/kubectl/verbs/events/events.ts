import { humanDuration } from '#engine/api/duration'
import type { KubeObject } from '#engine/api/object'
import { bool, string, strings } from '#engine/programs/common/cobra/flags'
import { alignTabs, tableTabs } from '#engine/programs/common/tabwriter/tabwriter'
import { allNamespacesFlag, chunkSizeFlag, printFlags } from '#engine/programs/kubectl/flagsets'
import { printerFor, standardFormats } from '#engine/programs/kubectl/printers/printer'
import { goSorted } from '#engine/programs/kubectl/gosort'
import { CliError, PlainError } from '#engine/programs/kubectl/session/errors'
import { coreEvents, type Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'

const formatOrder = ['json', 'yaml', 'kyaml', 'name', 'go-template', 'go-template-file', 'template', 'templatefile', 'jsonpath', 'jsonpath-as-json', 'jsonpath-file'].filter((format) => standardFormats.includes(format))

export const events = verb({
  use: `events [(-o|--output=)${formatOrder.join('|')}] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]`,
  short: 'List events',
  long: 'Display events.\n\n Prints a table of what happened last. It can be asked of a namespace, of all namespaces, or of one resource.',
  example: '# List recent events in the default namespace\nkubectl events\n\n# List recent events in all namespaces\nkubectl events --all-namespaces\n\n# List recent events for the specified pod, then wait for more events\nkubectl events --for pod/web-pod-13je7 --watch\n\n# List only events of type Warning\nkubectl events --types=Warning',
  group: 'Troubleshooting and Debugging Commands:',
  flags: [
    ...printFlags, allNamespacesFlag, chunkSizeFlag, string('for', 'Show only events of this resource.'), bool('no-headers', "When using the default output format, don't print headers."),
    strings('types', 'Show only events of these types.'), bool('watch,w', 'After listing the requested events, watch for more events.'),
  ],
  run: runEvents,
})

interface EventObject extends KubeObject {
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly count?: number
  readonly firstTimestamp?: string | null
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
  readonly involvedObject?: { readonly kind?: string; readonly name?: string }
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string }
}

async function runEvents(session: Session): Promise<void> {
  const { flags } = session
  const { namespace } = session.connect()
  const everywhere = flags.bool('all-namespaces')
  const fieldSelector = await subjectSelector(session)
  const printer = flags.string('output') === '' && flags.string('template') === '' ? undefined : printerFor(session, { made: true })
  const types = flags.list('types').map((type) => type.toLowerCase())
  if (types.some((type) => type !== 'normal' && type !== 'warning')) throw new CliError('valid --types are Normal or Warning')
  const fits = (event: EventObject): boolean => types.length === 0 || types.includes((event.type ?? '').toLowerCase())
  if (flags.bool('watch')) return await watchEvents(session, everywhere ? '' : namespace, fieldSelector, fits, (event) => (printer ? printer.print(ordered(event)) : undefined))
  const items = (await listAll(session, everywhere ? '' : namespace, fieldSelector)).filter(fits)
  if (items.length === 0) return await session.err(everywhere ? 'No events found.\n' : `No events found in ${namespace} namespace.\n`)
  const sorted = goSorted(items, (a, b) => lastSeen(a) < lastSeen(b))
  // A list put together here has no names to print.
  if (flags.string('output') === 'name') return
  if (printer) return await session.out(printer.print({ kind: 'EventList', apiVersion: 'v1', metadata: {}, items: sorted } as unknown as KubeObject))
  await session.out(alignTabs(heading(session) + sorted.map((event) => row(session, event)).join(''), tableTabs))
}

async function listAll(session: Session, namespace: string, fieldSelector: string | undefined): Promise<EventObject[]> {
  const items: EventObject[] = []
  let next: string | undefined
  do {
    const list = await session.list(coreEvents, namespace, { fieldSelector, limit: session.flags.number('chunk-size') || undefined, continue: next })
    items.push(...(list.items as EventObject[]).map(ordered))
    next = (list.metadata as { continue?: string }).continue
  } while (next)
  return items
}

const fieldOrder = ['metadata', 'involvedObject', 'reason', 'message', 'source', 'firstTimestamp', 'lastTimestamp', 'count', 'type', 'eventTime', 'series', 'action', 'related', 'reportingComponent', 'reportingInstance']

/** Fields in the order of the API type. */
function ordered(event: EventObject): EventObject {
  const fields = event as unknown as Record<string, unknown>
  return { kind: 'Event', apiVersion: 'v1', ...Object.fromEntries(fieldOrder.filter((name) => name in fields).map((name) => [name, fields[name]])) } as unknown as EventObject
}

async function watchEvents(session: Session, namespace: string, fieldSelector: string | undefined, fits: (event: EventObject) => boolean, print: (event: EventObject) => string | undefined): Promise<void> {
  const remembered: number[] = []
  let first = true
  for await (const { type, object } of await session.watch(coreEvents, namespace, { fieldSelector })) {
    const event = object as EventObject
    if ((type !== 'ADDED' && type !== 'MODIFIED') || !fits(event)) continue
    const printed = print(event)
    await session.out(printed ?? alignTabs((first ? heading(session) : '') + row(session, event), { ...tableTabs, remembered }))
    first = false
  }
}

async function subjectSelector(session: Session): Promise<string | undefined> {
  const subject = session.flags.string('for')
  if (subject === '') return undefined
  const parts = subject.split('/')
  if (parts.length === 1) throw new CliError('--for must be in resource/name form')
  if (parts.length > 2) throw new CliError('arguments in resource/name form may not have more than one slash')
  const mapping = await session.lookUp((discovery) => discovery.find((parts[0] as string).toLowerCase()))
  if (!mapping) throw new PlainError(`the server doesn't have a resource type ${JSON.stringify(parts[0])}`)
  // A type alone filters nothing.
  if (parts[1] === '') return undefined
  const apiVersion = mapping.group === '' ? mapping.version : `${mapping.group}/${mapping.version}`
  return `involvedObject.kind=${mapping.kind},involvedObject.apiVersion=${apiVersion},involvedObject.name=${parts[1] as string}`
}

function heading(session: Session): string {
  if (session.flags.bool('no-headers')) return ''
  return `${session.flags.bool('all-namespaces') ? 'NAMESPACE\t' : ''}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n`
}

function row(session: Session, event: EventObject): string {
  const cells = [interval(session.now(), event), event.type ?? '', event.reason ?? '', `${event.involvedObject?.kind ?? ''}/${event.involvedObject?.name ?? ''}`, (event.message ?? '').trim()]
  if (session.flags.bool('all-namespaces')) cells.unshift(event.metadata.namespace ?? '')
  return `${cells.join('\t')}\n`
}

function lastSeen(event: EventObject): number {
  return Date.parse(event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? '') || 0
}

function interval(now: number, event: EventObject): string {
  const since = (time: string | null | undefined): string => (time ? humanDuration(now - Date.parse(time)) : '<unknown>')
  const first = since(event.eventTime ?? event.firstTimestamp)
  if (event.series) return `${since(event.series.lastObservedTime)} (x${event.series.count ?? 0} over ${first})`
  return (event.count ?? 0) > 1 ? `${since(event.lastTimestamp)} (x${event.count as number} over ${first})` : first
}
