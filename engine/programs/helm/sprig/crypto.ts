/** Sums, keys, certificates and ciphers. */
import { encodeUtf8, toHex } from '#engine/base/bytes'
import { digest, type HashName } from '#engine/base/pki/rsa'
import { decrypted, encrypted } from './aes'
import { bcryptHash } from './bcrypt'
import { certificateFunctions } from './certificates'
import { fn, type FunctionTable, type SprigContext } from './define'
import { derivedPassword } from './passwords'

function adler32(text: string): string {
  let [a, b] = [1, 0]
  for (const byte of encodeUtf8(text)) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  return String(b * 65536 + a)
}

const sum = (hash: HashName) => fn('string', (text: string) => toHex(digest(hash, encodeUtf8(text))))

export function cryptoFunctions(context: SprigContext): FunctionTable {
  const { random } = context
  return {
    sha1sum: sum('sha1'), sha256sum: sum('sha256'), sha512sum: sum('sha512'),
    adler32sum: fn('string', adler32),
    bcrypt: fn('string', (text: string) => bcryptHash(text, random)),
    htpasswd: fn('string string', (user: string, password: string) => (user.includes(':') ? `invalid username: ${user}` : `${user}:${bcryptHash(password, random)}`)),
    encryptAES: fn('string string', (password: string, text: string) => encrypted(password, text, random)),
    decryptAES: fn('string string', decrypted),
    derivePassword: fn('int string string string string', (counter: object, type: string, password: string, user: string, site: string) => derivedPassword(Number(counter), type, password, user, site)),
    ...certificateFunctions(context),
  }
}
