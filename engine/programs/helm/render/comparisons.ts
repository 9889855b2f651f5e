/** Comparisons in the words of Go 1.24, which this helm is built with: the types are not told. */
import { builtins } from '#engine/programs/common/gotemplate/functions'
import type { FunctionTable } from '#engine/programs/helm/sprig/define'

export const comparisonFunctions: FunctionTable = Object.fromEntries(['eq', 'ne', 'lt', 'le', 'gt', 'ge'].map((name) => {
  const known = builtins[name] as FunctionTable[string]
  return [name, { ...known, call: (...args: unknown[]) => terse(() => known.call(...args)) }]
}))

function terse(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    throw new Error((error as Error).message.replace(/^(incompatible types for comparison): .*/, '$1'))
  }
}
