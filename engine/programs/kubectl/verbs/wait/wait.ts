import { bool, duration, string, strings } from '#engine/programs/common/cobra/flags'
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { allNamespacesFlag, fieldSelectorFlag, printFlags, selectorFlag } from '#engine/programs/kubectl/flagsets'
import { type Built, build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { resultPrinter } from '../write'
import { type Goal, parseGoal } from './condition'
import { awaitDeletion } from './deletion'

const weekMs = 7 * 24 * 3600 * 1000
const pollMs = 1000

export const wait = verb({
  use: "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
  short: 'Experimental: Wait for a specific condition on one or many resources',
  long: 'Wait for a specific condition on one or many resources.\n\n The command takes multiple resources and waits until the specified condition is seen in the Status field of every given resource.\n\n Alternatively, the command can wait for the given set of resources to be created or deleted by providing the "create" or "delete" keyword as the value to the --for flag.\n\n A successful message will be printed to stdout indicating when the specified condition has been met. You can use -o option to change to output destination.',
  example: '# Wait for the pod "busybox1" to contain the status condition of type "Ready"\nkubectl wait --for=condition=Ready pod/busybox1\n\n# Wait for the pod "busybox1" to contain the status phase to be "Running"\nkubectl wait --for=jsonpath=\'{.status.phase}\'=Running pod/busybox1\n\n# Wait for the pod "busybox1" to be deleted, with a timeout of 60s, after having issued the "delete" command\nkubectl delete pod/busybox1\nkubectl wait --for=delete pod/busybox1 --timeout=60s',
  group: 'Advanced Commands:',
  flags: [
    ...printFlags, strings('filename,f', 'identifying the resource.'), selectorFlag, fieldSelectorFlag, allNamespacesFlag,
    bool('all', 'Select all resources in the namespace of the specified resource types'),
    string('for', "The condition to wait on: [create|delete|condition=condition-name[=condition-value]|jsonpath='{JSONPath expression}'=[JSONPath value]]. The default condition-value is true. Condition values are compared without regard to case."),
    bool('local', 'If true, nothing is sent; works on files only.'),
    bool('recursive,R', 'Process the directory used in -f, --filename recursively. Useful when you want to manage related manifests organized within the same directory.', { default: true }),
    duration('timeout', "The length of time to wait before giving up. Zero means check once and don't wait, negative means wait for a week.", { default: 30_000, defaultText: '30s' }),
  ],
  completesResources: true,
  run: runWait,
})

interface Waiting {
  readonly session: Session
  readonly goal: Goal
  readonly deadline: number
}

async function runWait(session: Session): Promise<void> {
  const goal = parseGoal(session.flags.string('for'))
  const timeout = session.flags.number('timeout')
  const waiting: Waiting = { session, goal, deadline: session.now() + (timeout < 0 ? weekMs : timeout) }
  const printer = resultPrinter(session, 'condition met', 'none')
  if (goal.kind === 'create') await untilCreated(waiting)
  let count = 0
  const built = await targets(session, goal)
  await built.visit(async (info) => {
    count++
    const object = await waitFor(waiting, info)
    await session.out(printer.print(object))
  })
  if (count === 0 && goal.kind !== 'delete') throw new CliError('no matching resources found')
}

function targets(session: Session, goal: Goal): Promise<Built> {
  const { flags } = session
  return build(session, {
    args: session.args, filenames: flags.list('filename'), recursive: flags.bool('recursive'), selector: flags.string('selector'), fieldSelector: flags.string('field-selector'),
    all: flags.bool('all'), allowEmptySelector: flags.bool('all'), allNamespaces: flags.bool('all-namespaces'), latest: true, ignoreNotFound: goal.kind === 'delete',
  })
}

/** Looks each second until everything named is there. */
async function untilCreated({ session, goal, deadline }: Waiting): Promise<void> {
  for (;;) {
    try {
      await (await targets(session, goal)).visit(() => Promise.resolve())
      return
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
    if (session.now() + pollMs > deadline) throw new CliError('timed out waiting for the condition')
    await session.process.clock.sleep(pollMs)
  }
}

async function waitFor(waiting: Waiting, info: Info): Promise<KubeObject> {
  const { session, goal, deadline } = waiting
  const object = info.object as KubeObject
  if (goal.kind === 'create') return object
  if (goal.kind === 'delete') {
    await awaitDeletion(session, info, undefined, Math.max(0, deadline - session.now()))
    return object
  }
  return await waitForState(waiting, info, goal.isMet)
}

async function waitForState({ session, deadline }: Waiting, info: Info, isMet: (object: KubeObject) => boolean): Promise<KubeObject> {
  const object = info.object as KubeObject
  if (isMet(object)) return object
  const timedOut = new CliError(`timed out waiting for the condition on ${info.mapping.resource}/${info.name}`)
  const left = deadline - session.now()
  if (left <= 0) throw timedOut
  const abort = new AbortController()
  const timer = session.process.clock.after(left, () => abort.abort(timedOut))
  try {
    const events = await session.watch(info.mapping, info.namespace, { fieldSelector: `metadata.name=${info.name}`, resourceVersion: object.metadata.resourceVersion }, abort.signal)
    for await (const event of events) if ((event.type === 'ADDED' || event.type === 'MODIFIED') && isMet(event.object as KubeObject)) return event.object as KubeObject
  } catch (error) {
    if (!abort.signal.aborted) throw error
  } finally {
    timer.cancel()
    abort.abort(timedOut)
  }
  throw timedOut
}
