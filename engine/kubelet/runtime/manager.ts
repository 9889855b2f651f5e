/** Brings a pod's sandbox and containers to what its spec wants, over CRI. Failures are kept by container for its status. */
import type { Container, Pod } from '#engine/api/kinds'
import type { ContainerStatus, Mount, PodSandboxConfig } from '#engine/cri/api'
import { millis } from '#engine/cri/api'
import { RpcError } from '#engine/cri/rpc'
import type { KubeletContext } from '../context'
import { formatGoDuration } from '../config/duration'
import type { ImagePuller } from '../images/puller'
import { WaitError } from '../images/puller'
import { fullName, gracePeriod, klogName, uidOf } from '../pods/names'
import { computeActions, type KillAction, type PodActions, type ProbeVerdicts } from './actions'
import { BackoffTable } from './backoff'
import { SyncComplaints } from './complaints'
import { containerConfig, sandboxConfig } from './config'
import { ConfigError, containerEnvironment, type EnvSources } from './env'
import { type HookRunner, HookError } from './hooks'
import { findContainer, findExited, isExited, isRunning, readRuntimePod, restartCount, type RuntimePod } from './podstatus'
import { containerReference, podReference } from './reference'
import { containerResources } from './resources'
import { allContainers, isSidecar } from './restart'
import { sizeAction } from './sizes'

export interface PodInputs {
  /** Mounts of a container: its volumes, hosts file, termination log. Throws ConfigError. */
  mounts(pod: Pod, container: Container, podIps: readonly string[]): readonly Mount[] | Promise<readonly Mount[]>
  dns(pod: Pod): PodSandboxConfig['dnsConfig']
  hostname(pod: Pod): string
  supplementalGroups(pod: Pod): readonly number[]
  env(pod: Pod, podIps: readonly string[]): EnvSources
  runtimeHandler(pod: Pod): Promise<string>
  readonly nodeMemoryBytes: number
}

export interface WaitReason { readonly reason: string; readonly message: string }

/** What a sync left undone, in the kubelet's words, and when it is worth trying again. */
export interface SyncOutcome { readonly failed: boolean; readonly errors: readonly string[]; readonly retryAtMs: number | undefined }

export class RuntimeManager {
  private readonly waiting = new Map<string, WaitReason>()
  private readonly backoff: BackoffTable
  private retryAtMs: number | undefined
  private readonly complaints: SyncComplaints

  constructor(
    private readonly context: KubeletContext,
    private readonly puller: ImagePuller,
    private readonly probes: ProbeVerdicts,
    private readonly hooks: HookRunner,
    private readonly inputs: PodInputs,
  ) {
    this.complaints = new SyncComplaints(context.klog)
    this.backoff = new BackoffTable(() => context.clock.now(), Math.min(10_000, context.config.maxContainerRestartPeriodMs), context.config.maxContainerRestartPeriodMs)
  }

  read(uid: string): Promise<RuntimePod> {
    return readRuntimePod(this.context.cri, uid)
  }

  /** Why a container of a pod does not run, if the last try told. */
  waitReason(uid: string, container: string): WaitReason | undefined {
    return this.waiting.get(`${uid}/${container}`)
  }

  /** Some container of the pod waits for the end of its crash back-off. */
  restartsLater(pod: Pod): boolean {
    return allContainers(pod).some(({ container }) => this.waitReason(uidOf(pod), container.name)?.reason === 'CrashLoopBackOff')
  }

  forget(pod: Pod): void {
    const uid = uidOf(pod)
    for (const key of this.waiting.keys()) if (key.startsWith(`${uid}/`)) this.waiting.delete(key)
    this.backoff.forget(`${uid}_`)
    this.puller.forget(pod)
  }

  /** Every running container has the resources that the pod was given. */
  sized(pod: Pod, runtime: RuntimePod): boolean {
    return allContainers(pod).every(({ container }) => {
      const status = findContainer(runtime, container.name)
      return !status || !isRunning(status) || sizeAction(pod, container, status, this.inputs.nodeMemoryBytes) === 'same'
    })
  }

  /** Only the newest dead container of a name is kept, for its log and its exit code. */
  async prune(runtime: RuntimePod): Promise<void> {
    const seen = new Set<string>()
    for (const status of runtime.containers) {
      if (!isExited(status)) continue
      if (seen.has(status.metadata.name)) {
        this.context.klog.info('scope.go:122', 'RemoveContainer', { containerID: status.id })
        await this.context.cri.runtime.RemoveContainer({ containerId: status.id })
      }
      seen.add(status.metadata.name)
    }
  }

  async sync(pod: Pod, runtime: RuntimePod): Promise<SyncOutcome> {
    this.retryAtMs = undefined
    await this.puller.warnOfMissingSecrets(pod)
    const outcome = await this.syncPod(pod, runtime)
    return { failed: !outcome, errors: this.complaints.take(pod), retryAtMs: this.retryAtMs }
  }

  /** True when everything that was to be done went well. */
  private async syncPod(pod: Pod, runtime: RuntimePod): Promise<boolean> {
    const actions = computeActions(pod, runtime, this.probes, (container, status) => sizeAction(pod, container, status, this.inputs.nodeMemoryBytes))
    if (actions.killPod) await this.killForNewSandbox(pod, runtime, actions)
    else for (const action of actions.kill) await this.kill(pod, action.status, { container: action.container, message: action.message, reason: action.reason, gracePeriod: probeGrace(pod, action) })
    for (const { container, id } of actions.resize) await this.context.cri.runtime.UpdateContainerResources({ containerId: id, linux: containerResources(pod, container, this.inputs.nodeMemoryBytes) })
    if (!startsAnything(actions)) return true
    const config = this.sandboxConfig(pod, actions.attempt)
    if (!config) return false
    const sandbox = actions.createSandbox ? await this.newSandbox(pod, config) : actions.sandbox && { id: actions.sandbox.id, ips: ipsOf(actions.sandbox) }
    if (!sandbox) return !actions.createSandbox
    const podIps = pod.spec?.hostNetwork ? this.context.nodeIps : sandbox.ips
    return this.startAll(actions, (container) => this.startContainer(pod, container, runtime, { sandboxId: sandbox.id, config, podIps }))
  }

  /** Ephemeral containers first, then init containers in their order, then the others. */
  private async startAll(actions: PodActions, start: (container: Container) => Promise<boolean>): Promise<boolean> {
    let fine = true
    for (const container of actions.ephemeral) fine = (await start(container)) && fine
    for (const container of actions.initToStart) {
      const started = await start(container)
      fine = started && fine
      if (!started && !isSidecar(container)) return false
    }
    for (const container of actions.start) fine = (await start(container)) && fine
    return fine
  }

  private async newSandbox(pod: Pod, config: PodSandboxConfig): Promise<{ id: string; ips: string[] } | undefined> {
    const id = await this.createSandbox(pod, config)
    return id === undefined ? undefined : { id, ips: await this.sandboxIps(id) }
  }

  private async killForNewSandbox(pod: Pod, runtime: RuntimePod, actions: PodActions): Promise<void> {
    const ready = runtime.sandboxes.filter((sandbox) => sandbox.state === 'SANDBOX_READY')
    if (actions.createSandbox && actions.attempt > 0) this.context.events.event(podReference(pod), 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
    await this.killContainers(pod, runtime, undefined)
    for (const sandbox of ready.length > 0 ? ready : runtime.sandboxes.slice(0, 1)) await this.stopSandbox(sandbox.id)
  }

  /** Stops all that runs of a pod, sidecars last, then its sandboxes. */
  async killPod(pod: Pod, runtime: RuntimePod, graceOverride: number | undefined, onSidecars?: () => void): Promise<void> {
    await this.killContainers(pod, runtime, graceOverride, onSidecars)
    for (const sandbox of runtime.sandboxes) if (sandbox.state === 'SANDBOX_READY' || sandbox === runtime.sandboxes[0]) await this.stopSandbox(sandbox.id)
  }

  private async killContainers(pod: Pod, runtime: RuntimePod, graceOverride: number | undefined, onSidecars?: () => void): Promise<void> {
    const running = runtime.containers.filter((status) => status.state === 'CONTAINER_RUNNING')
    const sidecars = (pod.spec?.initContainers ?? []).filter(isSidecar)
    const isSide = (status: ContainerStatus): boolean => sidecars.some((container) => container.name === status.metadata.name)
    const deadline = this.context.clock.now() + (graceOverride ?? gracePeriod(pod)) * 1000
    await Promise.all(running.filter((status) => !isSide(status)).map((status) => this.kill(pod, status, { container: containerOf(pod, status.metadata.name), reason: 'stopping', ...(graceOverride === undefined ? {} : { gracePeriod: graceOverride }) })))
    onSidecars?.()
    for (const container of [...sidecars].reverse()) {
      const status = running.find((item) => item.metadata.name === container.name)
      if (!status) continue
      const left = Math.max(0, Math.ceil((deadline - this.context.clock.now()) / 1000))
      await this.kill(pod, status, { container, reason: 'stopping', gracePeriod: left })
    }
  }

  /** preStop, the stop signal, the grace period, then KILL. */
  async kill(pod: Pod, status: ContainerStatus, how: { container: Container | undefined; message?: string; reason: KillAction['reason']; gracePeriod?: number }): Promise<void> {
    const name = status.metadata.name
    this.context.events.event(containerReference(pod, name), 'Normal', 'Killing', how.message ?? `Stopping container ${name}`)
    let grace = how.gracePeriod ?? gracePeriod(pod)
    const preStop = how.container?.lifecycle?.preStop
    if (preStop && grace > 0 && how.container) {
      const startedAt = this.context.clock.now()
      await this.runPreStop(pod, how.container, status, preStop, grace)
      grace = Math.max(0, grace - Math.floor((this.context.clock.now() - startedAt) / 1000))
    }
    // A pod with a grace period gets at least two seconds for the signal, whatever the hook has used.
    const timeout = how.gracePeriod === 0 ? 0 : Math.max(grace, preStop ? 2 : grace)
    await this.context.cri.runtime.StopContainer({ containerId: status.id, timeout })
  }

  private async runPreStop(pod: Pod, container: Container, status: ContainerStatus, preStop: NonNullable<NonNullable<Container['lifecycle']>['preStop']>, grace: number): Promise<void> {
    const { clock, klog } = this.context
    let timer: { cancel(): void } | undefined
    const late = new Promise<void>((resolve) => {
      timer = clock.after(grace * 1000, resolve)
    })
    const run = this.hooks.run(pod, container, status.id, preStop).catch((error: unknown) => {
      if (!(error instanceof HookError)) throw error
      klog.error('kuberuntime_container.go:723', error.message, 'PreStop hook failed', { pod: klogName(pod), podUID: uidOf(pod), containerName: container.name, containerID: `containerd://${status.id}` })
      this.context.events.event(containerReference(pod, container.name), 'Warning', 'FailedPreStopHook', 'PreStopHook failed')
    })
    await Promise.race([run, late])
    timer?.cancel()
  }

  private sandboxConfig(pod: Pod, attempt: number): PodSandboxConfig | undefined {
    try {
      return this.generateSandboxConfig(pod, attempt)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      this.complaints.sandboxConfig(pod, error)
      this.context.events.event(podReference(pod), 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${error.message}`)
      return undefined
    }
  }

  private generateSandboxConfig(pod: Pod, attempt: number): PodSandboxConfig {
    const { config } = this.context
    return sandboxConfig(pod, { attempt, hostname: this.inputs.hostname(pod), dns: this.inputs.dns(pod), podLogsDir: config.podLogsDir, cgroupDriver: config.cgroupDriver, seccompDefault: config.seccompDefault })
  }

  private async createSandbox(pod: Pod, config: PodSandboxConfig): Promise<string | undefined> {
    try {
      const runtimeHandler = await this.inputs.runtimeHandler(pod)
      this.context.process.files.mkdirAll(config.logDirectory, 0o755)
      return (await this.context.cri.runtime.RunPodSandbox({ config, runtimeHandler })).podSandboxId
    } catch (error) {
      if (!(error instanceof RpcError) && !(error instanceof ConfigError)) throw error
      this.complaints.sandbox(pod, error)
      this.context.events.event(podReference(pod), 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${error.message}`)
      return undefined
    }
  }

  private async sandboxIps(id: string): Promise<string[]> {
    const { status } = await this.context.cri.runtime.PodSandboxStatus({ podSandboxId: id })
    return ipsOf(status)
  }

  async stopSandbox(id: string): Promise<void> {
    await this.context.cri.runtime.StopPodSandbox({ podSandboxId: id })
  }

  private async startContainer(pod: Pod, container: Container, runtime: RuntimePod, where: { sandboxId: string; config: PodSandboxConfig; podIps: readonly string[] }): Promise<boolean> {
    const key = `${uidOf(pod)}/${container.name}`
    const last = findContainer(runtime, container.name)
    const reference = containerReference(pod, container.name)
    try {
      this.checkBackoff(pod, container, findExited(runtime, container.name))
      await this.start(pod, container, last, where)
      this.waiting.delete(key)
      return true
    } catch (error) {
      if (!(error instanceof WaitError)) throw error
      this.waiting.set(key, { reason: error.reason, message: error.message })
      this.complaints.container(pod, container, error)
      if (error.reason === 'ImagePullBackOff' || error.reason === 'ErrImagePull') this.retry(this.puller.retryAt(pod, container.image ?? ''))
      if (error.reason !== 'CrashLoopBackOff') this.context.events.event(reference, 'Warning', 'Failed', `Error: ${imageReasons.has(error.reason) ? error.reason : error.message}`)
      return false
    }
  }

  private checkBackoff(pod: Pod, container: Container, dead: ContainerStatus | undefined): void {
    if (!dead) return
    const finishedAt = millis(dead.finishedAt)
    const key = `${uidOf(pod)}_${container.name}_${container.image ?? ''}`
    if (!this.backoff.inBackoffSince(key, finishedAt)) return this.backoff.next(key, finishedAt)
    const name = `${fullName(pod)}(${uidOf(pod)})`
    this.context.events.event(containerReference(pod, container.name), 'Warning', 'BackOff', `Back-off restarting failed container ${container.name} in pod ${name}`)
    this.retry(this.backoff.endsAt(key, finishedAt))
    throw new WaitError('CrashLoopBackOff', `back-off ${formatGoDuration(this.backoff.delay(key))} restarting failed container=${container.name} pod=${name}`)
  }

  private async start(pod: Pod, container: Container, last: ContainerStatus | undefined, where: { sandboxId: string; config: PodSandboxConfig; podIps: readonly string[] }): Promise<void> {
    const { cri, events } = this.context
    const reference = containerReference(pod, container.name)
    const { id } = await this.puller.ensure(pod, container)
    const config = await this.generateConfig(pod, container, id, last, where.podIps)
    const containerId = await this.create(where, config)
    events.event(reference, 'Normal', 'Created', 'Container created')
    try {
      await cri.runtime.StartContainer({ containerId })
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      this.complaints.runtime('StartContainer from runtime service failed', error, { containerID: containerId })
      throw new WaitError('RunContainerError', error.description)
    }
    events.event(reference, 'Normal', 'Started', 'Container started')
    this.linkLog(pod, container, containerId, where.config, config.logPath)
    await this.postStart(pod, container, containerId)
  }

  private async generateConfig(pod: Pod, container: Container, imageId: string, last: ContainerStatus | undefined, podIps: readonly string[]): Promise<ReturnType<typeof containerConfig>> {
    try {
      const { image } = await this.context.cri.images.ImageStatus({ image: { image: imageId } })
      if (!image) throw new ConfigError(`image "${imageId}" not found`)
      const env = await containerEnvironment(pod, container, this.inputs.env(pod, podIps))
      const mounts = await this.inputs.mounts(pod, container, podIps)
      const targetName = (container as { targetContainerName?: string }).targetContainerName
      const targetId = targetName ? findContainer(await this.read(uidOf(pod)), targetName)?.id : undefined
      return containerConfig(pod, container, {
        image, env, mounts, restartCount: last ? restartCount(last) + 1 : 0, nodeMemoryBytes: this.inputs.nodeMemoryBytes, seccompDefault: this.context.config.seccompDefault,
        supplementalGroups: this.inputs.supplementalGroups(pod), ...(targetId === undefined ? {} : { targetId }),
      })
    } catch (error) {
      if (!(error instanceof ConfigError) && !(error instanceof RpcError)) throw error
      throw new WaitError('CreateContainerConfigError', error.message)
    }
  }

  private async create(where: { sandboxId: string; config: PodSandboxConfig }, config: ReturnType<typeof containerConfig>): Promise<string> {
    this.context.process.files.mkdirAll(`${where.config.logDirectory}/${config.metadata.name}`, 0o755)
    try {
      return (await this.context.cri.runtime.CreateContainer({ podSandboxId: where.sandboxId, config, sandboxConfig: where.config })).containerId
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      this.complaints.runtime('CreateContainer in sandbox from runtime service failed', error, { podSandboxID: where.sandboxId })
      throw new WaitError('CreateContainerError', error.description)
    }
  }

  /** /var/log/containers/POD_NAMESPACE_CONTAINER-ID.log, for who collects logs. */
  private linkLog(pod: Pod, container: Container, id: string, sandbox: PodSandboxConfig, logPath: string): void {
    const { files } = this.context.process
    files.mkdirAll('/var/log/containers', 0o755)
    const link = `/var/log/containers/${pod.metadata.name ?? ''}_${pod.metadata.namespace ?? ''}_${container.name}-${id}.log`
    files.symlink(`${sandbox.logDirectory}/${logPath}`, link)
  }

  private async postStart(pod: Pod, container: Container, containerId: string): Promise<void> {
    const hook = container.lifecycle?.postStart
    if (!hook) return
    try {
      await this.hooks.run(pod, container, containerId, hook)
    } catch (error) {
      if (!(error instanceof HookError)) throw error
      this.context.klog.error('kuberuntime_container.go:331', error.message, 'Failed to execute PostStartHook', { pod: klogName(pod), podUID: uidOf(pod), containerName: container.name, containerID: `containerd://${containerId}` })
      this.context.events.event(containerReference(pod, container.name), 'Warning', 'FailedPostStartHook', 'PostStartHook failed')
      const { status } = await this.context.cri.runtime.ContainerStatus({ containerId })
      if (isRunning(status)) await this.kill(pod, status, { container, message: 'FailedPostStartHook', reason: 'stopping' })
      throw new WaitError('PostStartHookError', 'PostStartHook failed')
    }
  }

  private retry(atMs: number): void {
    if (this.retryAtMs === undefined || atMs < this.retryAtMs) this.retryAtMs = atMs
  }
}

function startsAnything(actions: PodActions): boolean {
  return actions.createSandbox || actions.initToStart.length + actions.start.length + actions.ephemeral.length > 0
}

const imageReasons = new Set(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull', 'ImageInspectError'])

function probeGrace(pod: Pod, action: KillAction): number {
  const probe = action.reason === 'liveness' ? action.container?.livenessProbe : action.reason === 'startup' ? action.container?.startupProbe : undefined
  return probe?.terminationGracePeriodSeconds ?? gracePeriod(pod)
}

export function ipsOf(sandbox: { network: { ip: string; additionalIps: { ip: string }[] } }): string[] {
  return [sandbox.network.ip, ...sandbox.network.additionalIps.map(({ ip }) => ip)].filter((ip) => ip !== '')
}

function containerOf(pod: Pod, name: string): Container | undefined {
  return allContainers(pod).find(({ container }) => container.name === name)?.container
}
