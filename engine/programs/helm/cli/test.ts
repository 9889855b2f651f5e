/** `helm test`: runs the test hooks of a release. */
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { bool, strings } from '#engine/programs/common/cobra/flags'
import type { ActionContext } from '../actions/context'
import { runHooks } from '../actions/hooks'
import { releaseJson } from '../release/encode'
import { nameProblem } from '../release/names'
import { hooksOf, type Release, type ReleaseHook } from '../release/types'
import { exactly } from './arguments'
import { completeReleases } from './complete'
import { timeoutFlag } from './flagsets'
import { isDebug } from './globals'
import { formatted, outputFlag } from './output'
import { contextOf, print } from './run'
import { statusText } from './status'

const use = 'test [RELEASE]'

interface Filters {
  readonly only: readonly string[]
  readonly without: readonly string[]
}

function filtersOf(words: readonly string[]): Filters {
  const named = (pattern: RegExp): string[] => words.flatMap((word) => (pattern.test(word) ? [word.replace(pattern, '')] : []))
  return { only: named(/^name=/), without: named(/^!\s?name=/) }
}

export const testCommand: Command = {
  use, short: 'run tests for a release', args: exactly(use, 1), complete: completeReleases(1),
  long: 'Makes the pods and jobs that the chart marks as tests, one after another, and tells how they ended.',
  flags: [
    outputFlag, timeoutFlag, bool('hide-notes', 'do not show notes in test output'),
    strings('filter', 'specify tests by attribute (currently "name") using attribute=value syntax or \'!attribute=value\' to exclude a test (can specify multiple or separate values with commas: name=test1,name=test2)'),
    bool('logs', 'dump the logs from test pods (this runs after all tests are complete, but before any cleanup)'),
  ],
  async run(invocation) {
    const { args: [name = ''], flags, process } = invocation
    const context = contextOf(invocation)
    await context.session.reach()
    if (nameProblem(name) !== undefined) throw new Error(`releaseTest: Release name is invalid: ${name}`)
    const release = await context.storage.last(name)
    const filters = filtersOf(flags.list('filter'))
    const problem = await runTests(context, release, filters, flags.number('timeout'))
    await print(invocation, formatted(flags, () => releaseJson(release), () => statusText(release, { debug: isDebug(process, flags), hideNotes: flags.bool('hide-notes') })))
    if (flags.bool('logs')) await printLogs(invocation, context, release, filters)
    if (problem) throw problem
    return 0
  },
}

/** What is left out keeps its earlier runs. */
async function runTests(context: ActionContext, release: Release, filters: Filters, timeoutMs: number): Promise<Error | undefined> {
  const all = release.hooks
  release.hooks = all.filter((hook) => isMeant(hook, filters))
  let problem: Error | undefined
  try {
    await runHooks(context, release, 'test', timeoutMs)
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    problem = error as Error
  }
  const ran = release.hooks
  release.hooks = [...all.filter((hook) => !ran.includes(hook)), ...ran]
  await context.storage.record(release)
  return problem
}

function isMeant({ name }: ReleaseHook, { only, without }: Filters): boolean {
  return !without.includes(name) && (only.length === 0 || only.includes(name))
}

async function printLogs(invocation: Invocation, { session }: ActionContext, release: Release, filters: Filters): Promise<void> {
  await print(invocation, '\n')
  const tests = hooksOf(release, 'test').filter((hook) => isMeant(hook, filters)).sort((a, b) => a.weight - b.weight)
  for (const { name } of tests) {
    try {
      await print(invocation, `POD LOGS: ${name}\n${await session.client().text(`/api/v1/namespaces/${release.namespace}/pods/${name}/log`)}\n`)
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      throw new Error(`unable to get pod logs for ${name}: ${(error as Error).message}`)
    }
  }
}
