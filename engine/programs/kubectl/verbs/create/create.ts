import { bool, string } from '#engine/programs/common/cobra/flags'
import { dryRunFlag, fieldManagerFlag, filenameFlags, printFlags, saveConfigFlag, selectorFlag, validateFlag } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import { readPath } from '#engine/programs/kubectl/resources/files'
import { CliError, withSource } from '#engine/programs/kubectl/session/errors'
import { dryRunOf, type Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { createObject, resultPrinter, validationDirective, withLastApplied } from '../write'
import { editInfos } from '../edit/editing'
import { createEdited } from '../edit/modes'
import { createSubcommands } from './subcommands'

export const create = verb({
  use: 'create -f FILENAME',
  short: 'Create a resource from a file or from stdin',
  long: 'Create a resource from a file or from stdin.\n\n JSON and YAML formats are accepted.',
  example: '# Create what pod.json describes\nkubectl create -f ./pod.json\n\n# Create what comes on stdin\ncat pod.json | kubectl create -f -',
  group: 'Basic Commands (Beginner):',
  flags: [
    ...printFlags, ...filenameFlags('to use to create the resource'), dryRunFlag, fieldManagerFlag('kubectl-create'), saveConfigFlag, selectorFlag, validateFlag,
    bool('edit', 'Edit the API resource before creating'),
    string('raw', 'Raw URI to POST to the server, with the transport of the kubeconfig file.'),
    bool('windows-line-endings', 'Only relevant if --edit=true. Use line endings of Windows.'),
  ],
  commands: createSubcommands,
  run: runCreate,
})

async function runCreate(session: Session): Promise<void> {
  const { flags } = session
  if (session.args.length > 0) throw session.usage(`Unexpected args: [${session.args.join(' ')}]`)
  const dryRun = await dryRunOf(session)
  if (flags.list('filename').length === 0 && flags.string('kustomize') === '') throw new CliError('must specify one of -f and -k')
  if (flags.string('raw') !== '') return await rawCreate(session)
  const validation = validationDirective(session)
  if (flags.bool('edit')) return await editAndCreate(session)
  const printer = resultPrinter(session, 'created', dryRun)
  const built = await build(session, { filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive'), selector: flags.string('selector'), validate: validation !== 'Ignore' })
  let count = 0
  await built.visit(async (info) => {
    let object = info.object as NonNullable<typeof info.object>
    if (flags.bool('save-config')) object = withLastApplied(object)
    if (dryRun !== 'client') {
      try {
        object = await createObject(session, info.mapping, info.namespace, object, { dryRun, fieldManager: flags.string('field-manager'), fieldValidation: validation })
      } catch (error) {
        throw withSource('creating', info.source, error as Error)
      }
    }
    count++
    await session.out(printer.print(object))
  })
  if (count === 0) throw new CliError('no objects passed to create')
}

async function editAndCreate(session: Session): Promise<void> {
  const { flags } = session
  const built = await build(session, { filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive') })
  await built.visit((info) => editInfos(session, [info], createEdited(session)))
}

async function rawCreate(session: Session): Promise<void> {
  const [file = ''] = session.flags.list('filename')
  const text = file === '-' ? await session.process.stdin.text() : readPath(session, file)
  const response = await session.exchange('POST', session.flags.string('raw'), { text, contentType: 'application/json' })
  await session.out(await response.body.text())
}
