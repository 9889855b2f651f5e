/** What the routes stand on. */
import type { Lifecycle } from '../containers/lifecycle'
import type { DockerHost } from '../host'
import type { Images } from '../images'
import type { Connections } from '../network/connections'
import type { Networks } from '../network/networks'
import type { Volumes } from '../volumes'

export interface Engine {
  readonly host: DockerHost
  readonly networks: Networks
  readonly volumes: Volumes
  readonly connections: Connections
  readonly lifecycle: Lifecycle
  readonly images: Images
}
