/** The parts of a pod that debugging changes. */
export interface DebugContainer {
  name: string
  image?: string
  command?: string[]
  args?: string[]
  env?: unknown[]
  imagePullPolicy?: string
  stdin?: boolean
  tty?: boolean
  securityContext?: SecurityContext
  volumeMounts?: { mountPath: string; name: string }[]
  terminationMessagePolicy?: string
  targetContainerName?: string
  livenessProbe?: unknown
  readinessProbe?: unknown
  startupProbe?: unknown
}

export interface SecurityContext {
  privileged?: boolean
  runAsNonRoot?: boolean
  allowPrivilegeEscalation?: boolean
  capabilities?: { add?: string[]; drop?: string[] }
  seccompProfile?: { type: string }
  runAsUser?: number
}

export interface DebugSpec {
  containers: DebugContainer[]
  initContainers?: DebugContainer[]
  ephemeralContainers?: DebugContainer[]
  volumes?: unknown[]
  nodeName?: string
  hostNetwork?: boolean
  hostPID?: boolean
  hostIPC?: boolean
  shareProcessNamespace?: boolean
  restartPolicy?: string
  tolerations?: unknown[]
  securityContext?: SecurityContext
}

export interface DebugPod {
  apiVersion: 'v1'
  kind: 'Pod'
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string>; [field: string]: unknown }
  spec: DebugSpec
  [field: string]: unknown
}

export function findDebugContainer(pod: DebugPod, name: string): DebugContainer | undefined {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec
  return [...initContainers, ...containers, ...ephemeralContainers].find((container) => container.name === name)
}
