/** Makes sure that a container's image is there: pull policies, back-off, credentials, and the events and words of each failure. */
import type { Container, Pod } from '#engine/api/kinds'
import { formatReference, parseReference, ReferenceError, withDefaultTag } from '#engine/cri/images/reference'
import { RpcError } from '#engine/cri/rpc'
import { formatGoDuration } from '../config/duration'
import type { KubeletContext } from '../context'
import { uidOf } from '../pods/names'
import { BackoffTable } from '../runtime/backoff'
import { containerReference, podReference } from '../runtime/reference'
import type { PullSecrets } from './credentials'

/** Why a container waits: `reason` as its state tells it. */
export class WaitError extends Error {
  override readonly name = 'WaitError'

  constructor(
    readonly reason: string,
    message: string,
  ) {
    super(message)
  }
}

export interface PulledImage { readonly id: string; readonly name: string }

export class ImagePuller {
  private readonly backoff: BackoffTable
  private readonly failures = new Map<string, string>()
  private queue: Promise<void> = Promise.resolve()

  constructor(
    private readonly context: KubeletContext,
    private readonly secrets: PullSecrets,
  ) {
    this.backoff = new BackoffTable(() => context.clock.now(), 10_000, 300_000)
  }

  forget(pod: Pod): void {
    this.backoff.forget(`${uidOf(pod)}_`)
  }

  /** When a pull that is held back may be tried again. */
  retryAt(pod: Pod, image: string): number {
    const key = `${uidOf(pod)}_${image}`
    return this.backoff.lastUpdate(key) + this.backoff.delay(key)
  }

  async warnOfMissingSecrets(pod: Pod): Promise<void> {
    if ((pod.spec?.imagePullSecrets ?? []).length === 0) return
    const missing = await this.secrets.missing(pod)
    if (missing.length > 0) this.context.events.event(podReference(pod), 'Warning', 'FailedToRetrieveImagePullSecret', `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`)
  }

  async ensure(pod: Pod, container: Pick<Container, 'name' | 'image' | 'imagePullPolicy'>): Promise<PulledImage> {
    const reference = containerReference(pod, container.name)
    const event = (type: 'Normal' | 'Warning', reason: string, message: string): void => this.context.events.event(reference, type, reason, message)
    const image = container.image ?? ''
    const name = this.fullName(image, event)
    const present = await this.present(name, image, event)
    const policy = container.imagePullPolicy ?? 'IfNotPresent'
    if (policy === 'Never' && !present) {
      const message = `Container image "${image}" is not present with pull policy of Never`
      event('Warning', 'ErrImageNeverPull', message)
      throw new WaitError('ErrImageNeverPull', message)
    }
    if (present && policy !== 'Always') {
      event('Normal', 'Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`)
      return { id: present, name }
    }
    return this.pull(pod, image, name, event)
  }

  private fullName(image: string, event: (type: 'Warning', reason: string, message: string) => void): string {
    try {
      return formatReference(withDefaultTag(parseReference(image)))
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error
      const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${error.message}`
      event('Warning', 'InspectFailed', message)
      throw new WaitError('InvalidImageName', message)
    }
  }

  private async present(name: string, image: string, event: (type: 'Warning', reason: string, message: string) => void): Promise<string | undefined> {
    try {
      return (await this.context.cri.images.ImageStatus({ image: { image: name } })).image?.id
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      const message = `Failed to inspect image "${image}": ${error.message}`
      event('Warning', 'InspectFailed', message)
      throw new WaitError('ImageInspectError', message)
    }
  }

  private async pull(pod: Pod, image: string, name: string, event: (type: 'Normal' | 'Warning', reason: string, message: string) => void): Promise<PulledImage> {
    const key = `${uidOf(pod)}_${image}`
    if (this.backoff.inBackoff(key)) {
      const message = `Back-off pulling image "${image}"`
      event('Normal', 'BackOff', message)
      const cause = this.failures.get(key)
      throw new WaitError('ImagePullBackOff', cause === undefined ? message : `${message}: ErrImagePull: ${cause}`)
    }
    event('Normal', 'Pulling', `Pulling image "${image}"`)
    const queuedAt = this.context.clock.now()
    try {
      const { ref, startedAt, size } = await this.inTurn(() => this.pullNow(pod, name))
      const now = this.context.clock.now()
      event('Normal', 'Pulled', `Successfully pulled image "${image}" in ${roundMs(now - startedAt)} (${roundMs(now - queuedAt)} including waiting). Image size: ${size} bytes.`)
      this.failures.delete(key)
      return { id: ref, name }
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      event('Warning', 'Failed', `Failed to pull image "${image}": ${error.message}`)
      this.backoff.next(key, this.context.clock.now())
      this.failures.set(key, error.message)
      throw new WaitError('ErrImagePull', error.message)
    }
  }

  private async pullNow(pod: Pod, name: string): Promise<{ ref: string; startedAt: number; size: number }> {
    const startedAt = this.context.clock.now()
    const accounts = await this.secrets.accountsFor(pod, name)
    let failure: unknown
    for (const auth of accounts.length > 0 ? accounts : [undefined]) {
      try {
        const { imageRef } = await this.context.cri.images.PullImage({ image: { image: name }, ...(auth ? { auth } : {}) })
        const { image } = await this.context.cri.images.ImageStatus({ image: { image: imageRef } })
        return { ref: image?.id ?? imageRef, startedAt, size: image?.size ?? 0 }
      } catch (error) {
        if (error instanceof RpcError) {
          this.context.klog.error('log.go:32', error.message, 'PullImage from image service failed', { image: name })
          this.context.klog.error('kuberuntime_image.go:43', error.message, 'Failed to pull image', { image: name })
        }
        failure ??= error
      }
    }
    throw failure
  }

  /** One pull after the other, where the configuration says so. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (!this.context.config.serializeImagePulls) return work()
    const result = this.queue.then(work)
    this.queue = result.then(() => undefined, () => undefined)
    return result
  }
}

function roundMs(ms: number): string {
  return formatGoDuration(Math.max(1, Math.round(ms)))
}
