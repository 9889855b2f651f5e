import { JsonPath, JsonPathError, goText, relaxedJsonPath } from '#engine/api/jsonpath/evaluate'
import type { KubeObject } from '#engine/api/object'
import { StatusError } from '#engine/api/status'
import { bool, duration, string } from '#engine/programs/common/cobra/flags'
import { filenameFlags, fieldSelectorFlag, printFlags, selectorFlag } from '#engine/programs/kubectl/flagsets'
import { type ObjectPrinter, printerFor } from '#engine/programs/kubectl/printers/printer'
import { build, type Built } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError, flatten } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { awaitDeletion } from './deletion'

export const wait = verb({
  use: "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
  short: 'Wait for a specific condition on one or many resources',
  long: 'Wait for a specific condition on one or many resources.\n\n The command takes several resources and waits until each has the condition, looked up in its status. With --for=delete it waits until the resources are gone, with --for=create until they are there, with --for=jsonpath until an expression has a value. It tells of each resource when its condition is met; if time runs out it ends with an error.',
  example: '# Wait for the pod "busybox1" to be ready\nkubectl wait --for=condition=Ready pod/busybox1\n\n# Another value than true\nkubectl wait --for=condition=Ready=false pod/busybox1\n\n# Wait for a field\nkubectl wait --for=jsonpath=\'{.status.phase}\'=Running pod/busybox1\n\n# Wait for the pod to be deleted\nkubectl wait --for=delete pod/busybox1 --timeout=60s',
  group: 'Advanced Commands:',
  suggestFor: ['list', 'ps'],
  flags: [
    ...printFlags, ...filenameFlags('identifying the resource.').filter((flag) => flag.name !== 'kustomize').map((flag) => (flag.name === 'recursive' ? { ...flag, default: true } : flag)), selectorFlag, fieldSelectorFlag,
    bool('all', 'Select all resources in the namespace of the specified resource types'), bool('all-namespaces,A', 'If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.'),
    bool('local', 'If true, annotation will NOT contact api-server but run locally.'),
    duration('timeout', "How long to wait before giving up. Zero means check once and don't wait, negative means wait for a week.", { default: 30_000 }),
    string('for', "What to wait for: [create|delete|condition=condition-name[=condition-value]|jsonpath='{JSONPath expression}'=[JSONPath value]]. The default condition-value is true, compared without regard to case."),
  ],
  run: runWait,
})

type Check = (object: KubeObject) => boolean

async function runWait(session: Session): Promise<void> {
  const { flags } = session
  const printer = printerFor(session, { operation: 'condition met' })
  const goal = flags.string('for')
  session.connect()
  const word = goal.toLowerCase()
  const check = word === 'delete' || word === 'create' ? undefined : checkOf(goal)
  const timeout = flags.number('timeout') < 0 ? 168 * 3_600_000 : flags.number('timeout')
  const deadline = session.now() + timeout
  if (word === 'create') await awaitCreation(session, deadline)
  const built = await buildTargets(session, word === 'delete')
  let found = 0
  await built.visit(async (info) => {
    found++
    if (word === 'delete') await deleted(session, info, timeout, deadline)
    else if (check) info.object = timeout === 0 ? await checkOnce(session, info, check) : await awaitCondition(session, info, check, deadline)
    await report(session, printer, info)
  })
  if (found === 0 && word !== 'delete') throw new CliError('no matching resources found')
}

function buildTargets(session: Session, ignoreNotFound: boolean): Promise<Built> {
  const { flags } = session
  return build(session, { args: session.args, filenames: flags.list('filename'), recursive: flags.bool('recursive'), selector: flags.string('selector'), fieldSelector: flags.string('field-selector'), all: flags.bool('all'), allNamespaces: flags.bool('all-namespaces'), latest: true, ignoreNotFound })
}

async function report(session: Session, printer: ObjectPrinter, info: Info): Promise<void> {
  if (info.object) await session.out(printer.print(info.object))
}

async function deleted(session: Session, info: Info, timeout: number, deadline: number): Promise<void> {
  if (timeout !== 0) return await awaitDeletion(session, info, undefined, deadline)
  try {
    await session.get(info.mapping, info.namespace, info.name)
  } catch (error) {
    if (error instanceof StatusError && error.status.reason === 'NotFound') return
    throw error
  }
  throw new CliError(`condition not met for ${info.mapping.resource}/${info.name}`)
}

async function awaitCreation(session: Session, deadline: number): Promise<void> {
  for (;;) {
    const { infos, error } = await (await buildTargets(session, false)).infos()
    const others = error ? flatten([error]).filter((one) => !(one instanceof StatusError && one.status.reason === 'NotFound')) : []
    if (others.length > 0) throw error as Error
    if (!error && infos.length > 0) return
    if (session.now() + 500 > deadline) throw new CliError('timed out waiting for the condition')
    await session.process.clock.sleep(500)
  }
}

async function checkOnce(session: Session, info: Info, check: Check): Promise<KubeObject> {
  const object = await session.get(info.mapping, info.namespace, info.name)
  if (!check(object)) throw new CliError(`condition not met for ${info.mapping.resource}/${info.name}`)
  return object
}

async function awaitCondition(session: Session, info: Info, check: Check, deadline: number): Promise<KubeObject> {
  const late = new CliError(`timed out waiting for the condition on ${info.mapping.resource}/${info.name}`)
  for (;;) {
    const fieldSelector = `metadata.name=${info.name}`
    const list = await session.list(info.mapping, info.namespace, { fieldSelector })
    const object = list.items[0]
    if (!object) throw new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'NotFound', code: 404, message: `${info.mapping.resource}${info.mapping.group === '' ? '' : `.${info.mapping.group}`} "${info.name}" not found` })
    const typed = { ...object, apiVersion: object.apiVersion ?? info.object?.apiVersion, kind: object.kind ?? info.mapping.kind }
    if (check(typed)) return typed
    const left = deadline - session.now()
    if (left <= 0) throw late
    const met = await watchUntil(session, info, check, { fieldSelector, resourceVersion: list.metadata.resourceVersion, allowWatchBookmarks: true }, left)
    if (met === 'late') throw late
    if (met) return met
  }
}

/** The object that met the condition, `late`, or undefined when the watch ended early. */
async function watchUntil(session: Session, info: Info, check: Check, fields: Record<string, unknown>, leftMs: number): Promise<KubeObject | 'late' | undefined> {
  const abort = new AbortController()
  const timer = session.process.clock.after(leftMs, () => abort.abort(new Error('timeout')))
  try {
    for await (const event of await session.watch(info.mapping, info.namespace, fields, abort.signal)) {
      if ((event.type === 'ADDED' || event.type === 'MODIFIED') && check(event.object as KubeObject)) return event.object as KubeObject
    }
    return abort.signal.aborted ? 'late' : undefined
  } catch (error) {
    if (abort.signal.aborted) return 'late'
    if (error instanceof StatusError && (error.status.reason === 'Expired' || error.status.reason === 'Gone')) return undefined
    throw error
  } finally {
    timer.cancel()
    abort.abort(new Error('done'))
  }
}

function checkOf(goal: string): Check {
  if (goal.startsWith('condition=')) {
    const [name = '', ...value] = goal.slice('condition='.length).split('=')
    return conditionCheck(name, value.length > 0 ? value.join('=') : 'true')
  }
  if (goal.startsWith('jsonpath=')) return jsonPathCheck(goal.slice('jsonpath='.length))
  throw new CliError(`unrecognized condition: ${JSON.stringify(goal)}`)
}

interface Condition {
  readonly type?: string
  readonly status?: string
  readonly observedGeneration?: number
}

function conditionCheck(name: string, wanted: string): Check {
  return (object) => {
    const status = object['status'] as { conditions?: Condition[]; observedGeneration?: number } | undefined
    const condition = status?.conditions?.find((one) => one.type?.toLowerCase() === name.toLowerCase() && one.status !== undefined)
    if (!condition) return false
    const observed = condition.observedGeneration ?? status?.observedGeneration
    if (object.metadata.generation !== undefined && observed !== undefined && observed < object.metadata.generation) return false
    return condition.status?.toLowerCase() === wanted.toLowerCase()
  }
}

/** `=` parts expression and value, `==` does not. */
function splitPath(input: string): string[] {
  return input.split(/(?<!=)=(?!=)/)
}

function jsonPathCheck(input: string): Check {
  const parts = splitPath(input)
  if (parts.length > 2) throw new CliError("jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'")
  const path = parse(parts[0] as string)
  const wanted = parts[1]?.replace(/^['"]+|['"]+$/g, '')
  if (wanted === '') throw new CliError("jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3")
  return (object) => {
    const results = path.results(object)
    const [first] = results
    if (!first || first.length === 0) return false
    if (results.length > 1) throw new CliError('given jsonpath expression matches more than one list')
    if (first.length > 1) throw new CliError('given jsonpath expression matches more than one value')
    if (wanted === undefined) return true
    if (typeof first[0] === 'object' && first[0] !== null) throw new CliError('jsonpath leads to a nested object or list which is not supported')
    return goText(first[0]).trim() === wanted.trim()
  }
}

function parse(expression: string): JsonPath {
  try {
    const relaxed = relaxedJsonPath(expression)
    if (relaxed === '') throw new CliError('jsonpath expression cannot be empty')
    return new JsonPath(relaxed, { allowMissingKeys: true })
  } catch (error) {
    if (error instanceof JsonPathError) throw new CliError(error.message)
    throw error
  }
}
