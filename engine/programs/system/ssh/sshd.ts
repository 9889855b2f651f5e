/** `sshd`: the server, and a process per connection. */
import { Errno, isErrno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import type { Connection, Listener } from '#engine/linux/abi/net'
import type { ChildProcess, Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { parseSignal } from '#engine/linux/abi/signals'
import type { Task } from '#engine/linux/kernel/task'
import { processFields } from '#engine/linux/journald/stream'
import { findUser, groupsOf, loginEnvironment, shadows, type User } from '#engine/linux/users/accounts'
import { checkPassword } from '../accounts/password'
import { isProof, parsePrivateKeyFile, prove, publicLine } from './keys'
import { sftpServer } from './sftp'
import { makeHostKey, writeHostKey } from './trust'
import { banner, type SshMessages, Wire } from './wire'

const hostKeyPath = '/etc/ssh/ssh_host_ed25519_key'

interface Settings {
  readonly port: number
  readonly permitRootLogin: string
  readonly passwordAuthentication: boolean
  readonly error: string | undefined
}

export const sshd: Program = {
  name: 'sshd',
  unsupported: 'encryption of the session, forwarding of ports, agents and X11, Match blocks, certificates',
  async run(process) {
    const args = process.argv.slice(1)
    ensureHostKey(process)
    const settings = readSettings(process)
    if (settings.error !== undefined) {
      await process.stderr.write(settings.error)
      return 255
    }
    if (args.includes('-t')) return 0
    return serve(process, settings)
  },
}

function ensureHostKey(process: Process): void {
  if (!process.files.exists(hostKeyPath)) writeHostKey(process.files, makeHostKey(process.random), process.uname().nodename)
}

const known = new Set(
  'include port addressfamily listenaddress hostkey rekeylimit syslogfacility loglevel logingracetime permitrootlogin strictmodes maxauthtries maxsessions pubkeyauthentication authorizedkeysfile authorizedprincipalsfile authorizedkeyscommand authorizedkeyscommanduser hostbasedauthentication ignoreuserknownhosts ignorerhosts passwordauthentication permitemptypasswords kbdinteractiveauthentication challengeresponseauthentication kerberosauthentication gssapiauthentication usepam allowagentforwarding allowtcpforwarding gatewayports x11forwarding x11displayoffset x11uselocalhost permittty printmotd printlastlog tcpkeepalive permituserenvironment compression clientaliveinterval clientalivecountmax usedns pidfile maxstartups permittunnel chrootdirectory versionaddendum banner acceptenv subsystem allowusers denyusers allowgroups denygroups ciphers macs kexalgorithms hostkeyalgorithms pubkeyacceptedalgorithms forcecommand match'.split(' '),
)

function readSettings(process: Process): Settings {
  const values = new Map<string, string>()
  const path = '/etc/ssh/sshd_config'
  const lines = process.files.exists(path) ? process.files.readText(path).split('\n') : []
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const [key = '', ...rest] = line.split(/\s+/)
    if (!known.has(key.toLowerCase())) return { port: 22, permitRootLogin: 'no', passwordAuthentication: false, error: `${path}: line ${index + 1}: Bad configuration option: ${key}\r\n${path}: terminating, 1 bad configuration options\r\n` }
    if (!values.has(key.toLowerCase())) values.set(key.toLowerCase(), rest.join(' '))
  }
  return { port: Number(values.get('port') ?? 22), permitRootLogin: values.get('permitrootlogin') ?? 'prohibit-password', passwordAuthentication: (values.get('passwordauthentication') ?? 'yes') === 'yes', error: undefined }
}

async function serve(process: Process, settings: Settings): Promise<number> {
  process.setMemory(7 * 1024 * 1024)
  const task = process as Task
  const listener = process.net.listen({ address: '0.0.0.0', port: settings.port })
  task.argv = ['sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups']
  log(process, process, `Server listening on 0.0.0.0 port ${settings.port}.`)
  await notifyReady(process)
  const ended = new Promise<number>((resolve) => process.handle('SIGTERM', () => resolve(0)))
  process.handle('SIGHUP', () => undefined)
  process.handle('SIGCHLD', 'ignore')
  process.background(async () => {
    for (;;) {
      const connection = await nextConnection(listener)
      if (!connection) return
      process.fork((child) => talk(child, connection, settings), { descriptors: new Map([[3, connection]]), session: {} })
    }
  })
  const code = await ended
  log(process, process, 'Received signal 15; terminating.')
  listener.close()
  return code
}

/** Undefined once the listener is closed. */
async function nextConnection(listener: Listener): Promise<Connection | undefined> {
  try {
    return await listener.accept()
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

async function notifyReady(process: Process): Promise<void> {
  const unix = process.env.get('NOTIFY_SOCKET')
  if (unix === undefined || process.resumed) return
  try {
    const connection = await process.net.connect({ unix })
    await connection.write(new TextEncoder().encode('READY=1\n'))
    connection.close()
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

function log(process: Process, from: Process, message: string): void {
  const { kernel } = process as Task
  kernel.journal.append({ PRIORITY: '6', SYSLOG_FACILITY: '4', SYSLOG_IDENTIFIER: 'sshd', _TRANSPORT: 'syslog', ...processFields(from as Task), _COMM: 'sshd', _SYSTEMD_UNIT: 'ssh.service', MESSAGE: message })
}

/** One connection, in a process of its own. */
async function talk(process: Process, connection: Connection, settings: Settings): Promise<number> {
  const task = process as Task
  task.argv = ['sshd: [accepted]']
  process.handle('SIGCHLD', 'default')
  const wire = new Wire(process.descriptor(3))
  await wire.sendLine(banner)
  const theirs = await wire.line()
  if (theirs === undefined || !theirs.startsWith('SSH-2.0')) {
    if (theirs !== undefined) await process.descriptor(3).write(new TextEncoder().encode('Invalid SSH identification string.\r\n'))
    return 255
  }
  const hello = await wire.expect('hello')
  const host = parsePrivateKeyFile(process.files.readText(hostKeyPath))
  if (!hello || !host) return 255
  await wire.send('hostKey', { line: publicLine(host.key), signature: prove(host.key, hello.nonce) })
  const peer = `${connection.remote.address} port ${connection.remote.port}`
  const user = await authenticate(process, wire, settings, hello.nonce, peer)
  if (!user) return 255
  const open = await wire.expect('open')
  return open ? session(process, wire, user, open, connection) : 0
}

async function authenticate(process: Process, wire: Wire, settings: Settings, nonce: string, peer: string): Promise<User | undefined> {
  const methods = settings.passwordAuthentication ? 'publickey,password' : 'publickey'
  for (let tries = 0; tries < 12; tries++) {
    const request = await wire.expect('userAuth')
    if (!request) return undefined
    const user = findUser(process.files, request.user)
    if (user && accepts(process, user, request, settings, nonce)) {
      await wire.send('authResult', { ok: true, methods })
      log(process, process, `Accepted ${request.method} for ${user.name} from ${peer} ssh2`)
      return user
    }
    if (request.method === 'password') log(process, process, `Failed password for ${user ? '' : 'invalid user '}${request.user} from ${peer} ssh2`)
    await wire.send('authResult', { ok: false, methods })
  }
  return undefined
}

function accepts(process: Process, user: User, request: SshMessages['userAuth'], settings: Settings, nonce: string): boolean {
  if (/(nologin|\/false)$/.test(user.shell)) return false
  if (user.uid === 0 && settings.permitRootLogin === 'no') return false
  if (request.method === 'publickey') return hasKey(process, user, request, nonce)
  if (request.method !== 'password' || !settings.passwordAuthentication || (user.uid === 0 && settings.permitRootLogin !== 'yes')) return false
  const hash = shadows(process.files).find((each) => each.name === user.name)?.hash ?? '*'
  return checkPassword(request.password ?? '', hash)
}

function hasKey(process: Process, user: User, { key, signature }: SshMessages['userAuth'], nonce: string): boolean {
  if (key === undefined || signature === undefined) return false
  const path = `${user.home}/.ssh/authorized_keys`
  const wanted = key.split(' ').slice(0, 2).join(' ')
  const lines = process.files.exists(path) ? process.files.readText(path).split('\n') : []
  return lines.some((line) => line.includes(wanted)) && isProof(key, `${nonce}/${user.name}`, signature)
}

async function session(process: Process, wire: Wire, user: User, open: SshMessages['open'], connection: Connection): Promise<number> {
  const task = process as Task
  const number = task.kernel.forks
  const scope = `/user.slice/user-${user.uid}.slice/session-${number}.scope`
  process.files.mkdirAll(`/sys/fs/cgroup${scope}`)
  process.files.writeFile(`/sys/fs/cgroup${scope}/cgroup.procs`, '0')
  log(process, process, `pam_unix(sshd:session): session opened for user ${user.name}(uid=${user.uid}) by (uid=0)`)
  const env = loginEnvironment(user, open.terminal?.term)
  for (const [name, value] of open.env) if (/^(LANG|LC_)/.test(name)) env.set(name, value)
  env.set('SSH_CLIENT', `${connection.remote.address} ${connection.remote.port} ${connection.local.port}`)
  env.set('SSH_CONNECTION', `${connection.remote.address} ${connection.remote.port} ${connection.local.address} ${connection.local.port}`)
  const credentials = user.uid === 0 ? undefined : { uid: user.uid, gid: user.gid, euid: user.uid, egid: user.gid, groups: groupsOf(process.files, user), capabilities: new Set<string>() }
  const cwd = process.files.exists(user.home)?.type === 'directory' ? user.home : '/'
  const shellName = user.shell.split('/').pop() ?? 'sh'
  const argv = open.command === undefined ? [`-${shellName}`] : [shellName, '-c', open.command]
  const options = { env, cwd, onlyNamedDescriptors: true, cgroup: scope, ...(credentials ? { credentials } : {}) }
  const code = open.terminal ? await onTerminal(process, wire, user, user.shell, argv, options, open.terminal, env) : await onPipes(process, wire, open.subsystem === 'sftp' ? undefined : user.shell, argv, options)
  log(process, process, `pam_unix(sshd:session): session closed for user ${user.name}`)
  process.files.writeFile('/sys/fs/cgroup/system.slice/ssh.service/cgroup.procs', '0')
  removeScope(process, scope)
  return code
}

function removeScope(process: Process, scope: string): void {
  try {
    process.files.rmdir(`/sys/fs/cgroup${scope}`)
  } catch (error) {
    // Somebody put a process in the background: the scope lives on with it.
    if (!isErrno(error, 'EBUSY', 'ENOENT')) throw error
  }
}

interface SpawnOptions {
  readonly env: ReadonlyMap<string, string>
  readonly cwd: string
  readonly onlyNamedDescriptors: boolean
  readonly cgroup: string
}

async function onTerminal(process: Process, wire: Wire, user: User, path: string, argv: readonly string[], options: SpawnOptions, size: { columns: number; rows: number }, env: Map<string, string>): Promise<number> {
  const task = process as Task
  const { master, slave } = process.openPty(size)
  env.set('SSH_TTY', slave.description)
  task.argv = [`sshd: ${user.name}@${slave.description.replace('/dev/', '')}`]
  const child = process.spawn(path, argv, { ...options, env, descriptors: new Map([[0, slave], [1, slave], [2, slave]]), session: { terminal: slave } })
  if (argv.length === 1 && process.files.exists('/etc/motd') && !process.files.exists(`${user.home}/.hushlogin`)) await wire.data(new TextEncoder().encode(process.files.readText('/etc/motd').replace(/\n/g, '\r\n')))
  process.background(async () => {
    for (let frame = await wire.receive(); frame; frame = await wire.receive()) {
      if (frame.type === 'data') await master.write(frame.bytes)
      else if (frame.type === 'message' && frame.message.kind === 'resize') master.tty?.resize(frame.message.value.columns, frame.message.value.rows)
    }
    master.release()
  })
  const output = pump(process, master, (bytes) => wire.data(bytes))
  return finish(process, wire, child, [output])
}

/** Without a path: the file server of this program itself (internal-sftp). */
async function onPipes(process: Process, wire: Wire, path: string | undefined, argv: readonly string[], options: SpawnOptions): Promise<number> {
  const task = process as Task
  task.argv = [`sshd: ${options.env.get('USER') ?? ''}@notty`]
  const [input, output, errors] = [process.pipe(), process.pipe(), process.pipe()]
  const childOptions = { ...options, descriptors: new Map([[0, input.reader], [1, output.writer], [2, errors.writer]]), session: {} }
  const child = path === undefined ? process.fork((own) => sftpServer.run(own), childOptions) : process.spawn(path, argv, childOptions)
  process.background(async () => {
    process.handle('SIGPIPE', 'ignore')
    for (let frame = await wire.receive(); frame && frame.type !== 'end'; frame = await wire.receive()) {
      if (frame.type === 'data') await ignoreBrokenPipe(input.writer.write(frame.bytes))
      else if (frame.type === 'message' && frame.message.kind === 'signal') child.kill(parseSignal(frame.message.value.signal) ?? 'SIGTERM')
    }
    input.writer.release()
  })
  return finish(process, wire, child, [pump(process, output.reader, (bytes) => wire.data(bytes)), pump(process, errors.reader, (bytes) => wire.data(bytes, 'errors'))])
}

async function ignoreBrokenPipe(write: Promise<void>): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!isErrno(error, 'EPIPE')) throw error
  }
}

/** Everything that is written, until the last writer is gone. */
function pump(process: Process, file: OpenFile, give: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    process.background(async () => {
      try {
        for (let bytes = await file.read(32768); bytes; bytes = await file.read(32768)) await give(bytes)
      } catch (error) {
        if (!(error instanceof Errno)) throw error
      }
      resolve()
    })
  })
}

async function finish(process: Process, wire: Wire, child: ChildProcess, pumps: readonly Promise<void>[]): Promise<number> {
  const status = await child.wait()
  // Output of what went to the background may still come; what was written before the end must not be lost.
  await Promise.race([Promise.all(pumps), process.clock.sleep(50)])
  try {
    await wire.send('exit', status.kind === 'exited' ? { code: status.code } : { signal: status.signal })
  } catch (error) {
    if (!(error instanceof Errno)) throw error
  }
  return 0
}
