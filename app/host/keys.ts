/** RSA from the host's own cryptography: keys hundreds of times faster than computing them in the engine, signatures ten times. */
import { createPrivateKey, generateKeyPairSync, generatePrimeSync, type KeyObject, sign } from 'node:crypto'
import { encodePkcs1, type KeySource } from '#engine/base/pki/keys'
import { type RsaPrivateKey, rsaKeyOf } from '#engine/base/pki/rsa'

/** The host's form of the engine's keys. */
const known = new WeakMap<RsaPrivateKey, KeyObject>()

export class HostKeys implements KeySource {
  rsa(bits: number): Uint8Array {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits, privateKeyEncoding: { type: 'pkcs1', format: 'der' }, publicKeyEncoding: { type: 'pkcs1', format: 'der' } })
    return new Uint8Array(privateKey)
  }

  signRsa(key: RsaPrivateKey, hash: 'sha256' | 'sha384' | 'sha512', message: Uint8Array): Uint8Array {
    return new Uint8Array(sign(hash, message, keyObject(key)))
  }
}

/**
 * For simulated clusters, whose keys guard nothing real: making two new primes for each of a cluster's two dozen keys was half of the
 * work of its kubeadm. Each prime is multiplied with all that were made before it, so that eight primes are 28 keys. No two
 * clusters of a process get the same key; but who holds two public keys may find the prime they share, so this is for simulations only.
 */
export class ClusterKeys extends HostKeys {
  override rsa(bits: number): Uint8Array {
    return bits >= 1024 && bits % 2 === 0 ? encodePkcs1(pairsOf(bits / 2).next()) : super.rsa(bits)
  }
}

class PrimePairs {
  private readonly primes: bigint[] = []
  private partner = 0

  constructor(private readonly bits: number) {}

  next(): RsaPrivateKey {
    if (this.partner >= this.primes.length - 1) {
      this.partner = 0
      do this.primes.push(this.newPrime())
      while (this.primes.length < 2)
    }
    return rsaKeyOf(this.primes.at(-1) as bigint, this.primes[this.partner++] as bigint)
  }

  /** Its two highest bits are set, so that a product has all its bits. */
  private newPrime(): bigint {
    for (;;) {
      const prime = generatePrimeSync(this.bits, { bigint: true })
      if (!this.primes.includes(prime) && (prime - 1n) % 65537n !== 0n) return prime
    }
  }
}

/** By the length of a prime; of the whole process. */
const pairs = new Map<number, PrimePairs>()

function pairsOf(bits: number): PrimePairs {
  const before = pairs.get(bits)
  if (before) return before
  const made = new PrimePairs(bits)
  pairs.set(bits, made)
  return made
}

function keyObject(key: RsaPrivateKey): KeyObject {
  const before = known.get(key)
  if (before) return before
  const made = createPrivateKey({ key: Buffer.from(encodePkcs1(key)), format: 'der', type: 'pkcs1' })
  known.set(key, made)
  return made
}
