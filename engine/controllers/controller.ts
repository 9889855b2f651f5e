/** What a controller is given, and how it is started. */
import type { Clock } from '#engine/base/clock'
import type { Klog } from '#engine/base/klog'
import type { Random } from '#engine/base/random'
import { keyOf, type KubeObject } from '#engine/api/object'
import type { Client } from '#engine/client/client'
import type { EventRecorder } from '#engine/client/events'
import type { Informer } from '#engine/client/informer'
import type { Informers } from '#engine/client/informers'
import type { RestMapper } from '#engine/client/mapper'
import { isReason } from '#engine/api/status'
import { type Again, runWorkers, Workqueue } from '#engine/client/workqueue'
import type { ControllerOptions } from '#engine/controllers/options'

export interface ControllerContext {
  /** With the controller's own credentials. */
  readonly client: Client
  readonly informers: Informers
  readonly mapper: RestMapper
  readonly clock: Clock
  readonly random: Random
  readonly log: Klog
  readonly options: ControllerOptions
  readonly signal: AbortSignal
  events(component: string): EventRecorder
}

export interface Controller {
  /** As in --controllers. */
  readonly name: string
  readonly aliases?: readonly string[]
  /** Runs only if named. */
  readonly disabledByDefault?: boolean
  /** The service account it acts as; default its name. */
  readonly account?: string
  /** Asks for its informers and starts its workers; they run until the context's signal. */
  start(context: ControllerContext): void | Promise<void>
}

export interface QueueOptions {
  readonly workers?: number
  /** Errors that are no fault and are not logged. */
  readonly quiet?: (error: unknown) => boolean
  readonly source?: string
}

/** A queue with workers that start once the named informers are filled. */
export function startQueue(context: ControllerContext, name: string, informers: readonly Informer<never>[], reconcile: (key: string) => Promise<Again | undefined | void>, options: QueueOptions = {}): Workqueue {
  const queue = new Workqueue(context.clock)
  const start = (): void =>
    runWorkers(queue, reconcile, {
      workers: options.workers ?? 5,
      signal: context.signal,
      onError: (key, error) => {
        if (options.quiet?.(error) || isReason(error, 'Conflict')) return
        context.log.error(options.source ?? `${name}.go:0`, error instanceof Error ? error.message : String(error), 'Unhandled Error', { logger: name, key })
      },
    })
  void Promise.all(informers.map((informer) => informer.whenSynced())).then(start)
  return queue
}

/** Handlers that put the key of whatever changes into a queue. */
export function enqueueAll<T extends KubeObject>(queue: () => Workqueue, keep: (object: T) => boolean = () => true): { added: (object: T) => void; updated: (object: T) => void; deleted: (object: T) => void } {
  const enqueue = (object: T): void => {
    if (keep(object)) queue().add(keyOf(object))
  }
  return { added: enqueue, updated: enqueue, deleted: enqueue }
}

/** For lists of informers of different kinds. */
export function informersOf(...informers: readonly object[]): readonly Informer<never>[] {
  return informers as readonly Informer<never>[]
}
