import { expect, it } from 'vitest'
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { SeededRandom } from '#engine/base/random'
import { encryptionTransformers } from './configuration'
import { ReloadableTransformers } from './reload'

const secret = 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY='
const configured = (resource: string): ReturnType<typeof encryptionTransformers> =>
  encryptionTransformers({ kind: 'EncryptionConfiguration', resources: [{ resources: [resource], providers: [{ secretbox: { keys: [{ name: 'k', secret }] } }, { identity: {} }] }] }, new SeededRandom('x'))

it('writes by the new configuration once it is read, and still reads what was written before', () => {
  const reloadable = new ReloadableTransformers(configured('configmaps'))
  const secrets = reloadable.of('secrets')
  expect(secrets.hides).toBe(false)
  expect(decodeUtf8(secrets.encrypt(encodeUtf8('plain'), 'k'))).toBe('plain')
  const before = secrets.generation
  reloadable.replace(configured('secrets'))
  expect(secrets.generation).not.toBe(before)
  expect(decodeUtf8(secrets.encrypt(encodeUtf8('plain'), 'k'))).toMatch(/^k8s:enc:secretbox:v1:k:/)
  expect(secrets.decrypt(encodeUtf8('plain'), 'k')).toEqual({ bytes: encodeUtf8('plain'), stale: true })
})
