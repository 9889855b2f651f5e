/** `docker login`, `logout`, `context`, `search`, `swarm`: what stands at the edge of this machine. */
import { bool, string } from '#engine/programs/common/cobra/flags'
import type { Command } from '#engine/programs/common/cobra/command'
import { encodeUtf8, toBase64 } from '#engine/base/bytes'
import { emptyBody } from '#engine/base/http'
import { isErrno } from '#engine/linux/abi/errno'
import { LookupError, TlsError } from '#engine/linux/abi/net'
import { DockerFailure } from '../kit/api'
import { type Context, group, leaf } from '../kit/command'
import { printRows } from '../kit/format'
import { configPath, readLogins, writeLogin } from '../kit/logins'
import { documentText, indented } from '../kit/format'

const hub = 'https://index.docker.io/v1/'

export const loginCommand: Command = leaf({
  use: 'login [OPTIONS] [SERVER]', short: 'Authenticate to a registry', args: { atMost: 1 }, flags: [string('password,p', 'Password or Personal Access Token (PAT)'), bool('password-stdin', 'Take the Password or Personal Access Token (PAT) from stdin'), string('username,u', 'Username')],
  async run(context) {
    const { args: [server = hub], flags, process } = context
    const { username, password } = await credentialsOf(context)
    if (flags.changed('password')) await process.stderr.write('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n')
    const registry = server.replace(/^https?:\/\//, '').replace(/\/$/, '')
    const key = server === hub || registry === 'docker.io' ? hub : registry
    await check(context, key === hub ? 'registry-1.docker.io' : registry, username, password)
    writeLogin(process, key, toBase64(encodeUtf8(`${username}:${password}`)))
    await process.stderr.write(`\nWARNING! Your credentials are stored unencrypted in '${configPath(process)}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n\n`)
    await process.stdout.write('Login Succeeded\n')
    return 0
  },
})

async function credentialsOf({ flags, process }: Context): Promise<{ username: string; password: string }> {
  const fromInput = flags.bool('password-stdin')
  const username = flags.string('username')
  if (fromInput && flags.changed('password')) throw new DockerFailure('conflicting options: cannot specify both --password and --password-stdin')
  if (fromInput && username === '') throw new DockerFailure('the --password-stdin option requires --username to be set')
  const password = fromInput ? (await process.stdin.text()).replace(/\r?\n$/, '') : flags.string('password')
  if (username === '' || password === '') throw new DockerFailure(process.descriptors().get(0)?.tty ? 'asking for a user name or a password is not supported; give --username and --password-stdin' : 'Error: Cannot perform an interactive login from a non TTY device')
  return { username, password }
}

/** The registry itself says whether it knows who comes. */
async function check({ api, process }: Context, registry: string, username: string, password: string): Promise<void> {
  const info = await api.get<{ RegistryConfig: { IndexConfigs: Record<string, { Secure: boolean }> } }>('/info')
  const [name = registry, port] = registry.split(':')
  const plain = name === 'localhost' || name.startsWith('127.') || info.RegistryConfig.IndexConfigs[registry]?.Secure === false
  const headers = { authorization: `Basic ${toBase64(encodeUtf8(`${username}:${password}`))}` }
  try {
    const answer = await process.net.request({ host: name, port: Number(port ?? (plain ? 80 : 443)) }, { method: 'GET', path: '/v2/', headers, body: emptyBody }, plain ? {} : { tls: {} })
    if (answer.status >= 400) throw new DockerFailure(`Error response from daemon: Get "${plain ? 'http' : 'https'}://${registry}/v2/": unauthorized: incorrect username or password`)
  } catch (error) {
    if (error instanceof LookupError) throw new DockerFailure(`Error response from daemon: Get "https://${registry}/v2/": dial tcp: lookup ${name}: no such host`)
    if (error instanceof TlsError) throw new DockerFailure(`Error response from daemon: Get "https://${registry}/v2/": ${error.reason === 'not-tls' ? 'http: server gave HTTP response to HTTPS client' : `tls: failed to verify certificate: ${error.message}`}`)
    if (isErrno(error)) throw new DockerFailure(`Error response from daemon: Get "https://${registry}/v2/": dial tcp ${error.subject ?? registry}: connect: ${error.message.toLowerCase()}`)
    throw error
  }
}

export const logoutCommand: Command = leaf({
  use: 'logout [SERVER]', short: 'Log out from a registry', args: { atMost: 1 },
  async run({ args: [server = hub], process }) {
    const registry = server === hub ? hub : server.replace(/^https?:\/\//, '').replace(/\/$/, '')
    const shown = registry === hub ? hub : registry
    if (!readLogins(process)[registry]) {
      await process.stdout.write(`Not logged in to ${shown}\n`)
      return 0
    }
    writeLogin(process, registry, undefined)
    await process.stdout.write(`Removing login credentials for ${shown}\n`)
    return 0
  },
})

const contextLs = leaf({
  use: 'ls [OPTIONS]', short: 'List contexts', args: { exactly: 0 }, aliases: ['list'], flags: [string('format', 'Format output using a custom template'), bool('quiet,q', 'Only show context names')],
  async run({ api, flags, process }) {
    const row = { Name: process.env.get('DOCKER_HOST') ? 'default' : 'default', Current: true, Description: 'Current DOCKER_HOST based configuration', DockerEndpoint: api.host, Error: '', ContextType: 'moby' }
    const shown = { ...row, Name: flags.string('format') === '' && !flags.bool('quiet') ? 'default *' : 'default' }
    return printRows(process, { type: '*formatter.clientContextContext', columns: { Name: 'NAME', Description: 'DESCRIPTION', DockerEndpoint: 'DOCKER ENDPOINT', Error: 'ERROR', Current: 'CURRENT' }, table: 'table {{.Name}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}', quiet: '{{.Name}}' }, [shown], { format: flags.string('format'), quiet: flags.bool('quiet') })
  },
})

const contextShow = leaf({ use: 'show', short: 'Print the name of the current context', args: { exactly: 0 }, run: async ({ process }) => (await process.stdout.write('default\n'), 0) })

const contextUse = leaf({
  use: 'use CONTEXT', short: 'Set the current docker context', args: { exactly: 1 },
  async run({ args: [name = ''], process }) {
    if (name !== 'default') throw new DockerFailure(`context "${name}": context not found: open ${configPath(process).replace(/config\.json$/, '')}contexts/meta/: no such file or directory`)
    await process.stdout.write('default\n')
    await process.stderr.write('Current context is now "default"\n')
    return 0
  },
})

const contextInspect = leaf({
  use: 'inspect [OPTIONS] [CONTEXT] [CONTEXT...]', short: 'Display detailed information on one or more contexts', args: { atLeast: 0 }, flags: [string('format,f', 'Format output using a custom template')],
  async run({ api, args: [name = 'default'], flags, process }) {
    if (name !== 'default') throw new DockerFailure(`context "${name}": context not found`)
    const document = { Name: 'default', Metadata: {}, Endpoints: { docker: { Host: api.host, SkipTLSVerify: false } }, TLSMaterial: {}, Storage: { MetadataPath: '<IN MEMORY>', TLSPath: '<IN MEMORY>' } }
    await process.stdout.write(flags.string('format') === '' ? indented([document]) : `${documentText(document, flags.string('format'))}\n`)
    return 0
  },
})

export const contextGroup: Command = group('context', 'Manage contexts', [contextLs, contextShow, contextUse, contextInspect])

/** What the real client has and this one has not. */
export const absentCommands: readonly Command[] = ['search', 'swarm', 'stack', 'service', 'node', 'secret', 'config', 'plugin', 'trust', 'manifest', 'checkpoint', 'compose', 'buildx'].map((name) => ({
  use: name, short: `${name} (not supported)`, hidden: true, rawArguments: true, args: () => undefined,
  run: () => {
    if (name === 'compose' || name === 'buildx') throw new DockerFailure(`docker: unknown command: docker ${name}\n\nRun 'docker --help' for more information`)
    throw new DockerFailure(`docker ${name} is not supported`)
  },
}))
