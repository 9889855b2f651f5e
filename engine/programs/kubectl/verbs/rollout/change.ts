/** `pause`, `resume` and `restart`: one patch each. */
import type { KubeObject } from '#engine/api/object'
import { fieldManagerFlag, filenameFlags, printFlags, selectorFlag } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError, throwAll } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { patchObject, resultPrinter } from '../write'
import { completeTypes } from '../completion/resources'

interface Change {
  readonly done: string
  /** The patch, or the reason why there is none. */
  readonly patch: (object: KubeObject, session: Session) => object | string
}

const flags = [...printFlags, ...filenameFlags('identifying the resource to get from a server.'), selectorFlag, fieldManagerFlag('kubectl-rollout')]

const isPaused = (object: KubeObject): boolean => (object['spec'] as { paused?: boolean } | undefined)?.paused === true

export const pause = verb({
  use: 'pause RESOURCE',
  short: 'Mark the provided resource as paused',
  long: 'Mark the provided resource as paused.\n\n Paused resources will not be reconciled by a controller. Use "kubectl rollout resume" to resume a paused resource. Currently only deployments support being paused.',
  example: '# Mark the nginx deployment as paused\nkubectl rollout pause deployment/nginx',
  flags,
  complete: completeTypes('deployment'),
  run: (session) => change(session, { done: 'paused', patch: (object) => (object.kind !== 'Deployment' ? 'pausing is not supported' : isPaused(object) ? 'is already paused' : { spec: { paused: true } }) }),
})

export const resume = verb({
  use: 'resume RESOURCE',
  short: 'Resume a paused resource',
  long: 'Resume a paused resource.\n\n Paused resources will not be reconciled by a controller. By resuming a resource, we allow it to be reconciled again. Currently only deployments support being resumed.',
  example: '# Resume an already paused deployment\nkubectl rollout resume deployment/nginx',
  flags,
  complete: completeTypes('deployment'),
  run: (session) => change(session, { done: 'resumed', patch: (object) => (object.kind !== 'Deployment' ? 'resuming is not supported' : isPaused(object) ? { spec: { paused: null } } : 'is not paused') }),
})

export const restart = verb({
  use: 'restart RESOURCE',
  short: 'Restart a resource',
  long: 'Restart a resource.\n\n    Resource rollout will be restarted.',
  example: "# Restart a deployment\nkubectl rollout restart deployment/nginx\n\n# Restart deployments with the 'app=nginx' label\nkubectl rollout restart deployment --selector=app=nginx",
  flags,
  complete: completeTypes('deployment', 'daemonset', 'statefulset'),
  run: (session) => change(session, { done: 'restarted', patch: restartPatch }),
})

function restartPatch(object: KubeObject, session: Session): object | string {
  if (!['Deployment', 'DaemonSet', 'StatefulSet'].includes(object.kind)) return 'restarting is not supported'
  if (isPaused(object)) return "can't restart paused deployment (run rollout resume first)"
  const restartedAt = `${new Date(session.now()).toISOString().slice(0, 19)}Z`
  const before = (object['spec'] as { template?: { metadata?: { annotations?: Record<string, string> } } }).template?.metadata?.annotations
  if (before?.['kubectl.kubernetes.io/restartedAt'] === restartedAt) return 'if restart has already been triggered within the past second, please wait before attempting to trigger another'
  return { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': restartedAt } } } } }
}

async function change(session: Session, { done, patch }: Change): Promise<void> {
  const { flags: given } = session
  if (session.args.length === 0 && given.list('filename').length === 0 && given.string('kustomize') === '') throw new CliError('required resource not specified')
  const built = await build(session, { typed: true, args: session.args, filenames: given.list('filename'), kustomize: given.string('kustomize'), recursive: given.bool('recursive'), selector: given.string('selector'), latest: true, allowEmptySelector: true })
  const { infos, error } = await built.infos()
  const problems: Error[] = error ? [error] : []
  if (infos.length === 0 && problems.length === 0) await session.err(`No resources found in ${session.namespace} namespace.\n`)
  for (const info of infos) {
    const printer = resultPrinter(session, done, 'none')
    const wanted = patch(info.object as KubeObject, session)
    if (typeof wanted === 'string') problems.push(refused(info, wanted))
    else await session.out(printer.print(await patchObject(session, info.mapping, info.namespace, info.name, 'strategic', wanted, { fieldManager: given.string('field-manager') })))
  }
  throwAll(problems)
}

function refused(info: Info, reason: string): CliError {
  const resource = info.mapping.group === '' ? info.mapping.resource : `${info.mapping.resource}.${info.mapping.group}`
  if (reason.startsWith('if restart')) return new CliError(`error: failed to create patch for ${info.name}: ${reason}`)
  return new CliError(`error: ${resource} ${JSON.stringify(info.name)} ${reason}`)
}
