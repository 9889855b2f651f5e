import { compactJson } from '#engine/api/jsonpath/evaluate'
import { bool } from '#engine/programs/common/cobra/flags'
import { isReason } from '#engine/api/status'
import type { KubeObject } from '#engine/api/object'
import { dryRunFlag, fileFlag, printFlags } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { type DryRun, dryRunOf, type Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { lastApplied, patchObject, resultPrinter } from '../write'

export const setLastApplied = verb({
  use: 'set-last-applied -f FILENAME',
  short: 'Set the last-applied-configuration annotation on a live object to match the contents of a file',
  long: "Set the latest last-applied-configuration annotations to what a file says, as if 'kubectl apply -f FILE' was run, without changing any other part of the object.",
  example: '# Set the last-applied-configuration of a resource to match the contents of a file\nkubectl apply set-last-applied -f deploy.yaml\n\n# Create the annotation where it is not there yet\nkubectl apply set-last-applied -f deploy.yaml --create-annotation=true',
  flags: [...printFlags, fileFlag, dryRunFlag, bool('create-annotation', "Create 'last-applied-configuration' annotations if the object has none")],
  run: runSetLastApplied,
})

interface Change {
  readonly info: Info
  readonly text: string
}

async function runSetLastApplied(session: Session): Promise<void> {
  const { flags } = session
  const dryRun = await dryRunOf(session)
  resultPrinter(session, 'configured', dryRun)
  const changes: Change[] = []
  const built = await build(session, { filenames: flags.list('filename') })
  await built.visit(async (info) => void changes.push(...(await changeOf(session, info))))
  if (changes.length === 0 && flags.list('filename').length === 0) throw new CliError('must specify one of -f and -k')
  for (const change of changes) await setOne(session, change, dryRun)
}

async function changeOf(session: Session, info: Info): Promise<Change[]> {
  const wanted = info.object as KubeObject
  const text = `${compactJson(wanted)}\n`
  let live: KubeObject
  try {
    live = await session.get(info.mapping, info.namespace, info.name)
  } catch (error) {
    if (isReason(error, 'NotFound')) throw error
    throw new CliError(`retrieving current configuration of:\n${info.name}\nfrom server for: ${JSON.stringify(info.source)}: ${(error as Error).message}`)
  }
  const current = live.metadata.annotations?.[lastApplied]
  if (current === undefined && !session.flags.bool('create-annotation')) throw new CliError(`no last-applied-configuration annotation found on resource: ${info.name}, to create the annotation, run the command with --create-annotation`)
  if (current !== text) return [{ info, text }]
  await session.err(`set-last-applied ${info.name}: no changes required.\n`)
  return []
}

async function setOne(session: Session, { info, text }: Change, dryRun: DryRun): Promise<void> {
  const patch = { metadata: { annotations: { [lastApplied]: text } } }
  let object = info.object as KubeObject
  if (dryRun !== 'client') object = await patchObject(session, info.mapping, info.namespace, info.name, 'merge', patch, { dryRun })
  await session.out(resultPrinter(session, 'configured', dryRun).print(object))
}
