import { bool, stringArray } from '#engine/programs/common/cobra/flags'
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { deletionFlags, dryRunFlag, fieldManagerFlag, filenameFlags, printFlags, selectorFlag, subresourceFlag, validateFlag } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError, throwAll, withSource } from '#engine/programs/kubectl/session/errors'
import { type DryRun, dryRunOf, resourceName, type Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { configurationText, createObject, lastApplied, pruneNulls, resultPrinter, validationDirective, withLastApplied } from '../write'
import { applyPatch, describeInfo } from './patcher'
import { pruneObjects } from './prune'
import { serverSideApply } from './serverside'
import { applySubcommands } from './subcommands'

export const apply = verb({
  use: 'apply (-f FILENAME | -k DIRECTORY)',
  short: 'Apply a configuration to a resource by file name or stdin',
  long: 'Apply a configuration to a resource by file name or stdin. The resource name must be specified. It is created if it does not exist yet. To use \'apply\' later, create the resource with \'apply\' or with \'create --save-config\'.\n\n JSON and YAML formats are accepted.',
  example: '# Apply the configuration in pod.json\nkubectl apply -f ./pod.json\n\n# Apply a directory with a kustomization.yaml\nkubectl apply -k dir/\n\n# Apply what comes on stdin\ncat pod.json | kubectl apply -f -',
  group: 'Advanced Commands:',
  flags: [
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

async function runApply(session: Session): Promise<void> {
  const { flags } = session
  const dryRun = await dryRunOf(session)
  const serverSide = flags.bool('server-side')
  if (session.args.length > 0) throw session.usage(`Unexpected args: [${session.args.join(' ')}]`)
  if (flags.list('filename').length === 0 && flags.string('kustomize') === '') throw new CliError('must specify one of -f and -k')
  if (serverSide && dryRun === 'client') throw new CliError('--dry-run=client doesn\'t work with --server-side (did you mean --dry-run=server instead?)')
  if (flags.bool('force-conflicts') && !serverSide) throw new CliError('--force-conflicts only works with --server-side')
  if (flags.bool('force') && serverSide) throw new CliError('--force cannot be used with --server-side')
  if (dryRun === 'server' && flags.bool('force')) throw new CliError('--dry-run=server cannot be used with --force')
  if (flags.bool('prune') && flags.bool('all') && flags.string('selector') !== '') throw new CliError('cannot set --all and --selector at the same time')
  if (flags.bool('prune') && !flags.bool('all') && flags.string('selector') === '') throw new CliError('all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector')
  const validation = validationDirective(session)
  const built = await build(session, { filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive'), selector: flags.string('selector'), validate: validation !== 'Ignore' && !serverSide })
  const { infos, error } = await built.infos()
  const errors: Error[] = error ? [error] : []
  if (infos.length === 0 && errors.length === 0) throw new CliError('no objects passed to apply')
  const printed: KubeObject[] = []
  const structured = flags.string('output') !== '' && flags.string('output') !== 'name'
  const applier = new Applier(session, dryRun, validation, structured ? (object) => void printed.push(object) : undefined)
  for (const info of infos) {
    try {
      await (serverSide ? applier.onServer(info) : applier.onClient(info))
    } catch (failed) {
      if (!(failed instanceof Error) || failed.name === 'ProcessKilled') throw failed
      errors.push(failed)
    }
  }
  throwAll(errors)
  if (structured) await printAll(session, dryRun, printed)
  if (flags.bool('prune')) await pruneObjects(session, infos, dryRun)
}

async function printAll(session: Session, dryRun: DryRun, objects: readonly KubeObject[]): Promise<void> {
  const printer = resultPrinter(session, 'configured', dryRun)
  if (objects.length === 1) return await session.out(printer.print(objects[0] as KubeObject))
  await session.out(printer.print({ apiVersion: 'v1', items: [...objects], kind: 'List', metadata: { resourceVersion: '' } as KubeObject['metadata'] }))
}

class Applier {
  constructor(
    private readonly session: Session,
    private readonly dryRun: DryRun,
    private readonly validation: string,
    private readonly keep: ((object: KubeObject) => void) | undefined,
  ) {}

  private get manager(): string {
    const { flags } = this.session
    return flags.changed('field-manager') ? flags.string('field-manager') : flags.bool('server-side') ? 'kubectl' : 'kubectl-client-side-apply'
  }

  private async tell(object: KubeObject, operation: string): Promise<void> {
    if (this.keep) return this.keep(object)
    await this.session.out(resultPrinter(this.session, operation, this.dryRun).print(object))
  }

  private checkName(info: Info): void {
    const generated = info.object?.metadata.generateName
    if (info.name === '' && generated) throw new CliError(`from ${generated}: cannot use generate name with apply`)
  }

  async onServer(info: Info): Promise<void> {
    this.checkName(info)
    const object = await serverSideApply(this.session, info, { dryRun: this.dryRun, fieldManager: this.manager, fieldValidation: this.validation, force: this.session.flags.bool('force-conflicts') })
    await this.warnIfDeleting(object)
    await this.tell(object, 'serverside-applied')
  }

  async onClient(info: Info): Promise<void> {
    this.checkName(info)
    const wanted = info.object as KubeObject
    const modified = configurationText(wanted)
    let live: KubeObject
    try {
      if (info.name === '') throw new CliError('resource name may not be empty')
      live = await this.session.get(info.mapping, info.namespace, info.name)
    } catch (error) {
      if (isReason(error, 'NotFound')) return await this.create(info, wanted)
      throw withSource(`retrieving current configuration of:\n${describeInfo(info)}\nfrom server for:`, info.source, error as Error)
    }
    if (this.dryRun === 'client') return await this.tell(live, 'configured')
    if (live.metadata.annotations?.[lastApplied] === undefined)
      await this.session.err(`Warning: resource ${resourceTypeName(info)} is missing the ${lastApplied} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`)
    const result = await applyPatch(this.session, info, wanted, modified, live, { dryRun: this.dryRun, fieldManager: this.manager, fieldValidation: this.validation })
    await this.warnIfDeleting(result.object)
    await this.tell(result.object, result.changed ? 'configured' : 'unchanged')
  }

  private async create(info: Info, wanted: KubeObject): Promise<void> {
    let object = pruneNulls(withLastApplied(wanted))
    if (this.dryRun !== 'client') {
      try {
        object = await createObject(this.session, info.mapping, info.namespace, object, { dryRun: this.dryRun, fieldManager: this.manager, fieldValidation: this.validation })
      } catch (error) {
        throw withSource('creating', info.source, error as Error)
      }
    }
    await this.tell(object, 'created')
  }

  private async warnIfDeleting(object: KubeObject): Promise<void> {
    if (object.metadata.deletionTimestamp) await this.session.err(`Warning: Detected changes to resource ${object.metadata.name ?? ''} which is currently being deleted.\n`)
  }
}

function resourceTypeName(info: Info): string {
  return info.mapping.group === '' ? `${info.mapping.resource}/${info.name}` : `${info.mapping.resource}/${info.name}`
}

export { resourceName }
