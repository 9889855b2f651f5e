/** Changes of pod templates, sent as strategic merge patches. */
import { copyObject, equalJson, type KubeObject } from '#engine/api/object'
import { patchMetaFor } from '#engine/programs/kubectl/patch/served'
import { twoWayStrategicPatch } from '#engine/programs/common/patch/strategic'
import { builtinPatchMeta } from '#engine/programs/kubectl/patch/builtin'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { printerFor } from '#engine/programs/kubectl/printers/printer'
import { CliError, PlainError, throwAll } from '#engine/programs/kubectl/session/errors'
import type { DryRun, Session } from '#engine/programs/kubectl/session/session'
import { patchObject, resultPrinter } from '../write'
import { goType } from '../pods'
import { record } from '../record'

export interface MutableContainer {
  name: string
  image?: string
  env?: EnvVar[]
  resources?: { limits?: Record<string, string>; requests?: Record<string, string> }
}

export interface EnvVar {
  name: string
  value?: string
  valueFrom?: Record<string, unknown>
}

export interface MutablePodSpec {
  containers: MutableContainer[]
  initContainers?: MutableContainer[]
  serviceAccountName?: string
}

/** The pod spec within a pod or a workload. */
export function podSpecOf(object: KubeObject): MutablePodSpec {
  const spec = object['spec'] as Record<string, unknown>
  switch (object.kind) {
    case 'Pod': return spec as unknown as MutablePodSpec
    case 'Deployment': case 'ReplicaSet': case 'DaemonSet': case 'StatefulSet': case 'Job': case 'ReplicationController':
      return containersOf((spec['template'] as { spec: MutablePodSpec }).spec)
    case 'CronJob': return (spec['jobTemplate'] as { spec: { template: { spec: MutablePodSpec } } }).spec.template.spec
    default: throw new CliError(`the object is not a pod or does not have a pod template: *${goType(object)}`)
  }
}

/** A template without containers has none. */
function containersOf(spec: MutablePodSpec): MutablePodSpec {
  return (spec.containers as MutableContainer[] | null) ? spec : { ...spec, containers: [] }
}

export async function targetsOf(session: Session, resources: readonly string[]): Promise<Info[]> {
  const { flags } = session
  // A wrong --output is refused before anything is looked for.
  printerFor(session)
  const local = flags.bool('local')
  if (local && resources.length > 0) throw new CliError("you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'")
  const built = await build(session, {
    typed: true,
    args: local ? [] : resources, filenames: flags.list('filename'), ...(flags.has('kustomize') ? { kustomize: flags.string('kustomize') } : {}), recursive: flags.bool('recursive'), local, latest: !local,
    ...(local ? {} : { selector: flags.has('selector') ? flags.string('selector') : '', allowEmptySelector: flags.bool('all') }),
  })
  const { infos, error } = await built.infos()
  if (error) throw error
  return infos
}

export interface Mutation {
  readonly dryRun: DryRun
  readonly operation: string
  /** `failed to patch image update to pod template: `. */
  readonly failure: string
  /** Nothing is printed or sent for objects that do not change; default true. */
  readonly skipUnchanged?: boolean
  /** Errors name the resource without its group. */
  readonly withoutGroup?: boolean
  /** Throws to leave the object out. */
  readonly change: (object: KubeObject, info: Info) => void | Promise<void>
}

/** Changes each object and sends the difference. */
export async function mutateAll(session: Session, infos: readonly Info[], mutation: Mutation): Promise<void> {
  const errors: Error[] = []
  const printer = resultPrinter(session, mutation.operation, mutation.dryRun)
  for (const info of infos) {
    const before = info.object as KubeObject
    const after = copyObject(before)
    try {
      await mutation.change(after, info)
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      errors.push(refusal(error as Error, info, mutation))
      continue
    }
    record(session, after)
    if (equalJson(before, after) && mutation.skipUnchanged !== false) continue
    if (session.flags.bool('local') || mutation.dryRun === 'client') {
      await session.out(printer.print(after))
      continue
    }
    try {
      await session.out(printer.print(await sendDifference(session, info, before, after, mutation.dryRun)))
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      errors.push(new CliError(`${mutation.failure}${(error as Error).message}`))
    }
  }
  throwAll(errors)
}

function refusal(error: Error, { mapping, name }: Info, { withoutGroup }: Mutation): Error {
  if (error instanceof PlainError) return error
  const resource = mapping.group === '' || withoutGroup ? mapping.resource : `${mapping.resource}.${mapping.group}`
  return new PlainError(`error: ${resource}/${name} ${error.message}\n`)
}

export async function sendDifference(session: Session, info: Info, before: KubeObject, after: KubeObject, dryRun: DryRun, manager?: string): Promise<KubeObject> {
  const { group, version, kind } = info.mapping
  const meta = (await patchMetaFor(session, group, version, kind)) ?? builtinPatchMeta(kind)
  return await patchObject(session, info.mapping, info.namespace, info.name, 'strategic', twoWayStrategicPatch(before, after, meta), { dryRun, fieldManager: manager ?? (session.flags.has('field-manager') ? session.flags.string('field-manager') : 'kubectl') })
}

/** Names may hold `*`. */
export function matchingContainers(containers: readonly MutableContainer[] | undefined, pattern: string): MutableContainer[] {
  const test = new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`)
  return (containers ?? []).filter((container) => test.test(container.name))
}
