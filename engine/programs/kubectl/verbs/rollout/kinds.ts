/** Kinds without rollouts, refused in kubectl's words. */
import type { GroupVersionKind } from '#engine/api/object'
import { CliError } from '#engine/programs/kubectl/session/errors'

const withRollouts = ['Deployment', 'DaemonSet', 'StatefulSet']
/** Kinds the visitors of kubectl know, though not all have rollouts. */
const visited = [...withRollouts, 'CronJob', 'Job', 'Pod', 'ReplicaSet', 'ReplicationController']

type GroupKind = Pick<GroupVersionKind, 'group' | 'kind'>

function nameOf({ group, kind }: GroupKind): string {
  return group === '' ? kind : `${kind}.${group}`
}

/** `implementation` is what would do it, `task` what fails without. */
export function requireRollouts(kind: GroupKind, implementation: 'rollbacker' | 'history viewer', task: 'rollbacker' | 'history'): void {
  if (withRollouts.includes(kind.kind)) return
  const name = JSON.stringify(nameOf(kind))
  if (visited.includes(kind.kind)) throw new CliError(`no ${implementation} has been implemented for ${name}`)
  throw new CliError(`error retrieving ${task} for ${name}, no visitor method exists for {${kind.group} ${kind.kind}}`)
}

export function noStatusViewer(kind: GroupKind): CliError {
  return new CliError(`no status viewer has been implemented for ${nameOf(kind)}`)
}
