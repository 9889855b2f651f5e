import { describe, expect, it } from 'vitest'
import { SeededRandom } from '#engine/base/random'
import { bcryptHash, bcryptWith } from './bcrypt'
import { decrypted, encrypted } from './aes'
import { derivedPassword } from './passwords'

describe('passwords', () => {
  it('are hashed as bcrypt does', () => {
    const salt = Uint8Array.from({ length: 16 }, (_, index) => [0x10, 0x41, 0x04][index % 3] as number)
    expect(bcryptWith('U*U', salt, 5)).toBe('$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW')
    expect(bcryptHash('x', new SeededRandom('a'), 4)).toMatch(/^\$2a\$04\$[./A-Za-z0-9]{53}$/)
  })

  it('are derived as Master Password does', () => {
    expect(derivedPassword(1, 'long', 'password', 'user', 'example.com')).toBe('ZedaFaxcZaso9*')
    expect(derivedPassword(1, 'pin', 'password', 'user', 'example.com')).toBe('6685')
  })

  it('encipher and decipher', () => {
    expect(decrypted('secret', encrypted('secret', 'plain text', new SeededRandom('b')))).toBe('plain text')
  })
})
