import { bool } from '#engine/programs/common/cobra/flags'
import type { KubeObject } from '#engine/api/object'
import { dryRunFlag, fieldManagerFlag, printFlags, selectorFlag, validateFlag } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError, PlainError } from '#engine/programs/kubectl/session/errors'
import { type DryRun, dryRunOf, type Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { patchObject, resultPrinter, validationDirective } from '../write'
import { parseTaints, sameTaint, type Taint, type TaintChange } from './taintspec'
import { completeTypes } from '../completion/resources'

export const taint = verb({
  use: 'taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N',
  short: 'Update the taints on one or more nodes',
  long: "Update the taints on one or more nodes.\n\n  *  A taint consists of a key, value, and effect. As an argument here, it is expressed as key=value:effect.\n  *  The key must begin with a letter or number, and may contain letters, numbers, hyphens, dots, and underscores, up to 253 characters.\n  *  Optionally, the key can begin with a DNS subdomain prefix and a single '/', like example.com/my-app.\n  *  The value is optional. If given, it must begin with a letter or number, and may contain letters, numbers, hyphens, dots, and underscores, up to 63 characters.\n  *  The effect must be NoSchedule, PreferNoSchedule or NoExecute.\n  *  Currently taint can only apply to node.",
  example: "# Update node 'foo' with a taint with key 'dedicated' and value 'special-user' and effect 'NoSchedule'\nkubectl taint nodes foo dedicated=special-user:NoSchedule\n\n# Remove from node 'foo' the taint with key 'dedicated' and effect 'NoSchedule' if one exists\nkubectl taint nodes foo dedicated:NoSchedule-\n\n# Remove from node 'foo' all the taints with key 'dedicated'\nkubectl taint nodes foo dedicated-",
  group: 'Cluster Management Commands:',
  flags: [
    ...printFlags, dryRunFlag, fieldManagerFlag('kubectl-taint'), selectorFlag, validateFlag,
    bool('all', 'Select all nodes in the cluster'),
    bool('overwrite', 'If true, allow taints to be overwritten, otherwise reject taint updates that overwrite existing taints.'),
  ],
  complete: completeTypes('node'),
  run: runTaint,
})

interface TaintArgs {
  readonly resources: readonly string[]
  readonly change: TaintChange
}

const isTaint = (arg: string): boolean => arg.includes('=') || arg.includes(':') || arg.endsWith('-')

function parseArgs(session: Session): TaintArgs {
  const first = session.args.findIndex(isTaint)
  const resources = first < 0 ? session.args : session.args.slice(0, first)
  const taints = first < 0 ? [] : session.args.slice(first)
  const misplaced = taints.find((arg) => !isTaint(arg))
  if (misplaced !== undefined) throw new CliError(`all resources must be specified before taint changes: ${misplaced}`)
  if (resources.length < 1) throw new CliError('one or more resources must be specified as <resource> <name>')
  if (taints.length < 1) throw new CliError('at least one taint update is required')
  return { resources, change: parsed(session, taints) }
}

function parsed(session: Session, taints: readonly string[]): TaintChange {
  try {
    return parseTaints(taints)
  } catch (error) {
    throw error instanceof CliError ? session.usage(error.message) : error
  }
}

async function runTaint(session: Session): Promise<void> {
  const dryRun = await dryRunOf(session)
  validationDirective(session)
  const { resources, change } = parseArgs(session)
  const { flags } = session
  const type = (resources[0] as string).toLowerCase()
  if (type.includes('/')) throw new PlainError(`the server doesn't have a resource type ${JSON.stringify(resources[0])}`)
  if (!['node', 'nodes', 'no'].includes(type)) throw new CliError(`invalid resource type ${resources[0] as string}, only node types are supported`)
  const both = change.add.filter((added) => change.remove.some((removed) => removed.key === added.key && (removed.effect === '' || removed.effect === added.effect)))
  if (both.length > 0) throw new CliError(`can not both modify and remove the following taint(s) in the same command: ${both.map((entry) => `${entry.key}=${change.remove.find(({ key }) => key === entry.key)?.effect ?? ''}`).join(', ')}`)
  if (flags.bool('all') && flags.string('selector') !== '') throw new CliError('setting \'all\' parameter but found a non empty selector. ')
  if (resources.length < 2 && !flags.bool('all') && flags.string('selector') === '') throw new CliError("at least one resource name must be specified since 'all' parameter is not set")
  // What a selector or --all chooses counts, whatever is named.
  const selecting = flags.bool('all') || flags.string('selector') !== ''
  const built = await build(session, { args: selecting ? ['node'] : resources, selector: flags.string('selector'), allowEmptySelector: flags.bool('all'), latest: true })
  await built.visit((info) => taintOne(session, info, change, dryRun))
}

async function taintOne(session: Session, info: Info, change: TaintChange, dryRun: DryRun): Promise<void> {
  const spec = (info.object as KubeObject)['spec'] as { taints?: Taint[] } | undefined
  const before = spec?.taints ?? []
  if (!session.flags.bool('overwrite')) refuseExisting(info.name, before, change.add)
  const { taints, operation } = reorganize(before, change)
  const patch = { spec: { taints: taints.length > 0 ? taints : null } }
  const after = dryRun === 'client' ? ({ ...(info.object as KubeObject), spec: { ...spec, taints } } as KubeObject) : await patchObject(session, info.mapping, '', info.name, 'strategic', patch, { dryRun, fieldManager: session.flags.string('field-manager') })
  await session.out(resultPrinter(session, session.flags.bool('overwrite') ? 'modified' : operation, 'none').print(after))
}

function refuseExisting(node: string, before: readonly Taint[], add: readonly Taint[]): void {
  const exist = [...new Set(before.filter((taint) => add.some((added) => sameTaint(taint, added))).map((taint) => taint.key))]
  if (exist.length > 0) throw new CliError(`node ${node} already has ${exist.join(',')} taint(s) with same effect(s) and --overwrite is false`)
}

/** New taints come first, as the real command writes them. */
function reorganize(before: readonly Taint[], { add, remove }: TaintChange): { taints: Taint[]; operation: string } {
  let taints = [...add, ...before.filter((taint) => !add.some((added) => sameTaint(taint, added)))]
  for (const gone of remove) {
    const left = taints.filter((taint) => taint.key !== gone.key || (gone.effect !== '' && taint.effect !== gone.effect))
    if (left.length === taints.length) throw new CliError(`taint ${JSON.stringify(gone.effect === '' ? gone.key : `${gone.key}:${gone.effect}`)} not found`)
    taints = left
  }
  return { taints, operation: add.length === 0 ? 'untainted' : remove.length === 0 ? 'tainted' : 'modified' }
}
