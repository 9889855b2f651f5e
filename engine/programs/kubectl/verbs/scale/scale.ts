import { bool, int, string } from '#engine/programs/common/cobra/flags'
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { dryRunFlag, filenameFlags, printFlags, selectorFlag, timeoutFlag } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { type DryRun, dryRunOf, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { patchObject, resultPrinter, writeQuery } from '../write'
import { completeTypes } from '../completion/resources'
import { isRecording, recordFlag, recordPatch } from '../record'

export const scale = verb({
  use: 'scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)',
  short: 'Set a new size for a deployment, replica set, or replication controller',
  long: 'Set a new size for a deployment, replica set, replication controller, or stateful set.\n\n Scale also allows users to specify one or more preconditions for the scale action.\n\n If --current-replicas or --resource-version is specified, it is validated before the scale is attempted, and it is guaranteed that the precondition holds true when the scale is sent to the server.',
  example: "# Scale a replica set named 'foo' to 3\nkubectl scale --replicas=3 rs/foo\n\n# If the deployment's current size is 2, scale it to 3\nkubectl scale --current-replicas=2 --replicas=3 deployment/mysql",
  group: 'Deploy Commands:',
  flags: [
    recordFlag,
    ...printFlags, ...filenameFlags('identifying the resource to set a new size'), dryRunFlag, selectorFlag, timeoutFlag,
    bool('all', 'Select all resources in the namespace of the specified resource types'),
    int('current-replicas', 'Precondition for current size. Requires that the current size of the resource match this value in order to scale. -1 (default) for no condition.', { default: -1 }),
    int('replicas', 'The new desired number of replicas. Required.', { required: true }),
    string('resource-version', 'Precondition for resource version. Requires that the current resource version match this value in order to scale.'),
  ],
  complete: completeTypes('deployment', 'replicaset', 'replicationcontroller', 'statefulset'),
  run: runScale,
})

async function runScale(session: Session): Promise<void> {
  const { flags } = session
  const dryRun = await dryRunOf(session)
  const printer = resultPrinter(session, 'scaled', dryRun)
  if (flags.number('replicas') < 0) throw new CliError('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0')
  if (flags.number('current-replicas') < -1) throw new CliError('The --current-replicas must specify an integer of -1 or greater')
  const built = await build(session, { args: session.args, filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive'), selector: flags.string('selector'), allowEmptySelector: flags.bool('all') })
  const { infos, error } = await built.infos()
  if (flags.string('resource-version') !== '' && infos.length > 1) throw new CliError('cannot use --resource-version with multiple resources')
  if (infos.length === 0) throw error ?? new CliError('no objects passed to scale')
  for (const info of infos) {
    if (dryRun !== 'client') await scaleOne(session, info, dryRun)
    if (isRecording(session) && dryRun !== 'client') await patchObject(session, info.mapping, info.namespace, info.name, 'merge', recordPatch(session), { dryRun })
    await session.out(printer.print(info.object as KubeObject))
  }
  if (error) throw error
}

async function scaleOne(session: Session, info: Info, dryRun: DryRun): Promise<void> {
  const { flags } = session
  const replicas = flags.number('replicas')
  const conditional = flags.number('current-replicas') !== -1 || flags.string('resource-version') !== ''
  if (!conditional) await patchObject(session, info.mapping, info.namespace, info.name, 'merge', { spec: { replicas } }, { dryRun }, 'scale')
  else await conditionalScale(session, info, replicas, dryRun)
  const timeout = flags.number('timeout')
  if (timeout === 0 || dryRun !== 'none') return
  const deadline = session.now() + timeout
  for (;;) {
    const live = await session.get(info.mapping, info.namespace, info.name, 'scale')
    if (((live['spec'] as { replicas?: number }).replicas ?? 0) === ((live['status'] as { replicas?: number } | undefined)?.replicas ?? 0)) return
    if (session.now() >= deadline) throw new CliError(`timed out waiting for ${JSON.stringify(info.name)} to be synced`)
    await session.process.clock.sleep(1000)
  }
}

async function conditionalScale(session: Session, info: Info, replicas: number, dryRun: DryRun): Promise<void> {
  const { flags } = session
  const live = await session.get(info.mapping, info.namespace, info.name, 'scale')
  const expected = flags.number('current-replicas')
  const size = (live['spec'] as { replicas?: number }).replicas ?? 0
  if (expected !== -1 && size !== expected) throw new CliError(`Expected replicas to be ${expected}, was ${size}`)
  const version = flags.string('resource-version')
  if (version !== '' && live.metadata.resourceVersion !== version) throw new CliError(`Expected resource version to be ${version}, was ${live.metadata.resourceVersion ?? ''}`)
  try {
    await session.request('PUT', resourcePath(info.mapping, info.namespace, info.name, 'scale') + writeQuery({ dryRun }), { body: { ...live, spec: { ...(live['spec'] as object), replicas } } })
  } catch (error) {
    if (isReason(error, 'Conflict')) throw new CliError(`Scaling the resource failed with: ${error.message}; Current resource version ${live.metadata.resourceVersion ?? ''}`)
    throw error
  }
}
