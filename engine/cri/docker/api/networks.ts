/** /networks and /volumes. */
import type { EndpointSettings } from '../model'
import type { CreateNetwork } from '../network/networks'
import { filtersOf, flag, json, noContent, type Route } from '../routes'
import type { Engine } from './engine'

export function networkRoutes({ host, networks, connections, volumes }: Engine): readonly Route[] {
  const named = (params: Readonly<Record<string, string>>): string => params['id'] ?? ''
  return [
    ['GET /networks', ({ query }) => json(networks.list(filtersOf(query)).map((network) => networks.toApi(network, false)))],
    ['POST /networks/create', async (request) => json({ Id: networks.create(await request.json<CreateNetwork>()).id, Warning: '' }, 201)],
    ['POST /networks/prune', ({ query }) => {
      const deleted = networks.prune(filtersOf(query)['label'] ?? [])
      return json({ NetworksDeleted: deleted.length === 0 ? null : deleted })
    }],
    ['GET /networks/{id}', ({ params }) => json(networks.toApi(networks.find(named(params)), true))],
    ['DELETE /networks/{id}', ({ params }) => (networks.remove(named(params)), noContent())],
    ['POST /networks/{id}/connect', async (request) => {
      const body = await request.json<{ Container?: string; EndpointConfig?: Partial<EndpointSettings> | null }>()
      const network = networks.find(named(request.params))
      await connections.connect(host.records.find(body.Container ?? ''), network, body.EndpointConfig ?? {})
      return noContent(200)
    }],
    ['POST /networks/{id}/disconnect', async (request) => {
      const body = await request.json<{ Container?: string; Force?: boolean }>()
      const network = networks.find(named(request.params))
      connections.disconnect(host.records.find(body.Container ?? ''), network)
      return noContent(200)
    }],
    ['GET /volumes', ({ query }) => json({ Volumes: volumes.list(filtersOf(query)).map((volume) => volumes.toApi(volume)), Warnings: null })],
    ['POST /volumes/create', async (request) => json(volumes.toApi(volumes.create(await request.json<{ Name?: string }>())), 201)],
    ['POST /volumes/prune', ({ query }) => {
      const pruned = volumes.prune(filtersOf(query)['label'] ?? [])
      return json({ VolumesDeleted: pruned.VolumesDeleted.length === 0 ? null : pruned.VolumesDeleted, SpaceReclaimed: pruned.SpaceReclaimed })
    }],
    ['GET /volumes/{id}', ({ params }) => json(volumes.toApi(volumes.get(named(params))))],
    ['DELETE /volumes/{id}', ({ params, query }) => (volumes.remove(named(params), flag(query, 'force')), noContent())],
  ]
}
