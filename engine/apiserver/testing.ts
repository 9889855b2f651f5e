/** An API server over an etcd in memory, for the tests of whoever needs one. */
import { VirtualClock } from '#engine/base/clock'
import type { HttpRequest, HttpResponse } from '#engine/base/http'
import { SeededRandom } from '#engine/base/random'
import { EtcdStore } from '#engine/etcd/store'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import { ApiServer, loopbackUser, type ApiServerOptions } from './server'

export interface TestServer {
  readonly server: ApiServer
  readonly clock: VirtualClock
  readonly etcd: EtcdStore
  /** A `Transport` (of `client`): requests as the given user, default a cluster administrator. */
  transport(user?: UserInfo): { request(request: HttpRequest): Promise<HttpResponse> }
}

export async function startTestServer(options: Partial<ApiServerOptions> = {}): Promise<TestServer> {
  const clock = (options.clock as VirtualClock | undefined) ?? new VirtualClock(Date.UTC(2026, 10, 21, 9, 0, 0))
  const random = options.random ?? new SeededRandom('test')
  const etcd = (options.etcd as EtcdStore | undefined) ?? new EtcdStore({ clock, random: random.fork('etcd') })
  const server = new ApiServer({ clock, random, etcd, ...options })
  await server.start()
  return { server, clock, etcd, transport: (user = loopbackUser) => ({ request: (request) => server.serveAs(user, request) }) }
}
