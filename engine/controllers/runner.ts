/** Starts controllers with a context each. */
import type { Clock } from '#engine/base/clock'
import type { Klog } from '#engine/base/klog'
import type { Random } from '#engine/base/random'
import type { Client } from '#engine/client/client'
import { CoreEventRecorder, type EventRecorder } from '#engine/client/events'
import type { Informers } from '#engine/client/informers'
import { RestMapper } from '#engine/client/mapper'
import { SignalFan } from '#engine/base/signals'
import type { Controller } from '#engine/controllers/controller'
import type { ControllerOptions } from '#engine/controllers/options'

export interface RunnerServices {
  readonly informers: Informers
  /** A client that acts as a service account of kube-system, or as the manager itself. */
  readonly clientFor: (account: string) => Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Klog
  readonly options: ControllerOptions
  readonly signal: AbortSignal
}

export async function startControllers(list: readonly Controller[], services: RunnerServices): Promise<void> {
  const { informers, clock, random, log, signal } = services
  const fan = new SignalFan(signal)
  const mapper = new RestMapper(services.clientFor('generic-garbage-collector'))
  for (const controller of list) {
    const client = services.clientFor(controller.account ?? controller.name)
    const recorders = new Map<string, EventRecorder>()
    await controller.start({
      client,
      informers,
      mapper,
      clock,
      random: random.fork(controller.name),
      log,
      options: { ...services.options, clientFor: services.clientFor },
      signal: fan.child(),
      events(component) {
        const known = recorders.get(component)
        if (known) return known
        const made = new CoreEventRecorder(client, clock, { component })
        recorders.set(component, made)
        return made
      },
    })
  }
  informers.start(signal)
}

/** Which controllers `--controllers` names: `*`, `foo`, `-foo`; unknown names are the second result. */
export function chosenControllers(list: readonly Controller[], names: readonly string[]): { readonly chosen: readonly Controller[]; readonly unknown: readonly string[] } {
  const all = names.includes('*')
  const has = (controller: Controller, prefix: string): boolean => [controller.name, ...(controller.aliases ?? [])].some((name) => names.includes(prefix + name))
  const chosen = list.filter((controller) => !has(controller, '-') && (has(controller, '') || (all && !controller.disabledByDefault)))
  const known = new Set(list.flatMap((controller) => [controller.name, ...(controller.aliases ?? [])]))
  return { chosen, unknown: names.filter((name) => name !== '*' && !known.has(name.replace(/^-/, ''))) }
}
