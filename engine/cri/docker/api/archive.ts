/** Files in and out of containers: /archive of `docker cp`, /export. */
import { encodeUtf8, toBase64 } from '#engine/base/bytes'
import type { HttpResponse } from '#engine/base/http'
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import { extractArchive, treeArchive } from '#engine/cri/archive/tree'
import { attributesOf } from '../containers/create'
import { placeOf, withRoot } from '../containers/root'
import { timeText } from '../host'
import { ApiError, badParameter, type ContainerRecord, notFound, serverError } from '../model'
import { type ApiRequest, noContent, raw, type Route } from '../routes'
import type { Engine } from './engine'

export function archiveRoutes({ host }: Engine): readonly Route[] {
  const find = ({ params }: ApiRequest): ContainerRecord => host.records.find(params['id'] ?? '')
  const pathOf = ({ query }: ApiRequest): string => {
    const path = query.get('path') ?? ''
    if (path === '') throw badParameter("bad parameter: 'path' cannot be empty")
    return path
  }
  const at = <T>(request: ApiRequest, work: (place: string, stat: Stat | undefined, record: ContainerRecord) => T): T => {
    const record = find(request)
    const path = pathOf(request)
    return withRoot(host, record, (root) => {
      const place = placeOf(host, record, root, path)
      return work(place, lstat(place), record)
    })
  }
  const lstat = (path: string): Stat | undefined => {
    try {
      return host.process.files.lstat(path)
    } catch (error) {
      if (isErrno(error)) return undefined
      throw error
    }
  }
  return [
    ['HEAD /containers/{id}/archive', (request) => at(request, (place, stat, record) => ({ ...noContent(200), headers: { 'x-docker-container-path-stat': statHeader(missing(stat, record, pathOf(request)), place, host.process.files) } }))],
    ['GET /containers/{id}/archive', (request) => at(request, (place, stat, record) => {
      const known = missing(stat, record, pathOf(request))
      const name = place.slice(place.lastIndexOf('/') + 1)
      host.events.publish('container', 'archive-path', record.id, attributesOf(record))
      const bytes = treeArchive(host.process.files, place.slice(0, place.lastIndexOf('/')) || '/', [name])
      return { ...raw(bytes, 'application/x-tar'), headers: { 'content-type': 'application/x-tar', 'x-docker-container-path-stat': statHeader(known, place, host.process.files) } }
    })],
    ['PUT /containers/{id}/archive', async (request) => extract(request, await request.http.body.bytes())],
    ['GET /containers/{id}/export', (request) => exported(find(request))],
  ]

  function extract(request: ApiRequest, bytes: Uint8Array): HttpResponse {
    return at(request, (place, stat, record) => {
      if (!stat) throw notFound(`Could not find the file ${pathOf(request)} in container ${request.params['id'] ?? ''}`)
      const target = stat.type === 'symlink' ? host.process.files.realpath(place) : place
      if (host.process.files.stat(target).type !== 'directory') throw badParameter('extraction point is not a directory')
      const mount = record.mounts.find((each) => each.Source !== '' && (place === each.Source || place.startsWith(`${each.Source}/`)))
      if (mount && !mount.RW) throw new ApiError(403, 'mounted volume is marked read-only')
      if (record.hostConfig.ReadonlyRootfs && !mount) throw new ApiError(403, 'container rootfs is marked read-only')
      extractArchive(host.process.files, target, bytes)
      host.events.publish('container', 'extract-to-dir', record.id, attributesOf(record))
      return noContent(200)
    })
  }

  function exported(record: ContainerRecord): HttpResponse {
    if (record.state.status === 'removing') throw serverError(`You cannot export container ${record.id} which is Removing`)
    host.events.publish('container', 'export', record.id, attributesOf(record))
    return raw(withRoot(host, record, (root) => treeArchive(host.process.files, root)))
  }
}

function missing(stat: Stat | undefined, record: ContainerRecord, path: string): Stat {
  if (!stat) throw notFound(`Could not find the file ${path} in container ${record.name}`)
  return stat
}

function statHeader(stat: Stat, place: string, files: { readlink(path: string): string }): string {
  const directoryBit = stat.type === 'directory' ? 0x80000000 : stat.type === 'symlink' ? 0x08000000 : 0
  return toBase64(encodeUtf8(JSON.stringify({ name: place.slice(place.lastIndexOf('/') + 1), size: stat.size, mode: directoryBit + stat.mode, mtime: timeText(stat.mtimeMs), linkTarget: stat.type === 'symlink' ? files.readlink(place) : '' })))
}
