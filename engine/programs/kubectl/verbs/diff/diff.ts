import { bool, int, stringArray } from '#engine/programs/common/cobra/flags'
import { fieldManagerFlag, filenameFlags, managedFieldsFlag, selectorFlag } from '#engine/programs/kubectl/flagsets'
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { withoutManagedFields } from '#engine/programs/kubectl/printers/printer'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { Aggregate, CliError, describeError, ExitError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { checkAllowlist, findPrunable } from '../apply/prune'
import { verb } from '../verb'
import { masked } from './mask'
import { mergedObject } from './merged'
import { Sides } from './sides'

const attempts = 4

export const diff = verb({
  use: 'diff -f FILENAME',
  short: 'Diff the live version against a would-be applied version',
  long: "Diff configurations specified by file name or stdin between the current online configuration, and the configuration as it would be if applied.\n\n The output is always YAML. KUBECTL_EXTERNAL_DIFF names another diff command, with parameters: KUBECTL_EXTERNAL_DIFF=\"colordiff -N -u\". By default the \"diff\" command of the path runs with \"-u\" and \"-N\".\n\n Exit status: 0 No differences were found. 1 Differences were found. >1 Kubectl or diff failed with an error.",
  example: '# Diff resources included in pod.json\nkubectl diff -f pod.json\n\n# Diff what comes on stdin\ncat service.yaml | kubectl diff -f -',
  group: 'Advanced Commands:',
  flags: [
    ...filenameFlags('that contains the configuration to diff'), fieldManagerFlag('kubectl-client-side-apply'), managedFieldsFlag, selectorFlag,
    int('concurrency', 'Number of objects to process in parallel when diffing against the live version.', { default: 1 }),
    bool('force-conflicts', 'If true, server-side apply will force the changes against conflicts.'),
    bool('prune', 'Include resources that would be deleted by pruning. Can be used with -l and default shows all resources would be pruned'),
    stringArray('prune-allowlist', 'Overwrite the default allowlist with <group/version/kind> for --prune'),
    bool('server-side', 'If true, apply runs in the server instead of the client.'),
  ],
  run: runDiff,
})

/** Errors end one code higher than elsewhere, as 1 means that there are differences. */
async function runDiff(session: Session): Promise<number> {
  try {
    return await compare(session)
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'ProcessKilled') throw error
    const first = error instanceof Aggregate ? (error.errors[0] as Error) : error
    const { text, code } = describeError(first)
    throw new ExitError(code + 1, text)
  }
}

async function compare(session: Session): Promise<number> {
  const { flags } = session
  checkFlags(session)
  if (flags.bool('prune')) await checkAllowlist(session)
  const built = await build(session, { filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive'), selector: flags.string('selector') })
  const sides = new Sides(session.process)
  try {
    const visited: Info[] = []
    await built.visit(async (info) => {
      await compareOne(session, sides, info)
      visited.push(info)
    })
    if (flags.bool('prune')) for (const { info } of await findPrunable(session, visited)) sides.addLive(fileName(info), info.object)
    return await sides.run()
  } finally {
    sides.remove()
  }
}

function checkFlags(session: Session): void {
  const { flags, args } = session
  if (args.length > 0) throw session.usage(`Unexpected args: [${args.join(' ')}]`)
  if (flags.list('filename').length === 0 && flags.string('kustomize') === '') throw new CliError('must specify one of -f and -k')
  if (flags.bool('force-conflicts') && !flags.bool('server-side')) throw new CliError('--force-conflicts only works with --server-side')
}

async function compareOne(session: Session, sides: Sides, info: Info): Promise<void> {
  const local = info.object as KubeObject
  for (let attempt = 1; ; attempt++) {
    const live = await liveObject(session, info)
    const last = attempt === attempts
    if (last) await session.err(`${session.stamp('W')} diff.go:721] Object (${local.apiVersion}, Kind=${local.kind}: ${info.name}) keeps changing, diffing without lock\n`)
    try {
      const merged = await mergedObject(session, info, local, live, !last)
      if (live?.metadata.uid !== undefined && info.object) info.object = live
      const [from, to] = masked(shown(session, live), shown(session, merged))
      sides.add(fileName(info), from, to)
      if (live?.metadata.deletionTimestamp) await session.err(`Warning: Detected changes to resource ${info.name} which is currently being deleted.\n`)
      return
    } catch (error) {
      if (last || !isReason(error, 'Conflict')) throw error
    }
  }
}

async function liveObject(session: Session, info: Info): Promise<KubeObject | undefined> {
  try {
    return await session.get(info.mapping, info.namespace, info.name)
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}

function shown(session: Session, object: KubeObject | undefined): KubeObject | undefined {
  return object && !session.flags.bool('show-managed-fields') ? withoutManagedFields(object) : object
}

/** `apps.v1.Deployment.default.web`. */
function fileName({ mapping, namespace, name }: Info): string {
  return `${mapping.group === '' ? '' : `${mapping.group}.`}${mapping.version}.${mapping.kind}.${namespace}.${name}`
}

