/** The plugins of one scheduler name, sorted by extension point. */
import type { ExtensionPoint, PluginSet, ProfileConfig } from '#engine/scheduler/config'
import { SchedulerConfigError } from '#engine/scheduler/config'
import type { Plugin, PluginHandle } from '#engine/scheduler/framework'
import { defaultPlugins } from '#engine/scheduler/plugins'

export interface Profile {
  readonly schedulerName: string
  readonly percentageOfNodesToScore: number
  readonly all: readonly Plugin[]
  readonly at: Readonly<Record<ExtensionPoint, readonly Plugin[]>>
  readonly weights: ReadonlyMap<string, number>
}

const points: readonly ExtensionPoint[] = ['preEnqueue', 'queueSort', 'preFilter', 'filter', 'postFilter', 'preScore', 'score', 'reserve', 'permit', 'preBind', 'bind', 'postBind']

export function buildProfile(config: ProfileConfig, handle: PluginHandle): Profile {
  const factories = new Map(defaultPlugins.map((entry) => [entry.factory.name, entry]))
  const names = enabledNames(config.plugins.multiPoint, defaultPlugins.map((entry) => entry.factory.name))
  const weights = new Map<string, number>()
  for (const { factory, weight } of defaultPlugins) weights.set(factory.name, weight)
  for (const set of Object.values(config.plugins)) for (const { name, weight } of set?.enabled ?? []) if (weight) weights.set(name, weight)
  const plugins = new Map<string, Plugin>()
  const get = (name: string): Plugin => {
    const known = plugins.get(name)
    if (known) return known
    const entry = factories.get(name)
    if (!entry) throw new SchedulerConfigError(`initializing profiles: creating profile for scheduler name ${config.schedulerName}: plugin ${JSON.stringify(name)} is not registered`)
    const made = entry.factory.create(handle, config.pluginConfig.get(name))
    plugins.set(name, made)
    return made
  }
  const at = Object.fromEntries(points.map((point) => [point, enabledNames(config.plugins[point], names).map(get).filter((plugin) => point in plugin)])) as unknown as Record<ExtensionPoint, readonly Plugin[]>
  if (at.bind.length === 0) throw new SchedulerConfigError(`initializing profiles: creating profile for scheduler name ${config.schedulerName}: at least one bind plugin is needed for profile with scheduler name ${JSON.stringify(config.schedulerName)}`)
  return { schedulerName: config.schedulerName, percentageOfNodesToScore: config.percentageOfNodesToScore, all: [...plugins.values()], at, weights }
}

/** The defaults without what is disabled, then what is enabled beyond them. */
function enabledNames(set: PluginSet | undefined, defaults: readonly string[]): string[] {
  const disabled = new Set((set?.disabled ?? []).map(({ name }) => name))
  const kept = disabled.has('*') ? [] : defaults.filter((name) => !disabled.has(name))
  return [...kept, ...(set?.enabled ?? []).map(({ name }) => name).filter((name) => !kept.includes(name))]
}
