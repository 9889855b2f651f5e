/** What the dispatcher, and the endpoints beside the resources, are given. */
import type { Etcd } from '#engine/etcd/api'
import type { TokenSigner } from './actions/action'
import type { Metrics } from './endpoints/metrics'
import type { FlowControl } from './flowcontrol/flow-control'
import type { RestCore } from './rest/core'

export interface DispatchOptions {
  readonly core: RestCore
  readonly etcd: Etcd
  readonly metrics: Metrics
  readonly flowControl: FlowControl
  readonly hooksDone: ReadonlySet<string>
  shuttingDown(): boolean
  readonly tokenSigner?: TokenSigner
  readonly hostname: string
  readonly keys?: OpenIdKeys
}

/** What /openid/v1/jwks and /.well-known/openid-configuration say. */
export interface OpenIdKeys {
  configuration(): unknown
  jwks(): unknown
}
