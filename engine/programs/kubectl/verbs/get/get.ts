import { bool, string } from '#engine/programs/common/cobra/flags'
import { allNamespacesFlag, chunkSizeFlag, fieldSelectorFlag, filenameFlags, formatOrder, getPrintFlags, selectorFlag, subresourceFlag } from '#engine/programs/kubectl/flagsets'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { requestTimeoutOf } from '#engine/programs/kubectl/session/timeout'
import { verb } from '../verb'
import { printGeneric, printTables } from './print'
import { watchObjects } from './watch'
import { completeResources, startingWith } from '../completion/resources'

export const get = verb({
  use: 'get [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]',
  short: 'Display one or many resources',
  long: 'Display one or many resources.\n\n Prints a table of what matters most about them. Filter lists by labels with --selector. Namespaced types are shown for the current namespace only, unless another is named.\n\n With \'template\' as output and a Go template as --template you choose the attributes that are printed.\n\nUse "kubectl api-resources" for a complete list of supported resources.',
  example: '# All pods as a table\nkubectl get pods\n\n# With more columns, such as the node\nkubectl get pods -o wide\n\n# One deployment as JSON\nkubectl get -o json deployment web\n\n# Only the phase of a pod\nkubectl get -o template pod/web --template={{.status.phase}}\n\n# Columns of your own\nkubectl get pod test-pod -o custom-columns=CONTAINER:.spec.containers[0].name,IMAGE:.spec.containers[0].image\n\n# Several types at once\nkubectl get rc,services',
  group: 'Basic Commands (Intermediate):',
  suggestFor: ['list', 'ps'],
  flags: [
    ...getPrintFlags,
    ...filenameFlags('that name the resource to get.'),
    string('raw', 'Raw URI to request from the server, with the transport of the kubeconfig file.'),
    bool('watch,w', 'After getting the objects, watch for changes.'),
    bool('watch-only', 'Watch for changes without getting the objects first.'),
    bool('output-watch-events', 'Show the kind of each event with --watch or --watch-only. What exists already comes as ADDED.'),
    bool('ignore-not-found', 'If true, an object that does not exist is no error. Without effect for lists.'),
    bool('server-print', 'If true, the server makes the table; works for extension APIs and CRDs too.', { default: true }),
    fieldSelectorFlag, allNamespacesFlag, chunkSizeFlag, selectorFlag, subresourceFlag,
  ],
  complete: completeResources,
  completeFlags: { output: (_, toComplete) => ({ candidates: startingWith(toComplete, formatOrder) }) },
  run: runGet,
})

async function runGet(session: Session): Promise<void> {
  const { flags } = session
  if (flags.string('raw') !== '') return await rawGet(session)
  requestTimeoutOf(flags.string('request-timeout'))
  const watching = flags.bool('watch') || flags.bool('watch-only')
  if (flags.string('namespace') === '') session.connect()
  if (watching && flags.string('sort-by') !== '') await session.err(flags.bool('watch') ? 'warning: --watch requested, --sort-by will be ignored for watch events received\n' : 'warning: --watch-only requested, --sort-by will be ignored\n')
  if (!watching && isNothingNamed(session)) {
    await session.err('You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\n')
    throw session.usage('Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).')
  }
  refuseOutput(session, watching)
  if (watching) return await watchObjects(session)
  if (isHumanReadable(session)) return await printTables(session)
  await printGeneric(session)
}

function isNothingNamed({ flags, args }: Session): boolean {
  return args.length === 0 && flags.list('filename').length === 0 && flags.string('kustomize') === ''
}

function refuseOutput({ flags }: Session, watching: boolean): void {
  const output = flags.string('output')
  if (flags.bool('show-labels') && output !== '' && output !== 'wide') throw new CliError(`--show-labels option cannot be used with ${output} printer`)
  if (flags.bool('output-watch-events') && !watching) throw new CliError('--output-watch-events option can only be used with --watch or --watch-only')
}

export function isHumanReadable(session: Session): boolean {
  const output = session.flags.string('output')
  return (output === '' && session.flags.string('template') === '') || output === 'wide'
}

async function rawGet(session: Session): Promise<void> {
  const raw = session.flags.string('raw')
  refuseWithRaw(session)
  if (!raw.startsWith('/') && !/^[a-z]+:\/\//.test(raw)) throw new CliError(`--raw must be a valid URL path: parse ${JSON.stringify(raw)}: invalid URI for request`)
  const response = await session.exchange('GET', raw, { accept: '*/*' })
  for await (const chunk of response.body.stream()) await session.process.stdout.write(chunk)
}

function refuseWithRaw({ flags, args }: Session): void {
  if (args.length > 0) throw new CliError('arguments may not be passed when --raw is specified')
  if (flags.bool('watch') || flags.bool('watch-only') || flags.string('selector') !== '') throw new CliError('--raw may not be specified with other flags that filter the server request or alter the output')
  if (flags.string('output') !== '') throw new CliError('--raw and --output are mutually exclusive')
}
