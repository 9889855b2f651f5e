import { describe, expect, it } from 'vitest'
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { SeededRandom } from '#engine/base/random'
import { encryptionTransformers } from './configuration'

const secret = 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY='
const configuration = (providers: unknown[]): unknown => ({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'EncryptionConfiguration', resources: [{ resources: ['secrets'], providers }] })
const keyed = (kind: string, name = 'key1'): unknown => ({ [kind]: { keys: [{ name, secret }] } })

describe('encryption at rest', () => {
  it.each(['aescbc', 'aesgcm', 'secretbox'])('hides values by %s and reads them again', (kind) => {
    const transformer = encryptionTransformers(configuration([keyed(kind), { identity: {} }]), new SeededRandom('x'))('secrets')
    const bytes = transformer?.encrypt(encodeUtf8('opensesame'), '/registry/secrets/a/b') ?? new Uint8Array()
    expect(decodeUtf8(bytes)).toMatch(new RegExp(`^k8s:enc:${kind}:v1:key1:`))
    expect(decodeUtf8(bytes)).not.toContain('opensesame')
    expect(decodeUtf8(transformer?.decrypt(bytes, '/registry/secrets/a/b').bytes ?? new Uint8Array())).toBe('opensesame')
    expect(decodeUtf8(transformer?.decrypt(encodeUtf8('plain'), 'k').bytes ?? new Uint8Array())).toBe('plain')
  })

  it('says which key is missing and what is wrong with a configuration', () => {
    const old = encryptionTransformers(configuration([keyed('aescbc')]), new SeededRandom('x'))('secrets')
    const other = encryptionTransformers(configuration([keyed('aescbc', 'key2')]), new SeededRandom('x'))('secrets')
    const bytes = old?.encrypt(encodeUtf8('x'), 'k') as Uint8Array
    expect(() => other?.decrypt(bytes, 'k')).toThrow('no matching key was found for the provided AES transformer')
    expect(() => encryptionTransformers(configuration([{ aescbc: { keys: [{ name: 'a', secret: '!' }] } }]), new SeededRandom('x'))).toThrow('resources[0].providers[0].aescbc.keys[0].secret: Invalid value: "REDACTED": secrets must be base64 encoded')
  })
})
