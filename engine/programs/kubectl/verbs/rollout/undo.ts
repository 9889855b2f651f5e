import { int64 } from '#engine/programs/common/cobra/flags'
import { equalJson, type KubeObject } from '#engine/api/object'
import { dryRunFlag, filenameFlags, printFlags, selectorFlag } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { type DryRun, dryRunOf, type Session } from '#engine/programs/kubectl/session/session'
import { podTemplate } from '../describe/podparts'
import { Writer } from '../describe/writer'
import { verb } from '../verb'
import { patchObject, resultPrinter } from '../write'
import { chooseRevision, type PodTemplate, type Revision, revisionsOf, withoutHash } from './revisions'
import { requireRollouts } from './kinds'
import { completeTypes } from '../completion/resources'

export const undo = verb({
  use: 'undo (TYPE NAME | TYPE/NAME) [flags]',
  short: 'Undo a previous rollout',
  long: 'Roll back to a previous rollout.',
  example: '# Roll back to the previous deployment\nkubectl rollout undo deployment/abc\n\n# Roll back to daemonset revision 3\nkubectl rollout undo daemonset/abc --to-revision=3',
  flags: [...printFlags, ...filenameFlags('identifying the resource to get from a server.'), dryRunFlag, selectorFlag, int64('to-revision', 'The revision to rollback to. Default to 0 (last revision).')],
  complete: completeTypes('deployment', 'daemonset', 'statefulset'),
  run: runUndo,
})

async function runUndo(session: Session): Promise<void> {
  const { flags } = session
  const dryRun = await dryRunOf(session)
  if (session.args.length === 0 && flags.list('filename').length === 0 && flags.string('kustomize') === '') throw new CliError('required resource not specified')
  const wanted = flags.number('to-revision')
  const built = await build(session, { typed: true, args: session.args, filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive'), selector: flags.string('selector'), latest: true, allowEmptySelector: true })
  const { infos, error } = await built.infos()
  if (error) throw error
  for (const info of infos) await session.out(resultPrinter(session, await rollBack(session, info, wanted, dryRun), dryRun).print(info.object as KubeObject))
}

/** What was done, for the line about it. */
async function rollBack(session: Session, info: Info, wanted: number, dryRun: DryRun): Promise<string> {
  const { kind } = info.mapping
  const object = info.object as KubeObject
  requireRollouts(info.mapping, 'rollbacker', 'rollbacker')
  const revision = chooseRevision(await revisionsOf(session, info), wanted, `${kind.toLowerCase()} ${JSON.stringify(info.name)}`)
  if (dryRun === 'client') {
    const writer = new Writer()
    podTemplate(writer, revision.template)
    return writer.raw()
  }
  if (kind === 'Deployment' && (object['spec'] as { paused?: boolean }).paused) throw new CliError("you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again")
  const template = withoutHash(revision.template)
  if (equalJson(template, (object['spec'] as { template: PodTemplate }).template)) return `skipped rollback (current template already matches revision ${wanted})`
  if (kind === 'Deployment') await patchObject(session, info.mapping, info.namespace, info.name, 'json', [{ op: 'replace', path: '/spec/template', value: template }, { op: 'replace', path: '/metadata/annotations', value: annotationsAfter(object, revision) }], { dryRun })
  else await patchObject(session, info.mapping, info.namespace, info.name, 'strategic', revision.object['data'], { dryRun })
  return 'rolled back'
}

const kept = ['kubectl.kubernetes.io/last-applied-configuration', 'deployment.kubernetes.io/revision', 'deployment.kubernetes.io/revision-history', 'deployment.kubernetes.io/desired-replicas', 'deployment.kubernetes.io/max-replicas', 'deprecated.deployment.rollback.to']

/** The deployment keeps what belongs to it; the rest comes back with the revision. */
function annotationsAfter(object: KubeObject, revision: Revision): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [key, value] of Object.entries(object.metadata.annotations ?? {})) if (kept.includes(key)) out[key] = value
  for (const [key, value] of Object.entries(revision.object.metadata.annotations ?? {})) if (!kept.includes(key)) out[key] = value
  return out
}
