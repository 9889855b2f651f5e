/** Volumes of pods: set up below the pod's directory before its containers start, kept up to date, taken down at its end. */
import type { Container, Pod, Volume, VolumeMount } from '#engine/api/kinds'
import type { Mount } from '#engine/cri/api'
import { isErrno } from '#engine/linux/abi/errno'
import type { Files, Stat } from '#engine/linux/abi/files'
import type { KubeletContext } from '../context'
import { uidOf } from '../pods/names'
import { ConfigError, expand } from '../runtime/env'
import { MountError } from './errors'
import { ownerships } from './ownership'
import { PendingOperations } from './pending'
import type { VolumePlugin, VolumeSetup } from './plugin'

const propagations: Readonly<Record<string, NonNullable<Mount['propagation']>>> = { Bidirectional: 'PROPAGATION_BIDIRECTIONAL', HostToContainer: 'PROPAGATION_HOST_TO_CONTAINER' }

export interface MountOutcome {
  /** Names of the volumes that are not there yet; empty when the pod can start. */
  readonly missing: readonly string[]
  /** What failed just now, one of a volume. */
  readonly failures: readonly MountError[]
  readonly retryAtMs?: number | undefined
  /** The sync has waited as long as it does, in its words. */
  readonly error?: string
}

export class VolumeManager {
  /** Ready volumes by pod and name: their paths on the host. */
  private readonly ready = new Map<string, Map<string, string>>()
  private readonly refreshers = new Map<string, { cancel(): void }>()

  private readonly pending: PendingOperations

  constructor(
    private readonly context: KubeletContext,
    private readonly plugins: readonly VolumePlugin[],
  ) {
    this.pending = new PendingOperations(context)
  }

  directory(pod: Pod): string {
    return `${this.context.flags.rootDirectory}/pods/${uidOf(pod)}`
  }

  /** Sets up what is not ready and not in its pause after a failure; each failure has a pause of its own. */
  async mount(pod: Pod): Promise<MountOutcome> {
    const uid = uidOf(pod)
    const known = this.ready.get(uid) ?? new Map<string, string>()
    this.ready.set(uid, known)
    const failures: MountError[] = []
    for (const volume of pod.spec?.volumes ?? []) {
      if (known.has(volume.name) || !this.pending.due(this.operation(pod, volume))) continue
      const got = await this.tried(pod, volume)
      if (got instanceof MountError) failures.push(got)
      else known.set(volume.name, got)
    }
    const missing = (pod.spec?.volumes ?? []).filter((volume) => !known.has(volume.name)).map((volume) => volume.name)
    if (missing.length > 0) return { missing, failures, retryAtMs: this.pending.nextAt(pod), ...(this.pending.outOfPatience(pod) ? { error: `unmounted volumes=[${missing.join(' ')}], unattached volumes=[], failed to process volumes=[]: context deadline exceeded` } : {}) }
    this.pending.forget(pod)
    return { missing, failures }
  }

  private async tried(pod: Pod, volume: Volume): Promise<string | MountError> {
    try {
      return await this.setUp(pod, volume)
    } catch (error) {
      if (!(error instanceof MountError)) throw error
      error.operation = { unique: this.operation(pod, volume), volume: volume.name }
      this.pending.tell(pod, error)
      return error
    }
  }

  private operation(pod: Pod, volume: Volume): string {
    const plugin = this.pluginFor(volume)?.directory.replace('~', '/') ?? 'kubernetes.io/unknown'
    return `${plugin}/${uidOf(pod)}-${volume.name}`
  }

  /** Sources of a pod's volumes have changed: brought up to date within the time a kubelet takes for it. */
  refreshSoon(uid: string, afterMs: number, latest: (uid: string) => Pod | undefined): void {
    if (!this.ready.has(uid) || this.refreshers.has(uid)) return
    const timer = this.context.clock.after(afterMs, () => {
      this.refreshers.delete(uid)
      const pod = latest(uid)
      if (pod) this.context.process.background(() => this.refresh(pod))
    })
    this.refreshers.set(uid, timer)
  }

  async refresh(pod: Pod): Promise<void> {
    const known = this.ready.get(uidOf(pod))
    if (!known) return
    for (const volume of pod.spec?.volumes ?? []) {
      const plugin = this.pluginFor(volume)
      if (!plugin?.live || !known.has(volume.name)) continue
      try {
        await plugin.setUp(this.setup(pod, volume, plugin))
      } catch (error) {
        if (!(error instanceof MountError)) throw error
      }
    }
  }

  async unmount(pod: Pod): Promise<void> {
    const uid = uidOf(pod)
    this.refreshers.get(uid)?.cancel()
    this.refreshers.delete(uid)
    for (const volume of pod.spec?.volumes ?? []) {
      const plugin = this.pluginFor(volume)
      if (plugin?.tearDown) await plugin.tearDown(this.setup(pod, volume, plugin))
    }
    this.ready.delete(uid)
    this.pending.forget(pod)
    const { files } = this.context.process
    try {
      files.removeAll(this.directory(pod))
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }

  /** The path of a volume on the host; undefined while it is not ready. */
  path(pod: Pod, name: string): string | undefined {
    return this.ready.get(uidOf(pod))?.get(name)
  }

  mountsOf(pod: Pod, container: Container, env: ReadonlyMap<string, string>): Mount[] {
    return (container.volumeMounts ?? []).map((mount) => this.mountOf(pod, container, mount, env))
  }

  private mountOf(pod: Pod, container: Container, mount: VolumeMount, env: ReadonlyMap<string, string>): Mount {
    const volume = (pod.spec?.volumes ?? []).find((item) => item.name === mount.name)
    const path = this.path(pod, mount.name)
    if (!volume || path === undefined) throw new ConfigError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`)
    const subPath = mount.subPathExpr === undefined ? mount.subPath : expand(mount.subPathExpr, env)
    const { mountPath, readOnly = false, mountPropagation = 'None' } = mount
    const base: Mount = { containerPath: mountPath.replace(/^(?!\/)/, '/'), hostPath: path, readonly: readOnly || this.alwaysReadOnly(volume), propagation: propagations[mountPropagation] ?? 'PROPAGATION_PRIVATE' }
    if ((volume as { image?: object }).image) return imageMount(base, path, subPath)
    return subPath ? { ...base, hostPath: this.subPath(pod, volume.name, container.name, path, subPath) } : base
  }

  private alwaysReadOnly(volume: Volume): boolean {
    return volume.configMap !== undefined || volume.secret !== undefined || volume.projected !== undefined || volume.downwardAPI !== undefined
  }

  /** A sub-path is bound as what it is now: later updates of the volume do not reach it. */
  private subPath(pod: Pod, volume: string, container: string, path: string, subPath: string): string {
    const { files } = this.context.process
    const full = `${path}/${subPath}`
    const what = `volumeMount ${JSON.stringify(volume)} of container ${JSON.stringify(container)}`
    const stat = makeSubPath(files, path, full, what)
    if (!stat) return full
    const real = files.realpath(full)
    if (!`${real}/`.startsWith(`${files.realpath(path)}/`)) throw new ConfigError(`failed to prepare subPath for ${what}`)
    if (stat.type !== 'file' || !real.startsWith(this.directory(pod))) return real
    // A second name keeps the file when an update of the volume takes the first away.
    const directory = `${this.directory(pod)}/volume-subpaths/${volume}/${container}`
    files.mkdirAll(directory, 0o750)
    const held = `${directory}/${subPath.replace(/\//g, '~')}`
    if (files.exists(held)) files.unlink(held)
    files.link(real, held)
    return held
  }

  private pluginFor(volume: Volume): VolumePlugin | undefined {
    return this.plugins.find((plugin) => plugin.handles(volume))
  }

  private async setUp(pod: Pod, volume: Volume): Promise<string> {
    const plugin = this.pluginFor(volume)
    if (!plugin) throw new MountError(`MountVolume.SetUp failed for volume "${volume.name}" : no volume plugin matched`)
    const setup = this.setup(pod, volume, plugin)
    const path = await plugin.setUp(setup)
    if (plugin.owned && !setup.readOnly) ownerships(this.context.process.files, path, pod)
    return path
  }

  private setup(pod: Pod, volume: Volume, plugin: VolumePlugin): VolumeSetup {
    const mounts = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].flatMap((container) => (container.volumeMounts ?? []).filter((mount) => mount.name === volume.name))
    return { pod, volume, path: `${this.directory(pod)}/volumes/${plugin.directory}/${volume.name}`, readOnly: mounts.length > 0 && mounts.every((mount) => mount.readOnly) }
  }
}

function imageMount(base: Mount, image: string, subPath: string | undefined): Mount {
  return { ...base, image: { image }, hostPath: '', readonly: true, ...(subPath ? { imageSubPath: subPath } : {}) }
}

/** What stands at a sub-path; where nothing does, a directory with the volume's own mode is made and undefined comes back. */
function makeSubPath(files: Files, volumePath: string, full: string, what: string): Stat | undefined {
  try {
    const stat = files.exists(full)
    if (!stat) files.mkdirAll(full, files.stat(volumePath).mode & 0o7777)
    return stat
  } catch (error) {
    // Without detail: it would tell about the host's files.
    if (isErrno(error)) throw new ConfigError(`failed to create subPath directory for ${what}`)
    throw error
  }
}
