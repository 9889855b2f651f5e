import { bool, duration, int64 } from '#engine/programs/common/cobra/flags'
import { alignTabs, describeTabs } from '#engine/programs/common/tabwriter/tabwriter'
import type { KubeObject } from '#engine/api/object'
import { filenameFlags, printFlags, selectorFlag } from '#engine/programs/kubectl/flagsets'
import { printerFor } from '#engine/programs/kubectl/printers/printer'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { resourceName, type Session } from '#engine/programs/kubectl/session/session'
import { podTemplate } from '../describe/podparts'
import { Writer } from '../describe/writer'
import { group, verb } from '../verb'
import { pause, restart, resume } from './change'
import { changeCause, type Revision, revisionsOf } from './revisions'
import { rolloutStatus } from './status'
import { undo } from './undo'
import { requireRollouts } from './kinds'
import { completeTypes, completeTypesOnce } from '../completion/resources'

const status = verb({
  use: 'status (TYPE NAME | TYPE/NAME) [flags]',
  short: 'Show the status of the rollout',
  long: "Show the status of the rollout.\n\n By default 'rollout status' will watch the status of the latest rollout until it's done. If you don't want to wait for the rollout to finish then you can use --watch=false. If a new rollout starts in-between, 'rollout status' goes on with the latest revision; --revision=N pins it to one.",
  example: '# Watch the rollout status of a deployment\nkubectl rollout status deployment/nginx',
  flags: [
    ...filenameFlags('identifying the resource to get from a server.'), selectorFlag,
    int64('revision', 'Pin to a specific revision for showing its status. Defaults to 0 (last revision).'),
    duration('timeout', 'The length of time to wait before ending watch, zero means never. Any other values should contain a corresponding time unit (e.g. 1s, 2m, 3h).', { defaultText: '0s' }),
    bool('watch,w', "Watch the status of the rollout until it's done.", { default: true }),
  ],
  complete: completeTypesOnce('deployment', 'daemonset', 'statefulset'),
  run: runStatus,
})

async function targets(session: Session): Promise<Info[]> {
  const { flags } = session
  const built = await build(session, { typed: true, args: session.args, filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive'), selector: flags.string('selector'), latest: true, allowEmptySelector: true })
  const { infos, error } = await built.infos()
  if (error) throw error
  return infos
}

async function runStatus(session: Session): Promise<void> {
  if (session.args.length === 0 && session.flags.list('filename').length === 0 && session.flags.string('kustomize') === '') throw new CliError('required resource not specified')
  const timeout = session.flags.number('timeout')
  const revision = session.flags.number('revision')
  if (revision < 0) throw new CliError(`revision must be a positive integer: ${revision}`)
  const infos = await targets(session)
  if (infos.length === 0) {
    await session.err(`No resources found in ${session.namespace} namespace.\n`)
    return
  }
  for (const info of infos) await follow(session, info, revision, timeout)
}

/** Prints the status at each change until the rollout is done. */
async function follow(session: Session, info: Info, revision: number, timeoutMs: number): Promise<void> {
  const tell = async (object: KubeObject): Promise<boolean> => {
    const status = rolloutStatus(object, revision)
    await session.out(status.text)
    return status.done
  }
  if ((await tell(info.object as KubeObject)) || !session.flags.bool('watch')) return
  const abort = new AbortController()
  const timer = timeoutMs > 0 ? session.process.clock.after(timeoutMs, () => abort.abort(new Error('timeout'))) : undefined
  try {
    for await (const object of changes(session, info, abort.signal)) if (await tell(object)) return
  } catch (error) {
    if (!abort.signal.aborted) throw error
  } finally {
    timer?.cancel()
    abort.abort()
  }
  throw new CliError('timed out waiting for the condition')
}

/** What comes after the object as it was read: a list first, whose version a watch can always start at. */
async function* changes(session: Session, info: Info, signal: AbortSignal): AsyncGenerator<KubeObject> {
  const fieldSelector = `metadata.name=${info.name}`
  const list = await session.list(info.mapping, info.namespace, { fieldSelector })
  const [latest] = list.items
  if (latest && latest.metadata.resourceVersion !== info.object?.metadata.resourceVersion) yield { ...latest, apiVersion: info.object?.apiVersion ?? '', kind: info.mapping.kind }
  for await (const event of await session.watch(info.mapping, info.namespace, { fieldSelector, resourceVersion: list.metadata.resourceVersion }, signal)) {
    if (event.type === 'DELETED') throw new CliError('object has been deleted')
    if (event.type === 'ADDED' || event.type === 'MODIFIED') yield event.object as KubeObject
  }
}

const history = verb({
  use: 'history (TYPE NAME | TYPE/NAME) [flags]',
  short: 'View rollout history',
  long: 'View previous rollout revisions and configurations.',
  example: '# View the rollout history of a deployment\nkubectl rollout history deployment/abc\n\n# View the details of daemonset revision 3\nkubectl rollout history daemonset/abc --revision=3',
  flags: [...printFlags, ...filenameFlags('identifying the resource to get from a server.'), selectorFlag, int64('revision', 'See the details, including podTemplate of the revision specified')],
  complete: completeTypes('deployment', 'daemonset', 'statefulset'),
  run: runHistory,
})

async function runHistory(session: Session): Promise<void> {
  if (session.args.length === 0 && session.flags.list('filename').length === 0 && session.flags.string('kustomize') === '') throw new CliError('required resource not specified')
  const wanted = session.flags.number('revision')
  if (wanted < 0) throw new CliError(`revision must be a positive integer: ${wanted}`)
  for (const info of await targets(session)) {
    requireRollouts(info.mapping, 'history viewer', 'history')
    const revisions = await revisionsOf(session, info)
    if (session.flags.string('output') !== '') await printObjects(session, revisions, wanted)
    else if (wanted > 0) await session.out(`${resourceName(info.mapping, info.name)} with revision #${wanted}\n${revisionText(revisions, wanted)}\n`)
    else await session.out(`${resourceName(info.mapping, info.name)} \n${historyText(revisions)}\n`)
  }
}

async function printObjects(session: Session, revisions: readonly Revision[], wanted: number): Promise<void> {
  const printer = printerFor(session)
  const chosen = wanted > 0 ? revisions.filter((revision) => revision.number === wanted) : revisions
  if (chosen.length === 0) throw new CliError('unable to find the specified revision')
  for (const revision of chosen) await session.out(printer.print(revision.object))
}

function historyText(revisions: readonly Revision[]): string {
  if (revisions.length === 0) return 'No rollout history found.'
  return alignTabs(`REVISION\tCHANGE-CAUSE\n${revisions.map((revision) => `${revision.number}\t${revision.changeCause || '<none>'}\n`).join('')}`, describeTabs)
}

function revisionText(revisions: readonly Revision[], wanted: number): string {
  const found = revisions.find((revision) => revision.number === wanted)
  if (!found) throw new CliError('unable to find the specified revision')
  const { metadata, ...rest } = found.template
  const annotations = found.changeCause === '' ? metadata?.annotations : { ...metadata?.annotations, [changeCause]: found.changeCause }
  const writer = new Writer()
  podTemplate(writer, { ...rest, metadata: { ...metadata, ...(annotations ? { annotations } : {}) } })
  return writer.raw()
}


export const rollout = group({
  use: 'rollout SUBCOMMAND',
  short: 'Manage the rollout of a resource',
  long: 'Manage the rollout of one or many resources.\n        \n Valid resource types include:\n\n  *  deployments\n  *  daemonsets\n  *  statefulsets',
  example: "# Rollback to the previous deployment\nkubectl rollout undo deployment/abc\n\n# Check the rollout status of a daemonset\nkubectl rollout status daemonset/foo\n\n# Restart a deployment\nkubectl rollout restart deployment/abc\n\n# Restart deployments with the 'app=nginx' label\nkubectl rollout restart deployment --selector=app=nginx",
  group: 'Deploy Commands:',
  commands: [history, pause, restart, resume, status, undo],
})

