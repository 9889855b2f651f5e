/** Puts back what the server needs: looks when something of it went, at the turn of the interval at which the real one would. */
import type { Upkeep } from '#engine/apiserver/bootstrap'
import type { Catalog } from '#engine/apiserver/catalog'
import type { ServerServices } from '#engine/apiserver/services'
import type { Cacher } from '#engine/apiserver/storage/cacher'

export function keepUp(upkeep: Upkeep, catalog: Catalog, services: ServerServices, signal: AbortSignal): void {
  const { clock } = services
  const began = clock.now()
  let planned = false
  const plan = (): void => {
    if (planned || signal.aborted) return
    planned = true
    clock.after(upkeep.everyMs - ((clock.now() - began) % upkeep.everyMs), () => {
      planned = false
      if (!signal.aborted) void upkeep.restore(services).catch(plan)
    })
  }
  for (const resource of upkeep.resources) {
    const cacher = catalog.servedNamed(resource)?.cacher
    if (cacher) void keepFollowing(cacher, upkeep, plan, services, signal)
  }
}

/** A cache that has to read anew ends its watches. */
async function keepFollowing(cacher: Cacher, upkeep: Upkeep, plan: () => void, { clock }: ServerServices, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await follow(cacher, upkeep, plan).catch(() => undefined)
    if (!signal.aborted) await clock.sleep(1000, signal).catch(() => undefined)
  }
}

async function follow(cacher: Cacher, { concerns }: Upkeep, plan: () => void): Promise<void> {
  const channel = cacher.subscribe({ namespace: '' }, 'now')
  if (channel === 'gone') return
  for await (const { type, object } of channel) {
    const gone = type === 'DELETED'
    if ((gone || type === 'MODIFIED') && concerns(object, gone)) plan()
  }
}
