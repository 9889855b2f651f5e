/** Transformers that follow their configuration when it changes (--encryption-provider-config-automatic-reload). */
import { decodeUtf8 } from '#engine/base/bytes'
import { internalError } from '#engine/api/errors'
import type { Transformer } from '#engine/apiserver/storage/codec'

export type Transformers = (resource: string) => Transformer | undefined

export class ReloadableTransformers {
  /** Grows with every change: what was read before may be stored otherwise than it would be now. */
  generation = 0

  constructor(private current: Transformers) {}

  readonly of = (resource: string): Transformer => new Following(() => this.current(resource), this)

  replace(next: Transformers): void {
    this.current = next
    this.generation++
  }
}

class Following implements Transformer {
  constructor(
    private readonly target: () => Transformer | undefined,
    private readonly source: ReloadableTransformers,
  ) {}

  get hides(): boolean {
    return this.target()?.hides ?? false
  }

  get generation(): number {
    return this.source.generation
  }

  encrypt(bytes: Uint8Array, key: string): Uint8Array {
    return this.target()?.encrypt(bytes, key) ?? bytes
  }

  decrypt(bytes: Uint8Array, key: string): { bytes: Uint8Array; stale: boolean } {
    const target = this.target()
    if (target) return target.decrypt(bytes, key)
    if (decodeUtf8(bytes.subarray(0, 8)) === 'k8s:enc:') throw internalError('identity transformer tried to read encrypted data')
    return { bytes, stale: false }
  }
}
