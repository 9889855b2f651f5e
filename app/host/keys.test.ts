import { createPrivateKey, createPublicKey, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { encodePublicKey, parsePrivateKeyDer, publicOf } from '#engine/base/pki/keys'
import type { RsaPrivateKey } from '#engine/base/pki/rsa'
import { ClusterKeys } from './keys'

const source = new ClusterKeys()
const made = Array.from({ length: 12 }, () => parsePrivateKeyDer(source.rsa(2048)) as RsaPrivateKey)

test('keys of clusters are RSA keys of the length asked for, as OpenSSL reads them', () => {
  const [key] = made as [RsaPrivateKey]
  const read = createPrivateKey({ key: Buffer.from(source.rsa(2048)), format: 'der', type: 'pkcs1' })
  expect(read.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048, publicExponent: 65537n })
  const message = new TextEncoder().encode('what is signed')
  const publicKey = createPublicKey({ key: Buffer.from(encodePublicKey(publicOf(key))), format: 'der', type: 'spki' })
  expect(verify('sha256', message, publicKey, source.signRsa(key, 'sha256', message))).toBe(true)
})

test('no key is given twice, not to another cluster either', () => {
  const other = new ClusterKeys()
  const keys = [...made, ...Array.from({ length: 12 }, () => parsePrivateKeyDer(other.rsa(2048)) as RsaPrivateKey)]
  expect(new Set(keys.map(({ n }) => n)).size).toBe(keys.length)
  expect(keys.every(({ n, p, q }) => p !== q && p * q === n && n.toString(2).length === 2048)).toBe(true)
})
