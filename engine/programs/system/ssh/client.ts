/** Connecting and logging in: what ssh and scp share. */
import { isErrno } from '#engine/linux/abi/errno'
import { type Connection, LookupError } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import type { SshOptions } from './config'
import { fingerprint, isProof, keyLabel, parsePrivateKeyFile, prove, publicLine } from './keys'
import { banner, Wire } from './wire'

/** A login that failed; the message has been said already where it has no text. */
export class SshFailure extends Error {
  override readonly name = 'SshFailure'
}

export interface LoggedIn {
  readonly wire: Wire
  readonly connection: Connection
}

export async function logIn(process: Process, options: SshOptions): Promise<LoggedIn> {
  const connection = await dial(process, options)
  const wire = new Wire(process.descriptor(process.install(connection)))
  const server = await wire.line()
  if (server === undefined) throw new SshFailure(`kex_exchange_identification: Connection closed by remote host\r\nConnection closed by ${connection.remote.address} port ${options.port}`)
  if (!server.startsWith('SSH-2.0')) throw new SshFailure('kex_exchange_identification: client sent invalid protocol identifier')
  await wire.sendLine(banner)
  const nonce = process.random.uuid()
  await wire.send('hello', { nonce })
  const hostKey = await wire.expect('hostKey')
  if (!hostKey || !isProof(hostKey.line, nonce, hostKey.signature)) throw new SshFailure(`Connection closed by ${connection.remote.address} port ${options.port}`)
  await checkHost(process, options, hostKey.line, connection.remote.address)
  await authenticate(process, options, wire, nonce)
  return { wire, connection }
}

async function dial(process: Process, options: SshOptions): Promise<Connection> {
  const fail = (why: string): SshFailure => new SshFailure(`ssh: connect to host ${options.host} port ${options.port}: ${why}`)
  const timeout = Number(options.settings.get('connecttimeout') ?? 0)
  try {
    return await process.net.connect({ host: options.host, port: options.port }, timeout > 0 ? { timeoutMs: timeout * 1000 } : {})
  } catch (error) {
    if (error instanceof LookupError) throw new SshFailure(`ssh: Could not resolve hostname ${options.host}: ${error.reason === 'not-found' ? 'Name or service not known' : 'Temporary failure in name resolution'}`)
    if (isErrno(error)) throw fail(error.message)
    throw error
  }
}

async function checkHost(process: Process, options: SshOptions, line: string, address: string): Promise<void> {
  const strict = (options.settings.get('stricthostkeychecking') ?? 'ask').toLowerCase()
  const home = process.env.get('HOME') ?? '/root'
  const paths = knownHostsFiles(options, home)
  const name = options.port === 22 ? options.host : `[${options.host}]:${options.port}`
  const known = knownKeys(process, [...paths, '/etc/ssh/ssh_known_hosts'], [name, address])
  const wanted = line.split(/\s+/).slice(0, 2).join(' ')
  if (known.some((each) => each.key === wanted)) return
  const differing = known.find((each) => each.key.split(' ')[0] === wanted.split(' ')[0])
  if (differing) {
    await changedKey(process, options, line, differing, name)
    if (!['no', 'off'].includes(strict)) throw new SshFailure('Host key verification failed.')
    return
  }
  if (strict === 'yes') throw new SshFailure(`No ${keyLabel(line)} host key is known for ${name} and you have requested strict checking.\r\nHost key verification failed.`)
  if (strict === 'ask' && !(await askUser(process, options, line, address))) throw new SshFailure('Host key verification failed.')
  remember(process, paths[0] ?? '', name, wanted)
  if (!options.quiet) await process.stderr.write(`Warning: Permanently added '${name}' (${keyLabel(line)}) to the list of known hosts.\r\n`)
}

function knownHostsFiles(options: SshOptions, home: string): string[] {
  return (options.settings.get('userknownhostsfile') ?? `${home}/.ssh/known_hosts`).split(/\s+/).map((path) => path.replace(/^~/, home))
}

interface KnownKey {
  readonly path: string
  readonly number: number
  readonly key: string
}

function knownKeys(process: Process, paths: readonly string[], names: readonly string[]): KnownKey[] {
  const out: KnownKey[] = []
  for (const path of paths) {
    if (path === '/dev/null' || process.files.exists(path)?.type !== 'file') continue
    for (const [index, raw] of process.files.readText(path).split('\n').entries()) {
      const [hosts = '', type = '', blob = ''] = raw.trim().split(/\s+/)
      if (hosts.split(',').some((host) => names.includes(host))) out.push({ path, number: index + 1, key: `${type} ${blob}` })
    }
  }
  return out
}

async function changedKey(process: Process, options: SshOptions, line: string, known: KnownKey, name: string): Promise<void> {
  const bar = '@'.repeat(59)
  await process.stderr.write(
    `${bar}\r\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\n${bar}\r\nIT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\r\nSomeone could be eavesdropping on you right now (man-in-the-middle attack)!\r\nIt is also possible that a host key has just been changed.\r\nThe fingerprint for the ${keyLabel(line)} key sent by the remote host is\n${fingerprint(line)}.\r\nPlease contact your system administrator.\r\nAdd correct host key in ${known.path} to get rid of this message.\r\nOffending ${keyLabel(line)} key in ${known.path}:${known.number}\r\n  remove with:\r\n  ssh-keygen -f "${known.path}" -R "${name}"\r\nHost key for ${options.host} has changed and you have requested strict checking.\r\n`,
  )
}

async function askUser(process: Process, options: SshOptions, line: string, address: string): Promise<boolean> {
  if ((options.settings.get('batchmode') ?? 'no') === 'yes' || !process.terminal()) return false
  const where = options.host === address ? options.host : `${options.host} (${address})`
  const print = fingerprint(line)
  let answer = await prompt(process, `The authenticity of host '${where}' can't be established.\n${keyLabel(line)} key fingerprint is ${print}.\nThis key is not known by any other names.\nAre you sure you want to continue connecting (yes/no/[fingerprint])? `, true)
  while (answer !== undefined && answer !== 'yes' && answer !== 'no' && answer !== print) answer = await prompt(process, "Please type 'yes', 'no' or the fingerprint: ", true)
  return answer === 'yes' || answer === print
}

/** Asks on the controlling terminal; undefined where there is none. */
export async function prompt(process: Process, text: string, echo: boolean): Promise<string | undefined> {
  const terminal = process.terminal()
  if (!terminal) return undefined
  const tty = process.files.open('/dev/tty', { read: true, write: true })
  await tty.write(new TextEncoder().encode(text))
  if (!echo) terminal.setMode({ echo: false })
  try {
    const bytes = await tty.read(4096)
    return bytes === null ? undefined : new TextDecoder().decode(bytes).replace(/\n$/, '')
  } finally {
    if (!echo) {
      terminal.setMode({ echo: true })
      await tty.write(new TextEncoder().encode('\n'))
    }
  }
}

function remember(process: Process, path: string, name: string, key: string): void {
  if (path === '/dev/null' || path === '') return
  const directory = path.slice(0, path.lastIndexOf('/'))
  if (!process.files.exists(directory)) process.files.mkdirAll(directory, 0o700)
  process.files.appendFile(path, `${name} ${key}\n`)
  process.files.chmod(path, 0o600)
}

async function authenticate(process: Process, options: SshOptions, wire: Wire, nonce: string): Promise<void> {
  const { user } = options
  let methods = 'publickey,password'
  for (const path of options.identities) {
    const isGiven = options.givenIdentities.includes(path)
    if (!process.files.exists(path)) {
      if (isGiven) await process.stderr.write(`Warning: Identity file ${path} not accessible: No such file or directory.\n`)
      continue
    }
    if ((process.files.stat(path).mode & 0o077) !== 0) {
      const bar = '@'.repeat(59)
      await process.stderr.write(`${bar}\n@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @\n${bar}\nPermissions 0${(process.files.stat(path).mode & 0o777).toString(8)} for '${path}' are too open.\nIt is required that your private key files are NOT accessible by others.\nThis private key will be ignored.\nLoad key "${path}": bad permissions\n`)
      continue
    }
    const parsed = parsePrivateKeyFile(process.files.readText(path))
    if (!parsed) {
      await process.stderr.write(`Load key "${path}": error in libcrypto\r\n`)
      continue
    }
    await wire.send('userAuth', { user, method: 'publickey', key: publicLine(parsed.key), signature: prove(parsed.key, `${nonce}/${user}`) })
    const result = await wire.expect('authResult')
    if (result?.ok) return
    methods = result?.methods ?? methods
  }
  if (await tryPasswords(process, options, wire)) return
  throw new SshFailure(`${user}@${options.host}: Permission denied (${methods}).`)
}

async function tryPasswords(process: Process, options: SshOptions, wire: Wire): Promise<boolean> {
  await wire.send('userAuth', { user: options.user, method: 'none' })
  const offered = await wire.expect('authResult')
  if (!offered?.methods.includes('password') || options.settings.get('batchmode') === 'yes' || !process.terminal()) return false
  for (let tries = 0; tries < 3; tries++) {
    const password = await prompt(process, `${options.user}@${options.host}'s password: `, false)
    if (password === undefined) return false
    await wire.send('userAuth', { user: options.user, method: 'password', password })
    const result = await wire.expect('authResult')
    if (result?.ok) return true
    if (!result) return false
    if (tries < 2) await process.stderr.write('Permission denied, please try again.\r\n')
  }
  return false
}
