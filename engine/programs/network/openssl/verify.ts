/** `openssl verify`, `s_client`, `s_server`. */
import { certificatePem, type Certificate, parseCertificate } from '#engine/base/pki/certificate'
import { sameName } from '#engine/base/pki/name'
import { rsaBits } from '#engine/base/pki/rsa'
import { CertificateError, sameCertificate, verifyChain } from '#engine/base/pki/verify'
import { isErrno } from '#engine/linux/abi/errno'
import { type Connection, LookupError, TlsError, type TlsSession } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import { checkChain, problemOf } from '../curl/tls'
import { type Args, errorId, OpensslError, parseArgs, readStore } from './args'
import { loadCertificates } from './material'
import { printName, printTime } from './text'
import { checkNameOf } from './x509'

const systemRoots = '/etc/ssl/certs/ca-certificates.crt'

async function rootsOf(process: Process, args: Args): Promise<readonly Certificate[]> {
  const given = args.get('CAfile')
  if (given !== undefined) {
    if (!process.files.exists(given)) {
      const id = errorId(process)
      throw new OpensslError(`Error loading file ${given}\n${id}:error:80000002:system library:BIO_new_file:No such file or directory:../crypto/bio/bss_file.c:67:calling fopen(${given}, r)\n${id}:error:10000080:BIO routines:BIO_new_file:no such file:../crypto/bio/bss_file.c:75:\n${id}:error:05880002:x509 certificate routines:X509_load_cert_crl_file_ex:system lib:../crypto/x509/by_file.c:229:\n`)
    }
    return loadCertificates(process, given)
  }
  if (!process.files.exists(systemRoots) || process.files.stat(systemRoots).size === 0) return []
  return loadCertificates(process, systemRoots)
}

export async function verify(process: Process, given: readonly string[]): Promise<number> {
  const args = parseArgs('verify', given, 'show_chain verbose partial_chain x509_strict crl_check no_check_time trusted_first ignore_critical', 'CAfile CApath untrusted trusted purpose verify_hostname verify_ip attime verify_depth')
  const roots = [...(await rootsOf(process, args)), ...(args.get('trusted') === undefined ? [] : await loadCertificates(process, args.get('trusted')))]
  const intermediates = args.get('untrusted') === undefined ? [] : await loadCertificates(process, args.get('untrusted'))
  const now = args.get('attime') === undefined ? process.clock.now() : Number(args.get('attime')) * 1000
  let exit = 0
  for (const path of args.operands.length > 0 ? args.operands : ['stdin']) if (!(await verifyOne(process, path, { roots, intermediates, now, args }))) exit = 2
  return exit
}

interface Trust {
  readonly roots: readonly Certificate[]
  readonly intermediates: readonly Certificate[]
  readonly now: number
  readonly args: Args
}

/** False after a complaint. */
async function verifyOne(process: Process, path: string, { roots, intermediates, now, args }: Trust): Promise<boolean> {
  let leaf: Certificate
  try {
    leaf = (await loadCertificates(process, path === 'stdin' ? undefined : path, 'Unable to load certificate file\n', 'certificate file'))[0] as Certificate
  } catch (error) {
    if (!(error instanceof OpensslError)) throw error
    await process.stderr.write(error.message)
    return false
  }
  const problem = judge(leaf, roots, intermediates, args.has('no_check_time') ? Math.max(leaf.notBefore, Math.min(now, leaf.notAfter)) : now, args)
  if (!problem) {
    await process.stdout.write(`${path}: OK\n${args.has('show_chain') ? chainText(leaf, roots, intermediates) : ''}`)
    return true
  }
  await process.stderr.write(`${printName(problem.certificate.subject)}\nerror ${problem.code} at ${problem.depth} depth lookup: ${problem.text}\nerror ${path}: verification failed\n`)
  return false
}

/** From the leaf up to a root; what is not in the trusted files is said to be so. */
function chainText(leaf: Certificate, roots: readonly Certificate[], intermediates: readonly Certificate[]): string {
  const lines: string[] = []
  for (let at: Certificate | undefined = leaf; at && lines.length < 10; ) {
    const current: Certificate = at
    const trusted = roots.some((root) => sameCertificate(root, current))
    lines.push(`depth=${lines.length}: ${printName(current.subject)}${trusted ? '' : ' (untrusted)'}\n`)
    at = sameName(current.subject, current.issuer) ? undefined : [...roots, ...intermediates].find((each) => sameName(each.subject, current.issuer))
  }
  return `Chain:\n${lines.join('')}`
}

function judge(leaf: Certificate, roots: readonly Certificate[], intermediates: readonly Certificate[], now: number, args: Args): { code: number; text: string; depth: number; certificate: Certificate } | undefined {
  // A leaf among the trusted ones is no root unless it signed itself.
  const trusted = args.has('partial_chain') || sameName(leaf.subject, leaf.issuer) ? roots : roots.filter((each) => !sameCertificate(each, leaf))
  try {
    verifyChain(leaf, { roots: trusted, intermediates, now, usage: usageOf(args.get('purpose')) })
    const host = args.get('verify_hostname')
    if (host !== undefined) checkNameOf(leaf, host)
    return undefined
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    if (error.reason === 'name-mismatch') return { code: 62, text: 'hostname mismatch', depth: 0, certificate: leaf }
    const about = error.certificate ?? leaf
    const depth = about === leaf ? 0 : 1
    // A certificate that is expired is only said to be so where its chain is known.
    if ((error.reason === 'expired' || error.reason === 'not-yet-valid') && !chains(leaf, trusted, intermediates)) return { ...problemOf(new CertificateError('unknown-authority', ''), [leaf]), depth: 0, certificate: leaf }
    return { ...problemOf(error, [about]), depth, certificate: about }
  }
}

function usageOf(purpose: string | undefined): 'serverAuth' | 'clientAuth' | 'any' {
  return purpose === 'sslserver' ? 'serverAuth' : purpose === 'sslclient' ? 'clientAuth' : 'any'
}

function chains(leaf: Certificate, roots: readonly Certificate[], intermediates: readonly Certificate[]): boolean {
  return [...roots, ...intermediates].some((each) => sameName(each.subject, leaf.issuer))
}

const clientFlags = 'showcerts quiet brief no_ign_eof ign_eof tls1_2 tls1_3 no_tls1_3 noservername status state debug msg crlf reconnect verify_quiet verify_return_error nocommands prexit legacy_renegotiation'
const clientValues = 'connect host port servername CAfile CApath cert key alpn verify verify_hostname starttls cipher ciphersuites certform keyform pass tlsextdebug_dummy proxy unix'

export async function sClient(process: Process, given: readonly string[]): Promise<number> {
  const args = parseArgs('s_client', given, clientFlags, clientValues)
  const target = args.get('connect') ?? args.operands[0] ?? `${args.get('host') ?? 'localhost'}:${args.get('port') ?? '4433'}`
  const [host = 'localhost', port = '4433'] = target.split(/:(?=[^:]*$)/)
  const roots = args.get('CAfile')
  if (roots !== undefined) readStore(process, roots, 'CA file', '')
  const file = (name: string): string | undefined => (args.get(name) === undefined ? undefined : readStore(process, args.get(name) ?? '', name === 'cert' ? 'client certificate' : 'client certificate private key', ''))
  const certificate = file('cert')
  const key = args.get('key') === undefined ? certificate : file('key')
  const alpn = args.get('alpn')?.split(',')
  try {
    const connection = await process.net.connect({ host, port: Number(port) }, { tls: { insecureSkipVerify: true, serverName: args.get('servername') ?? host, ...(certificate !== undefined && key !== undefined ? { certificate, key } : {}), ...(alpn ? { alpn } : {}) } })
    return await converse(process, args, connection)
  } catch (error) {
    return connectFailed(process, error, host)
  }
}

async function connectFailed(process: Process, error: unknown, host: string): Promise<number> {
  const id = errorId(process)
  if (error instanceof LookupError) {
    await process.stderr.write(`${id}:error:10080002:BIO routines:BIO_lookup_ex:system lib:../crypto/bio/bio_addr.c:738:Name or service not known\nconnect:errno=22\n`)
    return 1
  }
  if (error instanceof TlsError) {
    await process.stdout.write(`CONNECTED(00000003)\n`)
    const alert = error.reason === 'not-tls' ? '0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl/record/ssl3_record.c:350:' : error.reason === 'certificate-required' ? '0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:../ssl/record/rec_layer_s3.c:1588:SSL alert number 116' : '0A000412:SSL routines:ssl3_read_bytes:sslv3 alert bad certificate:../ssl/record/rec_layer_s3.c:1588:SSL alert number 42'
    await process.stderr.write(`${id}:error:${alert}\n`)
    await process.stdout.write(`---\nno peer certificate available\n---\nNo client certificate CA names sent\n---\nSSL handshake has read 5 bytes and written ${290 + host.length} bytes\nVerification: OK\n---\nNew, (NONE), Cipher is (NONE)\nSecure Renegotiation IS NOT supported\nCompression: NONE\nExpansion: NONE\nNo ALPN negotiated\nEarly data was not sent\nVerify return code: 0 (ok)\n---\n`)
    return 1
  }
  if (!isErrno(error)) throw error
  await process.stderr.write(`${id}:error:${(0x80000000 + error.number).toString(16).toUpperCase()}:system library:BIO_connect:${error.message}:../crypto/bio/bio_sock2.c:117:calling connect()\n${id}:error:10000067:BIO routines:BIO_connect:connect error:../crypto/bio/bio_sock2.c:119:\nconnect:errno=${error.number}\n`)
  return 1
}

async function converse(process: Process, args: Args, connection: Connection): Promise<number> {
  const session = connection.tls as TlsSession
  const chain = session.serverCertificates.map((der) => parseCertificate(der))
  const rootFile = args.get('CAfile') ?? systemRoots
  const checked = checkChain(session, process.files.exists(rootFile) ? process.files.readText(rootFile) : '', process.clock.now())
  const problem = checked.problem
  const roots = process.files.exists(rootFile) ? await loadCertificates(process, rootFile).catch(() => []) : []
  await process.stderr.write(`Can't use SSL_get_servername\n${problem ? problemLines(checked.leaf, problem, roots) : depthLines(withRoot(chain, roots))}`)
  if (!args.has('quiet')) await process.stdout.write(report(args, chain, session, problem?.code === 20 ? { code: 21, text: 'unable to verify the first certificate' } : problem))
  const outward = async (): Promise<void> => {
    for await (const part of process.stdin) await connection.write(part)
    if (!args.has('ign_eof') && !args.has('quiet')) connection.close()
  }
  process.background(() => outward().catch((error: unknown) => { if (!isErrno(error)) throw error }))
  try {
    for (let part = await connection.read(); part !== null && !isClosed(connection); part = await connection.read()) await process.stdout.write(part)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  if (!args.has('quiet')) await process.stderr.write('DONE\n')
  connection.close()
  return 0
}

/** The chain with the trusted certificate that it ends in. */
function withRoot(chain: readonly Certificate[], roots: readonly Certificate[]): readonly Certificate[] {
  const last = chain.at(-1) as Certificate
  const root = sameName(last.subject, last.issuer) ? undefined : roots.find((each) => sameName(each.subject, last.issuer))
  return root ? [...chain, root] : chain
}

/** From the root down to the leaf. */
function depthLines(chain: readonly Certificate[]): string {
  return [...chain].reverse().map((each, index) => `depth=${chain.length - 1 - index} ${printName(each.subject)}\nverify return:1\n`).join('')
}

function problemLines(leaf: Certificate, problem: { readonly code: number; readonly text: string }, roots: readonly Certificate[]): string {
  const depth = `depth=0 ${printName(leaf.subject)}\n`
  const fault = (code: number, text: string, more = ''): string => `${depth}verify error:num=${code}:${text}\n${more}verify return:1\n`
  if (problem.code === 20) return `${fault(20, problem.text)}${fault(21, 'unable to verify the first certificate')}${depth}verify return:1\n`
  if (problem.code !== 10) return `${fault(problem.code, problem.text)}${depth}verify return:1\n`
  const ended = `notAfter=${printTime(leaf.notAfter)}\n`
  const above = withRoot([leaf], roots).slice(1).map((each) => `depth=1 ${printName(each.subject)}\nverify return:1\n`).join('')
  return `${above}${fault(10, problem.text, ended)}${depth}${ended}verify return:1\n`
}

function isClosed(connection: Connection): boolean {
  return (connection as { readonly closed?: boolean }).closed === true
}

function report(args: Args, chain: readonly Certificate[], session: TlsSession, verdict: { code: number; text: string } | undefined): string {
  const leaf = chain[0] as Certificate
  const key = leaf.publicKey
  const bits = key.type === 'rsa' ? rsaBits(key) : key.type === 'ec' ? Number(key.curve.slice(2)) : 256
  const list = chain.map((each, index) => ` ${index} s:${printName(each.subject)}\n   i:${printName(each.issuer)}\n   a:PKEY: ${each.publicKey.type === 'rsa' ? 'rsaEncryption' : each.publicKey.type === 'ec' ? 'id-ecPublicKey' : 'ED25519'}, ${each.publicKey.type === 'rsa' ? rsaBits(each.publicKey) : bits} (bit); sigalg: ${each.signatureAlgorithm.family === 'rsa' ? 'RSA' : 'ecdsa-with'}-${each.signatureAlgorithm.hash.toUpperCase()}\n   v:NotBefore: ${printTime(each.notBefore)}; NotAfter: ${printTime(each.notAfter)}\n${args.has('showcerts') ? certificatePem(each) : ''}`)
  const read = 540 + chain.reduce((sum, each) => sum + each.der.length, 0)
  return `CONNECTED(00000003)
---
Certificate chain
${list.join('')}---
Server certificate
${args.has('showcerts') ? '' : certificatePem(leaf)}subject=${printName(leaf.subject)}
issuer=${printName(leaf.issuer)}
---
No client certificate CA names sent
Peer signing digest: SHA256
Peer signature type: ${key.type === 'rsa' ? 'RSA-PSS' : key.type === 'ec' ? 'ECDSA' : 'Ed25519'}
Server Temp Key: X25519, 253 bits
---
SSL handshake has read ${read} bytes and written ${377 + session.serverName.length} bytes
${verdict ? `Verification error: ${verdict.text}` : 'Verification: OK'}
---
New, TLSv1.3, Cipher is ${session.cipher}
Server public key is ${bits} bit
Secure Renegotiation IS NOT supported
Compression: NONE
Expansion: NONE
${session.protocol === undefined ? 'No ALPN negotiated' : `ALPN protocol: ${session.protocol}`}
Early data was not sent
Verify return code: ${verdict ? `${verdict.code} (${verdict.text})` : '0 (ok)'}
---
`
}

/** Serves one certificate; what clients send goes to standard output. */
export async function sServer(process: Process, given: readonly string[]): Promise<number> {
  const args = parseArgs('s_server', given, 'quiet www WWW HTTP tls1_2 tls1_3 state debug no_dhe', 'accept port cert key CAfile Verify verify alpn cipher naccept')
  const certificate = readStore(process, args.get('cert') ?? 'server.pem', 'server certificate', '')
  const key = readStore(process, args.get('key') ?? args.get('cert') ?? 'server.pem', 'server certificate private key', '')
  const port = Number((args.get('accept') ?? args.get('port') ?? '4433').split(':').at(-1))
  try {
    const listener = process.net.listen({ address: '0.0.0.0', port }, { tls: { identity: () => ({ certificate, key }), ...(args.get('alpn') === undefined ? {} : { alpn: (args.get('alpn') ?? '').split(',') }) } })
    if (!args.has('quiet')) await process.stdout.write('Using default temp DH parameters\nACCEPT\n')
    for (;;) await serveOne(process, await listener.accept())
  } catch (error) {
    if (!isErrno(error)) throw error
    const id = errorId(process)
    await process.stderr.write(`${id}:error:${(0x80000000 + error.number).toString(16).toUpperCase()}:system library:BIO_bind:${error.message}:../crypto/bio/bio_sock2.c:161:calling bind()\n${id}:error:10000075:BIO routines:BIO_bind:unable to bind socket:../crypto/bio/bio_sock2.c:162:\n   0 items in the session cache\n`)
    return 1
  }
}

async function serveOne(process: Process, connection: Connection): Promise<void> {
  try {
    for (let part = await connection.read(); part !== null; part = await connection.read()) await process.stdout.write(part)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  connection.close()
}
