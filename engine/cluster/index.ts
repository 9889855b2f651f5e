/** The engine's only door. */
export { buildCluster, BuildError, type Settle } from './build'
export { Cluster, type ClusterSnapshot, type ClusterStart } from './cluster'
export { decodeClusterSnapshot, encodeClusterSnapshot, ImageError } from './image'
export { gatewayIdentity, type GatewayIdentity } from './identity'
export type { ClusterOptions } from './options'
export { isProfileName, profiles, type ClusterProfile, type MachineProfile, type ProfileName } from './profiles'
export { UnknownHostError, type ClusterAccess, type CommandIo, type OutsidePeer, type TerminalSession, type TerminalSize } from './session'
export { VirtualClock } from '#engine/base/clock'
