/** What a kubelet says while its managers start, in its order, and of what it cannot reach. */
import type { Klog } from '#engine/base/klog'
import { errorText } from '#engine/cri/rpc'
import type { KubeletConfig } from './config/config'

/** `check` comes where a kubelet reads its reservations and thresholds. */
export function announceContainerManager(klog: Klog, nodeName: string, check: () => void): void {
  klog.info('server.go:775', '--cgroups-per-qos enabled, but --cgroup-root was not specified.  Defaulting to /')
  check()
  klog.line('I', 'container_manager_linux.go:272', '"Container manager verified user specified cgroup-root exists" cgroupRoot=[]')
  klog.line('I', 'container_manager_linux.go:277', `"Creating Container Manager object based on Node Config" nodeConfig={"NodeName":"${nodeName}","RuntimeCgroupsName":"","SystemCgroupsName":"","KubeletCgroupsName":"","KubeletOOMScoreAdj":-999,"ContainerRuntime":"","CgroupsPerQOS":true,"CgroupRoot":"/","CgroupDriver":"systemd","KubeletRootDir":"/var/lib/kubelet","ProtectKernelDefaults":false}`)
  klog.info('topology_manager.go:143', 'Creating topology manager with none policy')
  klog.info('container_manager_linux.go:308', 'Creating device plugin manager')
  klog.info('container_manager_linux.go:317', 'Creating Dynamic Resource Allocation (DRA) manager')
  klog.info('state_mem.go:41', 'Initialized', { logger: 'CPUManager state memory' })
}

/** Features that wait for their gates. */
export function announceGates(klog: Klog): void {
  klog.info('kubelet.go:943', 'Not starting ClusterTrustBundle informer because we are in static kubelet mode or the ClusterTrustBundleProjection featuregate is disabled')
  klog.info('kubelet.go:970', 'Not starting PodCertificateRequest manager because we are in static kubelet mode or the PodCertificateProjection feature gate is disabled')
}

export function announceManagers(klog: Klog, config: KubeletConfig): void {
  klog.info('fs_resource_analyzer.go:69', 'Starting FS ResourceAnalyzer')
  klog.info('volume_manager.go:311', 'Starting Kubelet Volume Manager')
  klog.info('desired_state_of_world_populator.go:146', 'Desired state populator starts to run')
  klog.info('reconciler.go:29', 'Reconciler: start to sync state')
  klog.line('I', 'factory.go:223', 'Registration of the containerd container factory successfully')
  klog.line('I', 'factory.go:223', 'Registration of the systemd container factory successfully')
  for (const protocol of ['IPv4', 'IPv6']) klog.info('kubelet_network_linux.go:54', 'Initialized iptables rules.', { protocol })
  klog.info('status_manager.go:249', 'Starting to sync pod status with apiserver')
  klog.info('kubelet.go:2501', 'Starting kubelet main sync loop')
  klog.error('kubelet.go:2525', '[container runtime status check may not have completed yet, PLEG is not healthy: pleg has yet to be successful]', 'Skipping pod synchronization')
  announceResources(klog, config)
  klog.info('eviction_manager.go:194', 'Eviction manager: starting control loop')
  klog.info('container_log_manager.go:146', 'Initializing container log rotate workers', { workers: 1, monitorPeriod: '10s' })
  klog.info('plugin_manager.go:121', 'Starting Kubelet Plugin Manager')
}

function announceResources(klog: Klog, config: KubeletConfig): void {
  const state = 'CPUManager state checkpoint.CPUManager state memory'
  klog.info('cpu_manager.go:225', 'Starting', { policy: config.cpuManagerPolicy })
  klog.info('cpu_manager.go:226', 'Reconciling', { reconcilePeriod: '10s' })
  klog.info('state_mem.go:41', 'Initialized', { logger: state })
  klog.info('state_mem.go:94', 'Updated default CPUSet', { logger: state, cpuSet: '' })
  klog.line('I', 'state_mem.go:102', `"Updated CPUSet assignments" logger="${state}" assignments={}`)
  klog.info('policy_none.go:50', 'Start')
  klog.info('memory_manager.go:187', 'Starting memorymanager', { policy: 'None' })
  klog.info('state_mem.go:36', 'Initializing new in-memory state store', { logger: 'Memory Manager state checkpoint' })
  klog.info('state_mem.go:77', 'Updated machine memory state', { logger: 'Memory Manager state checkpoint' })
  klog.info('policy_none.go:44', 'Start')
}

/** A reflector's complaint of a list that failed; a watch that is refused is begun again without a word. */
export function tellFailedList(klog: Klog, kind: string): (error: unknown, phase: 'list' | 'watch') => void {
  return (error, phase) => {
    if (phase === 'list') klog.error('reflector.go:205', `failed to list *v1.${kind}: ${errorText(error)}`, 'Failed to watch', { logger: 'UnhandledError', reflector: 'k8s.io/client-go/informers/factory.go:160', type: `*v1.${kind}` })
  }
}
