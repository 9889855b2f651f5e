/** `openssl` 3.0: its commands by name. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { OpensslError } from './args'
import { ec, ecparam, genpkey, genrsa, pkey, rsa } from './keys'
import { ca } from './ca'
import { dgst, isHash } from './digest'
import { enc } from './encode'
import { rand, version } from './misc'
import { passwd } from './passwd'
import { crl2pkcs7, pkcs7 } from './pkcs7'
import { req } from './req'
import { sClient, sServer, verify } from './verify'
import { x509 } from './x509'

const commands: Readonly<Record<string, (process: Process, args: readonly string[]) => Promise<number>>> = {
  genrsa, genpkey, rsa, ec, pkey, ecparam, req, x509, verify, s_client: sClient, s_server: sServer, dgst: (process, args) => dgst(process, args), enc: (process, args) => enc(process, args), base64: (process, args) => enc(process, args, true), rand, version, crl2pkcs7, pkcs7, ca, passwd,
}

const unsupported = new Set(['asn1parse', 'ciphers', 'cms', 'crl', 'dhparam', 'dsa', 'gendsa', 'kdf', 'mac', 'list', 'ocsp', 'pkcs12', 'pkcs8', 'pkeyutl', 'prime', 'rsautl', 'sess_id', 'smime', 'speed', 'spkac', 'storeutl', 'ts'])

export const openssl: Program = {
  name: 'openssl',
  unsupported: 'encrypted keys, ciphers but AES in CBC and ECB, pkcs12, crl, ocsp, asn1parse and other rare commands',
  async run(process) {
    const [name = '', ...args] = process.argv.slice(1)
    try {
      const command = commands[name]
      if (command) return await command(process, args)
      if (isHash(name)) return await dgst(process, args, name)
      if (name === 'help' || name === '' || name === '-help') return await help(process)
      await process.stderr.write(unsupported.has(name) ? `openssl ${name}: not supported in this simulation\n` : `Invalid command '${name}'; type "help" for a list.\n`)
      return 1
    } catch (error) {
      if (!(error instanceof OpensslError)) throw error
      await process.stderr.write(error.message)
      return error.exit
    }
  },
}

async function help(process: Process): Promise<number> {
  await process.stderr.write(`help:\n\nStandard commands (those of this simulation)\n${Object.keys(commands).sort().map((name) => name.padEnd(18)).join('').replace(/(.{72}) */g, '$1\n')}\n`)
  return 0
}

export const opensslPrograms: readonly Program[] = [openssl]
