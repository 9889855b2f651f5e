import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError, withSource } from '#engine/programs/kubectl/session/errors'
import type { DryRun, Session } from '#engine/programs/kubectl/session/session'
import { configurationText, createObject, lastApplied, pruneNulls, resultPrinter, withLastApplied } from '../write'
import { applyPatch, describeInfo } from './patcher'
import { serverSideApply } from './serverside'

/** Applies one object after the other and tells what became of each. */
export class Applier {
  /** Uids of the objects that were met. */
  readonly visited = new Set<string>()

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
    this.visited.add(object.metadata.uid ?? '')
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
      if (isReason(error, 'NotFound')) return await this.create(info, wanted, modified)
      throw withSource(`retrieving current configuration of:\n${describeInfo(info)}\nfrom server for:`, info.source, error as Error)
    }
    if (this.dryRun === 'client') return await this.tell(live, 'configured')
    if (live.metadata.annotations?.[lastApplied] === undefined)
      await this.session.err(`Warning: resource ${resourceTypeName(info)} is missing the ${lastApplied} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`)
    const result = await applyPatch(this.session, info, wanted, modified, live, { dryRun: this.dryRun, fieldManager: this.manager, fieldValidation: this.validation })
    await this.warnIfDeleting(result.object)
    await this.tell(result.object, result.changed ? 'configured' : 'unchanged')
  }

  private async create(info: Info, wanted: KubeObject, configuration: string): Promise<void> {
    let object = pruneNulls(withLastApplied(wanted, configuration))
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
