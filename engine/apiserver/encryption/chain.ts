/** The providers of one rule: the first writes, each can read its own. */
import { decodeUtf8 } from '#engine/base/bytes'
import { internalError } from '#engine/api/errors'
import type { Transformer } from '#engine/apiserver/storage/codec'
import { DecryptError, type Provider } from './providers'

export class ProviderChain implements Transformer {
  readonly hides: boolean

  constructor(private readonly providers: readonly Provider[]) {
    this.hides = true
  }

  encrypt(bytes: Uint8Array, key: string): Uint8Array {
    return (this.providers[0] as Provider).encrypt(bytes, key)
  }

  decrypt(bytes: Uint8Array, key: string): { bytes: Uint8Array; stale: boolean } {
    const head = decodeUtf8(bytes.subarray(0, 32))
    const at = this.providers.findIndex((provider) => provider.prefix !== '' && head.startsWith(provider.prefix))
    const index = at >= 0 ? at : this.providers.findIndex((provider) => provider.prefix === '')
    const provider = this.providers[index]
    try {
      if (!provider) throw new DecryptError('no matching prefix found')
      return { bytes: provider.decrypt(bytes.subarray(provider.prefix.length), key), stale: index > 0 }
    } catch (error) {
      if (error instanceof DecryptError) throw internalError(error.message)
      throw error
    }
  }
}
