/** `openssl genrsa`, `genpkey`, `rsa`, `ec`, `pkey`, `ecparam`. */
import { encodePkcs8, encodePublicKey, privateKeyPem, publicKeyPem, type PrivateKey, publicOf } from '#engine/base/pki/keys'
import { encodePem } from '#engine/base/pki/pem'
import { oid } from '#engine/base/pki/der'
import type { Process } from '#engine/linux/abi/process'
import { type Args, errorId, OpensslError, parseArgs, writeOut } from './args'
import { curveOf, loadKey, loadPublicKey, makeKey, progress } from './material'
import { privateKeyText, publicKeyText } from './text'

type Run = (process: Process, args: readonly string[]) => Promise<number>

export const genrsa: Run = async (process, given) => {
  const args = parseArgs('genrsa', given, 'traditional verbose quiet 3 f4 F4 aes128 aes192 aes256 des3', 'out passout rand writerand engine primes')
  const bits = keySize(process, args.operands[0] ?? '2048')
  if (args.flags.some((name) => /^(aes|des)/.test(name))) throw new OpensslError('genrsa: encrypted keys are not supported in this simulation\n')
  const key = makeKey(process, 'rsa', bits, undefined)
  if (args.has('verbose')) await process.stderr.write(progress(process))
  await writeOut(process, args.get('out'), privateKeyPem(key, args.has('traditional') ? 'traditional' : 'pkcs8'), 0o600, 'genrsa: ')
  return 0
}

function keySize(process: Process, text: string): number {
  const bits = Number(text)
  if (Number.isNaN(bits)) throw new OpensslError(`genrsa: Can't parse "${text}" as a number\n`)
  if (bits < 512) throw new OpensslError(`Error setting RSA length\n${errorId(process)}:error:1C8000AB:Provider routines:rsa_gen_set_params:key size too small:../providers/implementations/keymgmt/rsa_kmgmt.c:509:\n`)
  if (bits > 16384) throw new OpensslError('genrsa: Error generating RSA key\n')
  return bits
}

export const genpkey: Run = async (process, given) => {
  const args = parseArgs('genpkey', given, 'text quiet genparam', 'out outform algorithm pkeyopt paramfile pass')
  const algorithm = args.get('algorithm') ?? (args.get('paramfile') === undefined ? undefined : 'rsa')
  if (algorithm === undefined) throw new OpensslError('genpkey: Use -help for summary.\n')
  if (!/^(rsa|ec|ed25519|rsa-pss)$/i.test(algorithm)) throw new OpensslError(`Error initializing ${algorithm} context\n${errorId(process)}:error:0308010C:digital envelope routines:inner_evp_generic_fetch:unsupported:../crypto/evp/evp_fetch.c:386:Global default library context, Algorithm (${algorithm} : 0), Properties (<null>)\n`)
  const option = (name: string): string | undefined => args.all('pkeyopt').find((each) => each.startsWith(`${name}:`))?.slice(name.length + 1)
  const key = makeKey(process, algorithm, Number(option('rsa_keygen_bits') ?? 2048), option('ec_paramgen_curve'))
  if (key.type === 'rsa' && !args.has('quiet')) await process.stderr.write(progress(process))
  await writeOut(process, args.get('out'), privateKeyPem(key) + (args.has('text') ? privateKeyText(key) : ''), 0o600)
  return 0
}

export const rsa: Run = (process, given) => showKey(process, 'rsa', parseArgs('rsa', given, 'pubin pubout RSAPublicKey_out RSAPublicKey_in text noout modulus check traditional aes256 aes128 des3', 'in out inform outform passin passout'))
export const ec: Run = (process, given) => showKey(process, 'ec', parseArgs('ec', given, 'pubin pubout text noout check param_out no_public', 'in out inform outform passin passout conv_form param_enc'))
export const pkey: Run = (process, given) => showKey(process, 'pkey', parseArgs('pkey', given, 'pubin pubout text text_pub noout check pubcheck traditional', 'in out inform outform passin passout'))

async function showKey(process: Process, command: 'rsa' | 'ec' | 'pkey', args: Args): Promise<number> {
  if (command === 'ec') await process.stderr.write('read EC key\n')
  if (args.has('pubin')) return showPublic(process, command, args)
  const key = await loadKey(process, args.get('in'), command === 'pkey' ? 'key' : 'private key')
  if (command === 'rsa' && key.type !== 'rsa') throw new OpensslError('Not an RSA key\n')
  const encoded = args.has('noout') ? '' : encode(key, command, args)
  if (encoded !== '' && command !== 'pkey') await process.stderr.write(`writing ${command.toUpperCase()} key\n`)
  const text = shownText(key, command, args)
  const about = (args.has('check') ? checked[command] : '') + modulusText(key, args)
  await finish(process, args, command === 'pkey' ? about + encoded + text : text + about + encoded, key)
  return 0
}

function modulusText(key: PrivateKey, args: Args): string {
  return args.has('modulus') && key.type === 'rsa' ? `Modulus=${key.n.toString(16).toUpperCase()}\n` : ''
}

const checked = { rsa: 'RSA key ok\n', ec: 'EC Key valid.\n', pkey: 'Key is valid\n' } as const

/** `pkey -pubout` shows the public half alone. */
function shownText(key: PrivateKey, command: string, args: Args): string {
  if (args.has('text_pub') || (command === 'pkey' && args.has('pubout') && args.has('text'))) return publicKeyText(publicOf(key), '')
  return args.has('text') ? privateKeyText(key) : ''
}

function encode(key: PrivateKey, command: string, args: Args): string {
  if (args.has('pubout')) return publicKeyPem(key)
  return privateKeyPem(key, args.has('traditional') || command === 'ec' ? 'traditional' : 'pkcs8')
}

async function finish(process: Process, args: Args, text: string, key: PrivateKey): Promise<void> {
  if (args.get('outform')?.toUpperCase() === 'DER') return writeOut(process, args.get('out'), args.has('pubout') ? encodePublicKey(publicOf(key)) : encodePkcs8(key), 0o600)
  await writeOut(process, args.get('out'), text, args.has('pubout') ? 0o644 : 0o600)
}

async function showPublic(process: Process, command: string, args: Args): Promise<number> {
  const key = await loadPublicKey(process, args.get('in'))
  let out = args.has('text') ? publicKeyText(key, '') : ''
  if (args.has('modulus') && key.type === 'rsa') out += `Modulus=${key.n.toString(16).toUpperCase()}\n`
  if (!args.has('noout')) {
    if (command === 'rsa') await process.stderr.write('writing RSA key\n')
    out += publicKeyPem(key)
  }
  if (args.get('outform')?.toUpperCase() === 'DER') await writeOut(process, args.get('out'), encodePublicKey(key))
  else await writeOut(process, args.get('out'), out)
  return 0
}

const curveList = '  secp224r1 : NIST/SECG curve over a 224 bit prime field\n  secp256k1 : SECG curve over a 256 bit prime field\n  secp384r1 : NIST/SECG curve over a 384 bit prime field\n  secp521r1 : NIST/SECG curve over a 521 bit prime field\n  prime256v1: X9.62/SECG curve over a 256 bit prime field\n'

export const ecparam: Run = async (process, given) => {
  const args = parseArgs('ecparam', given, 'genkey noout list_curves text check', 'name in out outform inform conv_form param_enc')
  if (args.has('list_curves')) {
    await process.stdout.write(curveList)
    return 0
  }
  const curve = curveOf(process, args.get('name') ?? 'prime256v1')
  const dotted = { 'P-256': '1.2.840.10045.3.1.7', 'P-384': '1.3.132.0.34', 'P-521': '1.3.132.0.35' }[curve]
  const parameters = args.has('noout') ? '' : encodePem('EC PARAMETERS', oid(dotted))
  const key = args.has('genkey') ? privateKeyPem(makeKey(process, 'ec', 0, args.get('name')), 'traditional') : ''
  await writeOut(process, args.get('out'), parameters + key, args.has('genkey') ? 0o600 : 0o644)
  return 0
}
