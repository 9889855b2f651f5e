import { bool, string, stringArray, strings } from '#engine/programs/common/cobra/flags'
import { deletionFlags, dryRunFlag, fieldManagerFlag, filenameFlags, podTimeoutFlag, printFlags, saveConfigFlag } from '#engine/programs/kubectl/flagsets'
import type { KubeObject } from '#engine/api/object'
import type { Pod } from '#engine/api/kinds'
import { CliError, ExitError } from '#engine/programs/kubectl/session/errors'
import { type DryRun, dryRunOf, pods, services, type Session } from '#engine/programs/kubectl/session/session'
import { build } from '#engine/programs/kubectl/resources/builder'
import { applyOverrides } from '../overrides'
import { attachToPod } from '../attach/attach'
import { cascadeOf, deleteObjects } from '../delete/delete'
import { copyLog } from '../logs/logs'
import { checkPodTimeout, findOrDefaultContainer } from '../pods'
import { verb } from '../verb'
import { createObject, resultPrinter, withLastApplied } from '../write'
import { generatePod, generateRunService } from './generate'
import { awaitPod } from './await'
import { record, recordFlag } from '../record'

export const run = verb({
  use: 'run NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]',
  short: 'Run a particular image on the cluster',
  long: 'Create and run a particular image in a pod.',
  example: '# Start a nginx pod\nkubectl run nginx --image=nginx\n\n# Start a hazelcast pod and let the container expose port 5701\nkubectl run hazelcast --image=hazelcast/hazelcast --port=5701\n\n# Dry run; print the corresponding API objects without creating them\nkubectl run nginx --image=nginx --dry-run=client\n\n# Start a busybox pod and keep it in the foreground, don\'t restart it if it exits\nkubectl run -i -t busybox --image=busybox --restart=Never',
  group: 'Basic Commands (Beginner):',
  flags: [
    recordFlag,
    ...printFlags, ...deletionFlags, ...filenameFlags('to use to replace the resource.'), dryRunFlag, fieldManagerFlag('kubectl-run'), saveConfigFlag, podTimeoutFlag(60_000),
    stringArray('annotations', 'Annotations to apply to the pod.'),
    bool('attach', "If true, wait for the Pod to start running, and then attach to the Pod as if 'kubectl attach ...' were called. Default false, unless '-i/--stdin' is set, in which case the default is true."),
    bool('command', 'If true and extra arguments are present, use them as the \'command\' field in the container, rather than the \'args\' field which is the default.'),
    stringArray('env', 'Environment variables to set in the container.'),
    bool('expose', 'If true, create a ClusterIP service associated with the pod. Requires `--port`.'),
    string('image', 'The image for the container to run.', { required: true }),
    string('image-pull-policy', 'The image pull policy for the container. If left empty, the server decides.'),
    string('labels,l', 'Comma separated labels to apply to the pod. Will override previous values.'),
    bool('leave-stdin-open', 'If the pod is started in interactive mode or with stdin, leave stdin open after the first attach completes.'),
    string('override-type', 'The method used to override the generated object: json, merge, or strategic.', { default: 'merge' }),
    string('overrides', 'An inline JSON override for the generated object. It must name its apiVersion where that is not the generated one.'),
    string('port', 'The port that this container exposes.'),
    bool('privileged', 'If true, run the container in privileged mode.'),
    bool('quiet,q', 'If true, suppress prompt messages.'),
    string('restart', 'The restart policy for this Pod.  Legal values [Always, OnFailure, Never].', { default: 'Always' }),
    bool('rm', 'If true, delete the pod after it exits.  Only valid when attaching to the container, e.g. with \'--attach\' or with \'-i/--stdin\'.'),
    bool('stdin,i', 'Keep stdin open on the container in the pod, even if nothing is attached.'),
    bool('tty,t', 'Allocate a TTY for the container in the pod.'),
    strings('hostport', '', { hidden: true }),
  ].filter((flag) => flag.name !== 'hostport'),
  run: runRun,
})

const imagePattern = /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/

export function isImageName(text: string): boolean {
  return imagePattern.test(text)
}

async function runRun(session: Session): Promise<void> {
  const { flags, args } = session
  const dryRun = await dryRunOf(session)
  const attaching = flags.changed('attach') ? flags.bool('attach') : flags.bool('stdin')
  checkArguments(session, attaching, dryRun)
  const generated = generatePod(session, args[0] as string, args.slice(1))
  const pod = await applyOverrides(session, generated)
  record(session, pod)
  await session.discovery()
  const stored = await store(session, pods, pod, dryRun)
  let service: KubeObject | undefined
  if (flags.bool('expose')) {
    const wanted = generateRunService(session, args[0] as string)
    service = await store(session, services, wanted, dryRun)
    const printer = resultPrinter(session, 'created', dryRun, { made: dryRun === 'client' })
    await session.out(printer.print(service))
    if (flags.string('output') === 'yaml') await session.out('---\n---\n')
  }
  if (!attaching) return await session.out(resultPrinter(session, 'created', dryRun, { made: dryRun === 'client' }).print(stored))
  try {
    await attachAndWait(session, stored as Pod)
  } finally {
    if (flags.bool('rm')) await removeAll(session, service ? [stored, service] : [stored])
  }
}

function checkArguments(session: Session, attaching: boolean, dryRun: DryRun): void {
  const { flags, args } = session
  if (args.length === 0) throw session.usage('NAME is required for run')
  const image = flags.string('image')
  if (image === '') throw new CliError('--image is required')
  if (!isImageName(image)) throw new CliError(`Invalid image name ${JSON.stringify(image)}: invalid reference format`)
  checkFlags(session, attaching, dryRun)
}

function checkFlags(session: Session, attaching: boolean, dryRun: DryRun): void {
  const { flags } = session
  if (flags.bool('tty') && !flags.bool('stdin')) throw session.usage('-i/--stdin is required for containers with -t/--tty=true')
  if (flags.bool('expose') && flags.string('port') === '') throw session.usage('--port must be set when exposing a service')
  refuseUnknown(session, 'restart', ['Always', 'OnFailure', 'Never'], 'restart policy')
  if (!attaching && flags.bool('rm')) throw session.usage('--rm should only be used for attached containers')
  if (attaching && dryRun !== 'none') throw session.usage("--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)")
  checkPodTimeout(session, (message) => session.usage(message))
  refuseUnknown(session, 'image-pull-policy', ['Always', 'IfNotPresent', 'Never'], 'image pull policy')
}

function refuseUnknown(session: Session, flag: string, known: readonly string[], what: string): void {
  const value = session.flags.string(flag)
  if (value !== '' && !known.includes(value)) throw session.usage(`invalid ${what}: ${value}`)
}

async function store(session: Session, mapping: typeof pods, object: KubeObject, dryRun: DryRun): Promise<KubeObject> {
  if (dryRun === 'client') return session.namespaceGiven ? { ...object, metadata: { ...object.metadata, namespace: session.namespace } } : object
  const body = session.flags.bool('save-config') ? withLastApplied(object) : object
  return await createObject(session, mapping, session.namespace, body, { dryRun, fieldManager: session.flags.string('field-manager') })
}

async function attachAndWait(session: Session, created: Pod): Promise<void> {
  const { flags } = session
  const timeout = flags.number('pod-running-timeout')
  const pod = await awaitPod(session, created, timeout, (at) => ({ done: isOver(at) || (at.status?.phase === 'Running' && isReadyNow(at)) }))
  if (isOver(pod)) await copyLog(session, pod, (await findOrDefaultContainer(session, pod, '', flags.bool('quiet'))).name)
  else {
    try {
      await attachToPod(session, pod, { container: '', stdin: flags.bool('stdin'), tty: flags.bool('tty'), quiet: flags.bool('quiet'), command: 'kubectl attach' })
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      await session.err(`warning: couldn't attach to pod/${pod.metadata.name ?? ''}, falling back to streaming logs: ${(error as Error).message}\n`)
      await copyLog(session, pod, pod.spec?.containers[0]?.name ?? '')
    }
  }
  const restart = flags.string('restart') || (flags.bool('stdin') ? 'OnFailure' : 'Always')
  if (flags.bool('leave-stdin-open') || restart === 'Always') return
  const ended = await awaitPod(session, created, timeout, (at) => ({ done: at.status?.phase === 'Succeeded' || (restart === 'Never' && at.status?.phase === 'Failed') }))
  reportEnd(ended)
}

function isOver(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

function isReadyNow(pod: Pod): boolean {
  return (pod.status?.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True')
}

function reportEnd(pod: Pod): void {
  if (pod.status?.phase !== 'Failed') return
  const name = `${pod.metadata.namespace ?? ''}/${pod.metadata.name ?? ''}`
  const terminated = pod.status.containerStatuses?.[0]?.state?.terminated
  if (!terminated || terminated.exitCode === 0) throw new CliError(`pod ${name} failed with unknown exit code`)
  throw new ExitError(terminated.exitCode, `pod ${name} terminated (${terminated.reason ?? ''})\n${terminated.message ?? ''}`)
}

async function removeAll(session: Session, objects: readonly KubeObject[]): Promise<void> {
  const { flags } = session
  for (const object of objects) {
    const built = await build(session, { args: [`${object.kind === 'Pod' ? 'pods' : 'services'}/${object.metadata.name ?? ''}`], fetch: false, overrideNamespace: object.metadata.namespace ?? session.namespace })
    await deleteObjects(session, built, { cascade: cascadeOf(session), gracePeriod: flags.bool('force') && flags.number('grace-period') < 0 ? 0 : flags.number('grace-period'), ignoreNotFound: true, wait: flags.bool('wait'), timeoutMs: flags.number('timeout'), dryRun: 'none', quiet: flags.bool('quiet') })
  }
}
