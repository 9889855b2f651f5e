/** What the `create TYPE NAME` commands share. */
import type { KubeObject } from '#engine/api/object'
import type { Command } from '#engine/programs/common/cobra/command'
import type { Flag } from '#engine/programs/common/cobra/flags'
import { dryRunFlag, fieldManagerFlag, printFlags, saveConfigFlag, validateFlag } from '#engine/programs/kubectl/flagsets'
import type { Mapping } from '#engine/programs/common/kube/discovery'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { dryRunOf, type Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { createObject, resultPrinter, validationDirective, withLastApplied } from '../write'

export interface Generator {
  readonly use: string
  readonly aliases?: readonly string[]
  readonly short: string
  readonly long?: string
  readonly example: string
  readonly flags?: readonly Flag[]
  readonly mapping: Mapping
  /** `failed to create configmap: `: put before what the server says. */
  readonly failure?: string
  /** Names may be followed by a command after `--`. */
  readonly takesCommand?: boolean
  readonly make: (session: Session, name: string) => KubeObject | Promise<KubeObject>
}

export const commonFlags: readonly Flag[] = [...printFlags, dryRunFlag, fieldManagerFlag('kubectl-create'), saveConfigFlag, validateFlag]

export function generator(spec: Generator): Command {
  return verb({
    use: spec.use, short: spec.short, long: spec.long ?? `${spec.short}.`, example: spec.example, ...(spec.aliases ? { aliases: spec.aliases } : {}),
    flags: [...commonFlags, ...(spec.flags ?? [])],
    run: (session) => runGenerator(session, spec),
  })
}

export function nameOf(session: Session, takesCommand: boolean): string {
  const dash = session.invocation.argsBeforeDash
  const count = takesCommand && dash >= 0 ? dash : session.args.length
  if (count !== 1) throw session.usage(`exactly one NAME is required, got ${count}`)
  return session.args[0] as string
}

async function runGenerator(session: Session, spec: Generator): Promise<void> {
  const name = nameOf(session, spec.takesCommand ?? false)
  const dryRun = await dryRunOf(session)
  const validation = validationDirective(session)
  const printer = resultPrinter(session, 'created', dryRun, { made: dryRun === 'client' })
  const { namespaceGiven } = session
  let object = await spec.make(session, name)
  if (namespaceGiven && spec.mapping.namespaced) object = withNamespace(object, session.namespace)
  if (session.flags.bool('save-config')) object = withLastApplied(object)
  if (dryRun !== 'client') {
    try {
      object = await createObject(session, spec.mapping, session.namespace, object, { dryRun, fieldManager: session.flags.string('field-manager'), fieldValidation: validation })
    } catch (error) {
      if (spec.failure === undefined || (error as Error).name === 'ProcessKilled') throw error
      throw new CliError(`${spec.failure}${(error as Error).message}`)
    }
  }
  await session.out(printer.print(object))
}

function withNamespace(object: KubeObject, namespace: string): KubeObject {
  const { name, ...rest } = object.metadata
  return { ...object, metadata: { ...(name === undefined ? {} : { name }), namespace, ...rest } }
}
