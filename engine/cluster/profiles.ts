/** Which machines a cluster has, and what is installed in it. Data only. */
import type { Addon } from './addons/addon'
import { metricsServer } from './addons/metrics-server'

export type ProfileName = 'one' | 'two' | 'three'

export interface MachineProfile {
  readonly name: string
  /** `desk` is where a candidate sits: it is no node. */
  readonly role: 'desk' | 'control-plane' | 'worker'
  readonly address: string
  readonly memoryBytes: number
  readonly processors: number
}

export interface ClusterProfile {
  readonly name: ProfileName
  readonly kubernetesVersion: string
  readonly gateway: string
  /** Bits of the machines' common network. */
  readonly prefixLength: number
  readonly podSubnet: string
  readonly machines: readonly MachineProfile[]
  readonly addons: readonly Addon[]
}

const gibibyte = 1024 ** 3
const node = (name: string, role: MachineProfile['role'], address: string): MachineProfile => ({ name, role, address, memoryBytes: 4 * gibibyte, processors: 2 })

const base = node('base', 'desk', '172.30.1.10')
const controlplane = node('controlplane', 'control-plane', '172.30.1.2')
const workers = [node('node01', 'worker', '172.30.1.3'), node('node02', 'worker', '172.30.1.4')]

function profile(name: ProfileName, workerCount: number, addons: readonly Addon[] = []): ClusterProfile {
  return { name, kubernetesVersion: 'v1.35.4', gateway: '172.30.1.1', prefixLength: 24, podSubnet: '192.168.0.0/16', machines: [base, controlplane, ...workers.slice(0, workerCount)], addons }
}

export const profiles: Readonly<Record<ProfileName, ClusterProfile>> = {
  one: profile('one', 0),
  two: profile('two', 1),
  three: profile('three', 2, [metricsServer]),
}

export function isProfileName(text: string): text is ProfileName {
  return text in profiles
}
