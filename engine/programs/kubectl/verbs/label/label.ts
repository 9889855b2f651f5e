import { bool, string } from '#engine/programs/common/cobra/flags'
import { copyObject, equalJson, type KubeObject } from '#engine/api/object'
import { allNamespacesFlag, dryRunFlag, fieldManagerFlag, fieldSelectorFlag, filenameFlags, printFlags, selectorFlag } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { twoWayMergePatch } from '#engine/programs/common/patch/merge'
import { CliError, throwAll } from '#engine/programs/kubectl/session/errors'
import { dryRunOf, type Session } from '#engine/programs/kubectl/session/session'
import { parsePairs, splitPairs } from '../pairs'
import { verb } from '../verb'
import { patchObject, resultPrinter } from '../write'
import { completeResources } from '../completion/resources'
import { record, recordFlag } from '../record'

const sharedFlags = [
  ...printFlags, ...filenameFlags('identifying the resource to update'), dryRunFlag, selectorFlag, fieldSelectorFlag, allNamespacesFlag,
  bool('all', 'Select all resources, in the namespace of the specified resource types'),
  bool('local', 'If true, nothing is sent; works on files only.'),
  bool('overwrite', 'If true, values that exist may be overwritten, otherwise such changes are refused.'),
  string('resource-version', 'If non-empty, the update only succeeds if this is the current resource-version of the object. Only valid when specifying a single resource.'),
]

export const label = verb({
  use: 'label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  short: 'Update the labels on a resource',
  long: 'Update the labels on a resource.\n\n  *  A label key and value must begin with a letter or number, and may contain letters, numbers, hyphens, dots, and underscores, up to 63 characters each.\n  *  Optionally, the key can begin with a DNS subdomain prefix and a single \'/\', like example.com/my-app.\n  *  If --overwrite is true, then existing labels can be overwritten, otherwise attempting to overwrite a label will result in an error.\n  *  If --resource-version is specified, then updates will use this resource version, otherwise the existing resource-version will be used.',
  example: "# Give pod 'foo' the label 'unhealthy' with value 'true'\nkubectl label pods foo unhealthy=true\n\n# Change a label that exists\nkubectl label --overwrite pods foo status=unhealthy\n\n# Take the label 'bar' away\nkubectl label pods foo bar-",
  group: 'Settings Commands:',
  flags: [...sharedFlags, recordFlag, fieldManagerFlag('kubectl-label'), bool('list', 'If true, display the labels for a given resource.')],
  complete: completeResources,
  run: (session) => runLabel(session),
})

export const annotate = verb({
  use: 'annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  short: 'Update the annotations on a resource',
  long: 'Update the annotations on one or more resources.\n\n Annotations are key/value pairs that can be larger than labels and hold any text, such as structured JSON. They are meant for tools.\n\n Overwriting an annotation needs --overwrite.\n\nUse "kubectl api-resources" for a complete list of supported resources.',
  example: "# Give pod 'foo' the annotation 'description'\nkubectl annotate pods foo description='my frontend'\n\n# Take it away\nkubectl annotate pods foo description-",
  group: 'Settings Commands:',
  flags: [...sharedFlags, recordFlag, fieldManagerFlag('kubectl-annotate'), bool('list', 'If true, display the annotations for a given resource.')],
  complete: completeResources,
  run: (session) => runAnnotate(session),
})

interface Change {
  readonly field: 'labels' | 'annotations'
  readonly set: ReadonlyMap<string, string>
  readonly remove: readonly string[]
}

async function objectsOf(session: Session, resources: readonly string[]): Promise<Awaited<ReturnType<typeof build>>> {
  const { flags } = session
  const local = flags.bool('local')
  const built = await build(session, {
    args: local ? [] : resources, filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive'), local, latest: !local,
    ...(local ? {} : { selector: flags.string('selector'), fieldSelector: flags.string('field-selector'), allNamespaces: flags.bool('all-namespaces'), allowEmptySelector: flags.bool('all') }),
  })
  if (!built.singleItemImplied && flags.string('resource-version') !== '') throw new CliError('--resource-version may only be used with a single resource')
  return built
}

function validate(session: Session, resources: readonly string[], change: Change, dryRun: string): void {
  const { flags } = session
  const files = flags.list('filename').length > 0 || flags.string('kustomize') !== ''
  const what = change.field === 'labels' ? ['pod', 'label'] as const : ['rsrc', 'annotation'] as const
  if (flags.bool('list') && flags.string('output') !== '') throw new CliError('--list and --output may not be specified together')
  if (flags.bool('all')) refuseSelectors(session)
  if (flags.bool('local')) validateLocal(resources, dryRun, files, what[0])
  else if (resources.length === 0 && !files) throw new CliError('one or more resources must be specified as <resource> <name> or <resource>/<name>')
  if (change.set.size === 0 && change.remove.length === 0 && !flags.bool('list')) throw new CliError(`at least one ${what[1]} update is required`)
}

function refuseSelectors({ flags }: Session): void {
  for (const name of ['selector', 'field-selector']) if (flags.string(name) !== '') throw new CliError(`cannot set --all and --${name} at the same time`)
}

function validateLocal(resources: readonly string[], dryRun: string, files: boolean, name: string): void {
  if (dryRun === 'server') throw new CliError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?')
  if (resources.length > 0) throw new CliError(`can only use local files by -f ${name}.yaml or --filename=${name}.json when --local=true is set`)
  if (!files) throw new CliError(`one or more files must be specified as -f ${name}.yaml or --filename=${name}.json`)
}

function changed(session: Session, object: KubeObject, change: Change): KubeObject {
  const next = copyObject(object)
  const map: Record<string, string> = { ...next.metadata[change.field] }
  for (const [key, value] of change.set) map[key] = value
  for (const key of change.remove) delete map[key]
  if (Object.keys(map).length > 0 || next.metadata[change.field] !== undefined) next.metadata[change.field] = map
  if (Object.keys(map).length === 0) delete next.metadata[change.field]
  const version = session.flags.string('resource-version')
  if (version !== '') next.metadata.resourceVersion = version
  record(session, next)
  return next
}

async function send(session: Session, info: Info, before: KubeObject, after: KubeObject, dryRun: 'none' | 'client' | 'server'): Promise<KubeObject> {
  const start = session.flags.string('resource-version') === '' ? before : { ...before, metadata: { ...before.metadata, resourceVersion: '' } }
  return await patchObject(session, info.mapping, info.namespace, info.name, 'merge', twoWayMergePatch(start, after), { dryRun, fieldManager: session.flags.string('field-manager') })
}

async function list(session: Session, info: Info, object: KubeObject, field: 'labels' | 'annotations', single: boolean): Promise<void> {
  if (!single) await session.out(`Listing ${field} for ${object.kind}.${info.mapping.group}/${info.name}:\n`)
  for (const [key, value] of Object.entries(object.metadata[field] ?? {})) await session.out(`${single ? '' : ' '}${key}=${value}\n`)
}

async function runLabel(session: Session): Promise<void> {
  const { flags } = session
  const dryRun = await dryRunOf(session)
  const { resources, pairs } = splitPairs(session.args, 'label')
  const change = parseLabelChange(pairs)
  validate(session, resources, change, dryRun)
  const built = await objectsOf(session, resources)
  await built.visit(async (info) => {
    const before = info.object as KubeObject
    const offline = dryRun === 'client' || flags.bool('local') || flags.bool('list')
    if (!offline) for (const key of change.remove) if (before.metadata.labels?.[key] === undefined) await session.out(`label ${JSON.stringify(key)} not found.\n`)
    if (!flags.bool('overwrite')) refuseOverwrites(before, change.set)
    const after = changed(session, before, change)
    const message = equalJson(before, after) ? 'not labeled' : !flags.bool('overwrite') && JSON.stringify(after).length < JSON.stringify(before).length ? 'unlabeled' : 'labeled'
    const stored = offline ? after : await send(session, info, before, after, dryRun)
    if (flags.bool('list')) return await list(session, info, stored, 'labels', built.singleItemImplied)
    await session.out(resultPrinter(session, message, dryRun).print(after))
  })
}

function refuseOverwrites(object: KubeObject, set: ReadonlyMap<string, string>): void {
  const errors: Error[] = []
  for (const [key, value] of set) {
    const known = object.metadata.labels?.[key]
    if (known !== undefined && known !== value) errors.push(new CliError(`'${key}' already has a value (${known}), and --overwrite is false`))
  }
  throwAll(errors)
}

const valueFormat = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

function parseLabelChange(pairs: readonly string[]): Change {
  const set = new Map<string, string>()
  const remove: string[] = []
  for (const spec of pairs) {
    if (spec.includes('=')) {
      const parts = spec.split('=')
      if (parts.length !== 2) throw new CliError(`invalid label spec: ${spec}`)
      const [key = '', value = ''] = parts
      const problems = [...(value.length > 63 ? ['must be no more than 63 bytes'] : []), ...(/^(?:(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value) ? [] : [valueFormat])]
      if (problems.length > 0) throw new CliError(`invalid label value: ${JSON.stringify(spec)}: ${problems.join(';')}`)
      set.set(key, value)
    } else remove.push(spec.slice(0, -1))
  }
  for (const key of remove) if (set.has(key)) throw new CliError('can not both modify and remove a label in the same command')
  return { field: 'labels', set, remove }
}

async function runAnnotate(session: Session): Promise<void> {
  const { flags } = session
  const dryRun = await dryRunOf(session)
  const printer = resultPrinter(session, 'annotated', dryRun)
  const { resources, pairs } = splitPairs(session.args, 'annotation')
  const { set, remove } = parsePairs(pairs, 'annotation', true)
  const change: Change = { field: 'annotations', set, remove }
  validate(session, resources, change, dryRun)
  const both = remove.filter((key) => set.has(key))
  if (both.length > 0) throw new CliError(`can not both modify and remove the following annotation(s) in the same command: ${both.join(', ')}`)
  const built = await objectsOf(session, resources)
  await built.visit(async (info) => {
    const before = info.object as KubeObject
    if (!flags.bool('overwrite')) {
      const taken = [...set].filter(([key, value]) => key !== 'kubernetes.io/change-cause' && before.metadata.annotations?.[key] !== undefined && before.metadata.annotations[key] !== value)
      if (taken.length > 0) throw new CliError(`--overwrite is false but found the following declared annotation(s): ${taken.map(([key]) => `'${key}' already has a value (${before.metadata.annotations?.[key] ?? ''})`).join('; ')}`)
    }
    const after = changed(session, before, change)
    const offline = dryRun === 'client' || flags.bool('local') || flags.bool('list')
    const stored = offline ? after : await send(session, info, before, after, dryRun)
    if (flags.bool('list')) return await list(session, info, stored, 'annotations', built.singleItemImplied)
    await session.out(printer.print(stored))
  })
}
