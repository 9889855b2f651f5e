import { bool, string, stringArray } from '#engine/programs/common/cobra/flags'
import type { KubeObject } from '#engine/api/object'
import { deletionFlags, dryRunFlag, fieldManagerFlag, filenameFlags, printFlags, selectorFlag, subresourceFlag, validateFlag } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError, throwAll } from '#engine/programs/kubectl/session/errors'
import { type DryRun, dryRunOf, type Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { resultPrinter, validationDirective } from '../write'
import { Applier } from './applier'
import { type ApplySet, findApplySet } from './applyset'
import { checkAllowlist, pruneObjects } from './prune'
import { applySubcommands } from './subcommands'
import { cascadeOf } from '../delete/delete'
import { record, recordFlag } from '../record'

export const apply = verb({
  use: 'apply (-f FILENAME | -k DIRECTORY)',
  short: 'Apply a configuration to a resource by file name or stdin',
  long: 'Apply a configuration to a resource by file name or stdin. The resource name must be specified. It is created if it does not exist yet. To use \'apply\' later, create the resource with \'apply\' or with \'create --save-config\'.\n\n JSON and YAML formats are accepted.',
  example: '# Apply the configuration in pod.json\nkubectl apply -f ./pod.json\n\n# Apply a directory with a kustomization.yaml\nkubectl apply -k dir/\n\n# Apply what comes on stdin\ncat pod.json | kubectl apply -f -',
  group: 'Advanced Commands:',
  flags: [
    recordFlag,
    ...printFlags, ...filenameFlags('that contains the configuration to apply'), ...deletionFlags, dryRunFlag, fieldManagerFlag('kubectl-client-side-apply'), selectorFlag, subresourceFlag, validateFlag,
    bool('all', 'Select all resources in the namespace of the specified resource types.'),
    bool('force-conflicts', 'If true, server-side apply will force the changes against conflicts.'),
    bool('openapi-patch', "If true, use openapi to calculate diff when the openapi presents and the resource can be found in the openapi spec. Otherwise, fall back to use baked-in types.", { default: true }),
    bool('overwrite', 'Automatically resolve conflicts between the modified and live configuration by using values from the modified configuration', { default: true }),
    bool('prune', 'Delete objects that were applied before and are not among the given ones. Use with --all or -l.'),
    stringArray('prune-allowlist', 'Overwrite the default allowlist with <group/version/kind> for --prune'),
    bool('server-side', 'If true, apply runs in the server instead of the client.'),
  ],
  commands: applySubcommands,
  run: runApply,
})

/** Alpha: there only where KUBECTL_APPLYSET is true. */
export const applySetFlags = [string('applyset', '[alpha] The ApplySet, as [RESOURCE][.GROUP]/NAME, that keeps track of what is managed, so that --prune finds what was taken out of the configuration. A Secret where no resource is named.')]

async function runApply(session: Session): Promise<void> {
  const { flags } = session
  if (session.args.length > 0) throw session.usage(`Unexpected args: [${session.args.join(' ')}]`)
  const dryRun = await dryRunOf(session)
  const serverSide = flags.bool('server-side')
  checkFlags(session, dryRun, serverSide)
  const set = await applySetOf(session)
  checkPruning(session, set)
  if (flags.bool('prune')) await checkAllowlist(session)
  const validation = validationDirective(session)
  const built = await build(session, { filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive'), selector: flags.string('selector'), validate: validation !== 'Ignore' })
  const { infos, error } = await built.infos()
  if (infos.length === 0 && !error) throw new CliError('no objects passed to apply')
  await set?.begin(infos, dryRun, validation)
  recordAll(session, infos)
  const kept: KubeObject[] = []
  const structured = flags.string('output') !== '' && flags.string('output') !== 'name'
  const applier = new Applier(session, dryRun, validation, structured ? (object) => void kept.push(object) : undefined)
  throwAll([...(error ? [error] : []), ...(await applyAll(applier, infos, serverSide))])
  if (structured) await printAll(session, dryRun, kept)
  if (set) await set.prune(dryRun, validation, applier.visited)
  else if (flags.bool('prune')) await pruneObjects(session, infos, dryRun)
}

function checkFlags(session: Session, dryRun: DryRun, serverSide: boolean): void {
  const { flags } = session
  const [all, selector] = [flags.bool('all'), flags.string('selector')]
  const refusals: readonly (readonly [boolean, string])[] = [
    [flags.list('filename').length === 0 && flags.string('kustomize') === '', 'must specify one of -f and -k'],
    [serverSide && dryRun === 'client', "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)"],
    [flags.bool('force-conflicts') && !serverSide, '--force-conflicts only works with --server-side'],
    [flags.bool('force') && serverSide, '--force cannot be used with --server-side'],
    [dryRun === 'server' && flags.bool('force'), '--dry-run=server cannot be used with --force'],
    [!serverSide && flags.string('subresource') !== '', '--subresource can only be specified for --server-side'],
    [all && selector !== '', 'cannot set --all and --selector at the same time'],
  ]
  for (const [refused, message] of refusals) if (refused) throw new CliError(message)
  cascadeOf(session)
}

function recordAll(session: Session, infos: readonly Info[]): void {
  for (const { object } of infos) if (object) record(session, object)
}

async function applySetOf(session: Session): Promise<ApplySet | undefined> {
  const { flags } = session
  const reference = flags.has('applyset') ? flags.string('applyset') : ''
  if (reference === '') return undefined
  const set = await findApplySet(session, reference)
  if (!flags.bool('prune')) throw new CliError('--applyset requires --prune')
  await set.check()
  return set
}

function checkPruning({ flags }: Session, set: ApplySet | undefined): void {
  if (!flags.bool('prune')) return
  const [all, selector] = [flags.bool('all'), flags.string('selector') !== '']
  const refusals: readonly (readonly [boolean, string])[] = [
    [flags.bool('force'), '--force cannot be used with --prune'],
    [set !== undefined && all, '--all is incompatible with --applyset'],
    [set !== undefined && selector, '--selector is incompatible with --applyset'],
    [set !== undefined && flags.list('prune-allowlist').length > 0, '--prune-allowlist is incompatible with --applyset'],
    [!set && !all && !selector, 'all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector'],
    [!set && flags.bool('server-side'), "--prune is in alpha and doesn't currently work on objects created by server-side apply"],
  ]
  for (const [refused, message] of refusals) if (refused) throw new CliError(message)
}

async function applyAll(applier: Applier, infos: readonly Info[], serverSide: boolean): Promise<Error[]> {
  const errors: Error[] = []
  for (const info of infos) {
    try {
      await (serverSide ? applier.onServer(info) : applier.onClient(info))
    } catch (failed) {
      if (!(failed instanceof Error) || failed.name === 'ProcessKilled') throw failed
      errors.push(failed)
    }
  }
  return errors
}

async function printAll(session: Session, dryRun: DryRun, objects: readonly KubeObject[]): Promise<void> {
  const printer = resultPrinter(session, 'configured', dryRun)
  if (objects.length === 1) return await session.out(printer.print(objects[0] as KubeObject))
  await session.out(printer.print({ apiVersion: 'v1', items: [...objects], kind: 'List', metadata: { resourceVersion: '' } as KubeObject['metadata'] }))
}
