/** derivePassword: the Master Password algorithm. */
import { hmac } from '@noble/hashes/hmac.js'
import { scrypt } from '@noble/hashes/scrypt.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, encodeUtf8 } from '#engine/base/bytes'

const scope = 'com.lyndir.masterpassword'

const templates: Readonly<Record<string, readonly string[]>> = {
  maximum: ['anoxxxxxxxxxxxxxxxxx', 'axxxxxxxxxxxxxxxxxno'],
  long: [
    'CvcvnoCvcvCvcv', 'CvcvCvcvnoCvcv', 'CvcvCvcvCvcvno', 'CvccnoCvcvCvcv', 'CvccCvcvnoCvcv', 'CvccCvcvCvcvno', 'CvcvnoCvccCvcv', 'CvcvCvccnoCvcv', 'CvcvCvccCvcvno', 'CvcvnoCvcvCvcc', 'CvcvCvcvnoCvcc',
    'CvcvCvcvCvccno', 'CvccnoCvccCvcv', 'CvccCvccnoCvcv', 'CvccCvccCvcvno', 'CvcvnoCvccCvcc', 'CvcvCvccnoCvcc', 'CvcvCvccCvccno', 'CvccnoCvcvCvcc', 'CvccCvcvnoCvcc', 'CvccCvcvCvccno',
  ],
  medium: ['CvcnoCvc', 'CvcCvcno'], short: ['Cvcn'], basic: ['aaanaaan', 'aannaaan', 'aaannaaa'], pin: ['nnnn'],
}

const consonants = 'BCDFGHJKLMNPQRSTVWXYZ'
const both = `AEIOUaeiou${consonants}${consonants.toLowerCase()}`
const characters: Readonly<Record<string, string>> = {
  V: 'AEIOU', C: consonants, v: 'aeiou', c: consonants.toLowerCase(), A: `AEIOU${consonants}`, a: both, n: '0123456789', o: "@&%?,=[]_:-+*$#!'^~;()/.", x: `${both}0123456789!@#$%^&*()`,
}

function number(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
}

const counted = (text: string): Uint8Array => concatBytes([number(encodeUtf8(text).length), encodeUtf8(text)])

export function derivedPassword(counter: number, type: string, password: string, user: string, site: string): string {
  const forms = templates[type]
  if (!forms) return `cannot find password template ${type}`
  const key = scrypt(encodeUtf8(password), concatBytes([encodeUtf8(scope), counted(user)]), { N: 32768, r: 8, p: 2, dkLen: 64 })
  const seed = hmac(sha256, key, concatBytes([encodeUtf8(scope), counted(site), number(counter)]))
  const form = forms[(seed[0] as number) % forms.length] as string
  return [...form].map((letter, index) => {
    const choice = characters[letter] as string
    return choice.charAt((seed[index + 1] as number) % choice.length)
  }).join('')
}
