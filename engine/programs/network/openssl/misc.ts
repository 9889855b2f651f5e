/** `openssl rand`, `version`. */
import { toBase64, toHex } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'
import { OpensslError, parseArgs, writeOut } from './args'

export async function rand(process: Process, given: readonly string[]): Promise<number> {
  const args = parseArgs('rand', given, 'hex base64', 'out')
  const length = Number(args.operands[0])
  if (args.operands[0] === undefined) return args.has('hex') ? process.stdout.write('\n').then(() => 0) : 0
  if (!Number.isInteger(length) || length < 0) throw new OpensslError(`rand: Can't parse "${args.operands[0]}" as a number\nrand: Use -help for summary.\n`)
  if (length > 16 * 1024 * 1024) throw new OpensslError('rand: too many bytes for this simulation (16 MiB at most)\n')
  const bytes = process.random.bytes(length)
  const text = args.has('hex') ? `${toHex(bytes)}\n` : args.has('base64') ? (toBase64(bytes).match(/.{1,64}/g) ?? []).map((line) => `${line}\n`).join('') : bytes
  await writeOut(process, args.get('out'), text)
  return 0
}

export async function version(process: Process, given: readonly string[]): Promise<number> {
  const args = parseArgs('version', given, 'a b d e f m o p r v c', '')
  const line = 'OpenSSL 3.0.17 1 Jul 2025 (Library: OpenSSL 3.0.17 1 Jul 2025)\n'
  await process.stdout.write(args.has('a') ? `${line}built on: Wed Jul  2 18:22:53 2025 UTC\nplatform: debian-amd64\noptions:  bn(64,64)\nOPENSSLDIR: "/usr/lib/ssl"\nENGINESDIR: "/usr/lib/x86_64-linux-gnu/engines-3"\nMODULESDIR: "/usr/lib/x86_64-linux-gnu/ossl-modules"\nSeeding source: os-specific\n` : args.has('d') ? 'OPENSSLDIR: "/usr/lib/ssl"\n' : line)
  return 0
}
