import type { KubeObject } from '#engine/api/object'
import { dryRunFlag, selectorFlag } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { Aggregate, CliError } from '#engine/programs/kubectl/session/errors'
import { type DryRun, dryRunOf, type Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { patchObject } from '../write'
import { completeName } from '../completion/resources'

export const cordon = verb({
  use: 'cordon NODE',
  short: 'Mark node as unschedulable',
  long: 'Mark node as unschedulable.',
  example: '# Mark node "foo" as unschedulable\nkubectl cordon foo',
  group: 'Cluster Management Commands:',
  flags: [dryRunFlag, selectorFlag],
  complete: completeName('nodes'),
  run: (session) => mark(session, true),
})

export const uncordon = verb({
  use: 'uncordon NODE',
  short: 'Mark node as schedulable',
  long: 'Mark node as schedulable.',
  example: '# Mark node "foo" as schedulable\nkubectl uncordon foo',
  group: 'Cluster Management Commands:',
  flags: [dryRunFlag, selectorFlag],
  complete: completeName('nodes'),
  run: (session) => mark(session, false),
})

export function checkNodeArgs(session: Session): void {
  if (session.args.length === 0 && !session.flags.changed('selector')) throw session.usage(`USAGE: ${session.invocation.command.spec.use} [flags]`)
  if (session.args.length > 0 && session.flags.string('selector') !== '') throw session.usage('error: cannot specify both a node name and a --selector option')
}

/** The nodes that the arguments name, or the selector chooses. */
export async function chosenNodes(session: Session): Promise<Info[]> {
  const selector = session.flags.string('selector')
  const args = session.args.length > 0 ? session.args.flatMap((arg) => (arg.includes('/') ? [arg] : [`node/${arg}`])) : ['nodes']
  const { infos, error } = await (await build(session, { args, selector, stopAtError: true })).infos()
  if (error) throw error
  return infos
}

async function mark(session: Session, unschedulable: boolean): Promise<void> {
  checkNodeArgs(session)
  const dryRun = await dryRunOf(session)
  const problems: Error[] = []
  for (const info of await chosenNodes(session)) {
    try {
      await session.out(await setSchedulable(session, info, unschedulable, dryRun))
    } catch (error) {
      const word = unschedulable ? 'cordon' : 'uncordon'
      await session.err(`error: unable to ${word} node ${JSON.stringify(info.name)}: ${(error as Error).message}\n`)
      problems.push(error as Error)
    }
  }
  if (problems.length > 0) throw new Aggregate(problems)
}

/** Patches `spec.unschedulable`; returns the line that tells of it. */
export async function setSchedulable(session: Session, info: Info, unschedulable: boolean, dryRun: DryRun): Promise<string> {
  if (info.mapping.kind !== 'Node') throw new CliError(`unexpected kind ${info.mapping.kind}, expected Node`)
  const suffix = dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : ''
  const word = unschedulable ? 'cordoned' : 'uncordoned'
  const spec = ((info.object as KubeObject)['spec'] ?? {}) as { unschedulable?: boolean }
  if ((spec.unschedulable ?? false) === unschedulable) return `node/${info.name} already ${word}${suffix}\n`
  if (dryRun !== 'client') await patchObject(session, info.mapping, '', info.name, 'strategic', { spec: { unschedulable: unschedulable ? true : null } }, { dryRun })
  return `node/${info.name} ${word}${suffix}\n`
}
