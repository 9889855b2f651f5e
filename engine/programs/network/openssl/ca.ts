/** `openssl ca`. */
import { buildCertificate, certificatePem } from '#engine/base/pki/certificate'
import type { Process } from '#engine/linux/abi/process'
import { type Args, parseArgs, readBio, writeOut } from './args'
import { certificateText } from './certificate-text'
import { parseConfig } from './config'
import { loadCertificate, loadKey, loadRequest } from './material'
import { asn1Time } from './x509'

/** `ca`, as far as signing one request with given dates goes. */
export async function ca(process: Process, given: readonly string[]): Promise<number> {
  const args = parseArgs('ca', given, 'batch notext create_serial rand_serial', 'config in out cert keyfile startdate enddate days md name extensions extfile outdir subj policy')
  const config = parseConfig(args.get('config') === undefined ? '' : readBio(process, args.get('config') ?? '', ''))
  await process.stderr.write(`Using configuration from ${args.get('config') ?? '/usr/lib/ssl/openssl.cnf'}\n`)
  const section = config.get(args.get('name') ?? config.get('ca')?.get('default_ca') ?? '') ?? new Map<string, string>()
  const authority = await loadCertificate(process, args.get('cert') ?? section.get('certificate'))
  const key = await loadKey(process, args.get('keyfile') ?? section.get('private_key'))
  const request = await loadRequest(process, args.get('in'))
  const number = serialOf(process, section.get('serial'))
  const certificate = buildCertificate({ serial: number, subject: request.subject, issuer: authority.subject, ...datesOf(process, args, section), publicKey: request.publicKey, extensions: [] }, key)
  await process.stderr.write(`Check that the request matches the signature\nSignature ok\nThe Subject's Distinguished Name is as follows\n${request.subject.relative.flat().map((each) => `${each.oid}:'${each.value}'\n`).join('')}Write out database with 1 new entries\nDatabase updated\n`)
  await writeOut(process, args.get('out'), (args.has('notext') ? '' : certificateText(certificate)) + certificatePem(certificate))
  return 0
}

function datesOf(process: Process, args: Args, section: ReadonlyMap<string, string>): { notBefore: number; notAfter: number } {
  const [start, end] = [args.get('startdate'), args.get('enddate')]
  const now = Math.floor(process.clock.now() / 1000) * 1000
  const days = Number(args.get('days') ?? section.get('default_days') ?? 365)
  return { notBefore: start === undefined ? now : asn1Time(start), notAfter: end === undefined ? now + days * 86_400_000 : asn1Time(end) }
}

/** The number in the serial file, which is counted on. */
function serialOf(process: Process, path: string | undefined): bigint {
  const text = path !== undefined && process.files.exists(path) ? process.files.readText(path).trim() : '01'
  const number = BigInt(`0x${text}`)
  if (path !== undefined) process.files.writeFile(path, `${(number + 1n).toString(16).padStart(2, '0').toUpperCase()}\n`)
  return number
}
