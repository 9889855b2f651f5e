import { bool, string } from '#engine/programs/common/cobra/flags'
import { StatusError } from '#engine/api/status'
import { allNamespacesFlag, deletionFlags, dryRunFlag, fieldSelectorFlag, filenameFlags, selectorFlag } from '#engine/programs/kubectl/flagsets'
import { build, type BuildRequest, type Built } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError, withSource } from '#engine/programs/kubectl/session/errors'
import { type DryRun, dryRunOf, resourceName, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { awaitDeletion } from '../wait/deletion'
import { writeQuery } from '../write'
import { completeResources } from '../completion/resources'

export const deleteVerb = verb({
  use: 'delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])',
  short: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  long: 'Delete resources by file names, stdin, resources and names, or by resources and label selector.\n\n JSON and YAML formats are accepted. Only one kind of argument may be given: file names, resources and names, or resources and a label selector.\n\n Pods and others end gracefully; --grace-period shortens the time they get, --now makes it one second. With --force and a grace period of 0 the object goes at once while its processes may still run, which can break what relies on names being unique.\n\n The delete command makes no resource version checks: an update just before is lost with the rest.',
  example: '# Delete a pod by the type and name in pod.json\nkubectl delete -f ./pod.json\n\n# Delete pods and services with label name=myLabel\nkubectl delete pods,services -l name=myLabel\n\n# Delete a pod with little delay\nkubectl delete pod foo --now\n\n# Delete all pods\nkubectl delete pods --all',
  group: 'Basic Commands (Intermediate):',
  suggestFor: ['rm'],
  flags: [
    ...deletionFlags.map((flag) => (flag.name === 'wait' ? { ...flag, default: true } : flag)), ...filenameFlags('containing the resource to delete.'), selectorFlag, fieldSelectorFlag, allNamespacesFlag, dryRunFlag,
    bool('all', 'Delete all resources, in the namespace of the specified resource types.'),
    bool('ignore-not-found', 'Treat "resource not found" as a successful delete. Defaults to "true" when --all is specified.'),
    bool('interactive,i', 'If true, delete resource only when user confirms.'),
    bool('now', 'If true, resources are signaled for immediate shutdown (same as --grace-period=1).'),
    string('output,o', 'Output mode. Use "-o name" for shorter output (resource/name).'),
    string('raw', 'Raw URI to DELETE to the server, with the transport of the kubeconfig file.'),
  ],
  complete: completeResources,
  run: runDelete,
})

export interface DeletePlan {
  readonly cascade: string
  readonly gracePeriod: number
  readonly ignoreNotFound: boolean
  readonly wait: boolean
  readonly timeoutMs: number
  readonly dryRun: DryRun
  readonly quiet?: boolean
  readonly shortNames?: boolean
  readonly warnClusterScope?: boolean
  /** `deleted`, also where it was forced. */
  readonly plainWords?: boolean
}

async function runDelete(session: Session): Promise<void> {
  const { flags } = session
  const gracePeriod = graceOf(session)
  const dryRun = await dryRunOf(session)
  const cascade = cascadeOf(session)
  await warnOfCascade(session)
  if (flags.string('raw') !== '') return await rawDelete(session)
  const request = requestOf(session)
  const built = await build(session, request)
  const output = flags.string('output')
  if (output !== '' && output !== 'name') throw new CliError(`unexpected -o output mode: ${output}. We only support '-o name'`)
  if (flags.bool('force')) await warnOfForce(session, gracePeriod)
  if (flags.bool('interactive') && !(await confirmed(session, request))) return
  await deleteObjects(session, built, { cascade, gracePeriod, ignoreNotFound: request.ignoreNotFound ?? false, wait: flags.bool('wait'), timeoutMs: flags.number('timeout'), dryRun, shortNames: output === 'name', warnClusterScope: session.namespaceGiven && !flags.bool('all-namespaces') })
}

function requestOf({ args, flags }: Session): BuildRequest {
  const selecting = flags.bool('all') || flags.string('selector') !== '' || flags.string('field-selector') !== ''
  return {
    args, filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive'), selector: flags.string('selector'), fieldSelector: flags.string('field-selector'),
    all: flags.bool('all'), allNamespaces: flags.bool('all-namespaces'), fetch: false, ignoreNotFound: flags.changed('ignore-not-found') ? flags.bool('ignore-not-found') : selecting,
  }
}

async function warnOfForce(session: Session, gracePeriod: number): Promise<void> {
  if (gracePeriod > 0) throw new CliError('--force and --grace-period greater than 0 cannot be specified together')
  if (gracePeriod === 0) await session.err('Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n')
}

function graceOf(session: Session): number {
  const { flags } = session
  let grace = flags.number('grace-period')
  if (flags.bool('now')) {
    if (grace !== -1) throw new CliError('--now and --grace-period cannot be specified together')
    grace = 1
  }
  if (grace === 0 && !flags.bool('force')) grace = 1
  return flags.bool('force') && grace < 0 ? 0 : grace
}

/** The booleans of old still say what they said. */
async function warnOfCascade(session: Session): Promise<void> {
  const value = session.flags.string('cascade')
  if (value !== 'true' && value !== 'false') return
  await session.err(`warning: --cascade=${value} is deprecated (boolean value) and can be replaced with --cascade=${value === 'true' ? 'background' : 'orphan'}.\n`)
}

export function cascadeOf(session: Session): string {
  const value = session.flags.string('cascade')
  switch (value) {
    case 'background': case 'true': return 'Background'
    case 'foreground': return 'Foreground'
    case 'orphan': case 'false': return 'Orphan'
    default: throw new CliError(`invalid cascade value (${value}). Must be "background", "foreground", or "orphan"`)
  }
}

export async function deleteObjects(session: Session, built: Built, plan: DeletePlan): Promise<void> {
  const deleted: { info: Info; uid: string | undefined }[] = []
  let found = 0
  let warn = plan.warnClusterScope ?? false
  await built.visit(async (info) => {
    found++
    if (warn && !info.mapping.namespaced) {
      await session.err('Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n')
      warn = false
    }
    if (plan.dryRun === 'client') return await tell(session, info, plan)
    const uid = await deleteOne(session, info, plan)
    await tell(session, info, plan)
    deleted.push({ info, uid })
  })
  if (found === 0) return await session.out('No resources found\n')
  if (!plan.wait || plan.dryRun !== 'none') return
  for (const { info, uid } of deleted) {
    try {
      await awaitDeletion(session, info, uid, session.now() + (plan.timeoutMs === 0 ? 168 * 3600_000 : plan.timeoutMs))
    } catch (error) {
      if (error instanceof StatusError && (error.status.reason === 'Forbidden' || error.status.reason === 'MethodNotAllowed')) return
      throw error
    }
  }
}

async function deleteOne(session: Session, info: Info, plan: DeletePlan): Promise<string | undefined> {
  const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...(plan.gracePeriod >= 0 ? { gracePeriodSeconds: plan.gracePeriod } : {}), propagationPolicy: plan.cascade, ...(plan.dryRun === 'server' ? { dryRun: ['All'] } : {}) }
  try {
    const answer = await session.request<{ kind?: string; details?: { uid?: string }; metadata?: { uid?: string } }>('DELETE', resourcePath(info.mapping, info.namespace, info.name) + writeQuery({ dryRun: plan.dryRun }), { body })
    return answer.kind === 'Status' ? answer.details?.uid : answer.metadata?.uid
  } catch (error) {
    throw withSource('deleting', info.source, error as Error)
  }
}

async function tell(session: Session, info: Info, plan: DeletePlan): Promise<void> {
  if (plan.quiet) return
  if (plan.shortNames) return await session.out(`${resourceName(info.mapping, info.name)}\n`)
  let operation = plan.gracePeriod === 0 && !plan.plainWords ? 'force deleted' : 'deleted'
  if (info.mapping.namespaced) operation += ` from ${info.namespace} namespace`
  if (plan.dryRun !== 'none') operation += plan.dryRun === 'client' ? ' (dry run)' : ' (server dry run)'
  await session.out(`${resourceName(info.mapping, '').slice(0, -1)} "${info.name}" ${operation}\n`)
}

async function confirmed(session: Session, request: BuildRequest): Promise<boolean> {
  const { infos, error } = await (await build(session, request)).infos()
  if (error) throw error
  if (infos.length === 0) {
    await session.out('No resources found\n')
    return false
  }
  await session.out(`You are about to delete the following ${infos.length} resource(s):\n${infos.map((info) => `${resourceName(info.mapping, info.name)}\n`).join('')}Do you want to continue? (y/N): `)
  for await (const line of session.process.stdin.lines()) {
    if (line.trim().toLowerCase() === 'y') return true
    break
  }
  await session.out('deletion is cancelled\n')
  return false
}

async function rawDelete(session: Session): Promise<void> {
  const response = await session.exchange('DELETE', session.flags.string('raw'))
  await session.out(await response.body.text())
}
