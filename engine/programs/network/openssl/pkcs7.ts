/** `openssl crl2pkcs7` and `pkcs7`. */
import { certificatePem } from '#engine/base/pki/certificate'
import { encodePem } from '#engine/base/pki/pem'
import type { Process } from '#engine/linux/abi/process'
import { parseArgs, readBio, writeOut } from './args'
import { certificateText } from './certificate-text'
import { loadCertificates } from './material'
import { printName } from './text'

export async function crl2pkcs7(process: Process, given: readonly string[]): Promise<number> {
  const args = parseArgs('crl2pkcs7', given, 'nocrl', 'in out certfile inform outform')
  const found = (await Promise.all(args.all('certfile').map((path) => loadCertificates(process, path)))).flat()
  // Handed on to `pkcs7 -print_certs` as plain certificates: that is all that anybody does with it.
  await writeOut(process, args.get('out'), found.map((each) => encodePem('PKCS7', each.der)).join(''))
  return 0
}

export async function pkcs7(process: Process, given: readonly string[]): Promise<number> {
  const args = parseArgs('pkcs7', given, 'print_certs noout text', 'in out inform outform')
  const text = (args.get('in') === undefined ? await process.stdin.text() : readBio(process, args.get('in') ?? '', 'unable to load PKCS7 object\n')).replace(/PKCS7/g, 'CERTIFICATE')
  const path = `/tmp/.pkcs7-${process.pid}`
  process.files.writeFile(path, text, 0o600)
  const found = await loadCertificates(process, path)
  process.files.unlink(path)
  await writeOut(process, args.get('out'), found.map((each) => `${args.has('text') ? certificateText(each) : `subject=${printName(each.subject)}\n\nissuer=${printName(each.issuer)}\n`.replace('\n\n', '\n')}\n${args.has('noout') ? '' : `${certificatePem(each)}\n`}`).join(''))
  return 0
}
