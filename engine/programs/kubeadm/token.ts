/** `kubeadm token`: create, list, delete, generate. */
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import type { Client } from '#engine/client/client'
import { configMaps, secrets } from '#engine/client/resources'
import { parseYaml } from '#engine/base/yaml/parser'
import { bool, duration, string, strings } from '#engine/programs/common/cobra/flags'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { alignTabs } from '#engine/programs/common/tabwriter/tabwriter'
import { defaultTokenGroups, type BootstrapTokenSettings, type ClusterConfiguration } from './configuration'
import { joinCommand } from './join-command'
import { KubeadmError, Session } from './session'
import { generateToken, tokenErrors, tokenIdPattern, tokenPattern, tokenSecret, viewToken, type TokenView } from './tokens'
import { group } from './commands/group'

const tokenForm = '"\\\\A([a-z0-9]{6})\\\\.([a-z0-9]{16})\\\\z"'
const idForm = '"\\\\A([a-z0-9]{6})\\\\z"'
const kubeconfig = string('kubeconfig', 'The kubeconfig file to use when talking to the cluster.', { default: '/etc/kubernetes/admin.conf' })
const dryRun = bool('dry-run', 'Whether to enable dry-run mode or not')

export const tokenCommand: Command = group({
  use: 'token',
  short: 'Manage bootstrap tokens',
  persistentFlags: [kubeconfig, dryRun],
  commands: [
    {
      use: 'create [token]',
      short: 'Create bootstrap tokens on the server',
      flags: [
        string('certificate-key', 'Prints the join command for a control plane with this key'),
        string('config', 'Path to a kubeadm configuration file.'),
        string('description', 'A human friendly description of how this token is used.'),
        strings('groups', 'Extra groups that this token will authenticate as when used for authentication', { default: defaultTokenGroups }),
        bool('print-join-command', 'Prints the full command to join the cluster instead of only the token.'),
        duration('ttl', 'The duration before the token is automatically deleted; 0 for never', { default: 86_400_000, defaultText: '24h0m0s' }),
        strings('usages', 'The ways in which this token can be used', { default: ['signing', 'authentication'] }),
      ],
      run: create,
    },
    {
      use: 'list',
      short: 'List bootstrap tokens on the server',
      flags: [string('output,o', 'Output format. One of: text|json|yaml', { default: 'text' }), bool('show-managed-fields', 'Keep the managedFields'), bool('allow-missing-template-keys', 'Ignore missing keys in templates', { default: true })],
      run: list,
    },
    { use: 'delete [token-value] ...', short: 'Delete bootstrap tokens on the server', run: remove },
    {
      use: 'generate',
      short: 'Generate and print a bootstrap token, but do not create it on the server',
      async run({ process }) {
        await process.stdout.write(`${generateToken(process.random)}\n`)
        return 0
      },
    },
  ],
})

async function create({ process, args, flags }: Invocation): Promise<number> {
  const session = new Session(process)
  const settings = wanted(process, args[0] ?? '', flags)
  const errors = tokenErrors(settings)
  if (errors.length > 0) throw new KubeadmError(errors.length > 1 ? `[${errors.join(', ')}]` : (errors[0] ?? ''))
  const client = session.client(flags.string('kubeconfig'))
  if (!flags.bool('dry-run'))
    await client.of(secrets).create(tokenSecret(settings, process.clock.now()) as never).catch((error: unknown) => {
      throw isReason(error, 'AlreadyExists') ? new KubeadmError(`a token with id "${settings.token.slice(0, 6)}" already exists`) : error
    })
  const key = flags.string('certificate-key')
  await session.say(flags.bool('print-join-command') ? `${await joinLine(session, client, settings.token, flags.string('kubeconfig'))}${key === '' ? '' : `--control-plane --certificate-key ${key}`}` : settings.token)
  return 0
}

function wanted(process: Invocation['process'], given: string, flags: Invocation['flags']): BootstrapTokenSettings {
  if (given !== '' && !tokenPattern.test(given)) throw new KubeadmError(`the bootstrap token "${given}" was not of the form ${tokenForm}`)
  return {
    token: given === '' ? generateToken(process.random) : given,
    ttl: `${flags.number('ttl') / 1000}s`,
    usages: [...flags.list('usages')],
    groups: [...flags.list('groups')],
    ...(flags.string('description') === '' ? {} : { description: flags.string('description') }),
  }
}

async function joinLine(session: Session, client: Client, token: string, kubeconfigPath: string): Promise<string> {
  const map: KubeObject = await client.of(configMaps).get('kube-system', 'kubeadm-config')
  const cluster = parseYaml(((map['data'] ?? {}) as Record<string, string>)['ClusterConfiguration'] ?? '') as ClusterConfiguration
  const endpoint = /server: https:\/\/(\S+):(\d+)/.exec(session.process.files.readText(kubeconfigPath))
  return joinCommand(session, { cluster, nodeName: session.hostname(), advertiseAddress: endpoint?.[1] ?? '', bindPort: Number(endpoint?.[2] ?? 6443) }, token)
}

async function list({ process, flags }: Invocation): Promise<number> {
  const session = new Session(process)
  const found = await session.client(flags.string('kubeconfig')).of(secrets).list('kube-system', { fieldSelector: 'type=bootstrap.kubernetes.io/token' })
  const tokens = found.items.flatMap((secret) => viewToken(secret) ?? [])
  if (flags.string('output') === 'json') {
    for (const token of tokens) await process.stdout.write(`${JSON.stringify(asObject(token), null, 4)}\n`)
    return 0
  }
  if (flags.string('output') !== 'text') throw new KubeadmError(`invalid output format: ${flags.string('output')}`)
  if (tokens.length === 0) return 0
  const rows = tokens.map((token) => [
    token.token,
    remaining(token, process.clock.now()),
    token.expiration ?? '<never>',
    token.usages.join(',') || '<none>',
    token.description || '<none>',
    token.groups.join(',') || '<none>',
  ])
  const lines = [['TOKEN', 'TTL', 'EXPIRES', 'USAGES', 'DESCRIPTION', 'EXTRA GROUPS'], ...rows].map((row) => row.join('\t'))
  await process.stdout.write(`${alignTabs(lines.join('\n'), { minWidth: 10, padding: 3 })}\n`)
  return 0
}

function asObject(token: TokenView): Record<string, unknown> {
  return {
    kind: 'BootstrapToken',
    apiVersion: 'output.kubeadm.k8s.io/v1alpha3',
    creationTimestamp: null,
    token: token.token,
    ...(token.description ? { description: token.description } : {}),
    ...(token.expiration ? { expires: token.expiration } : {}),
    usages: token.usages,
    groups: token.groups,
  }
}

function remaining(token: TokenView, nowMs: number): string {
  if (!token.expiration) return '<forever>'
  const seconds = Math.floor((Date.parse(token.expiration) - nowMs) / 1000)
  if (seconds < 0) return '<invalid>'
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}

async function remove({ process, args, flags }: Invocation): Promise<number> {
  const session = new Session(process)
  if (args.length === 0) throw new KubeadmError(`missing argument; 'token delete' is missing token of form ${tokenForm} or ${idForm}`)
  const api = session.client(flags.string('kubeconfig')).of(secrets)
  for (const given of args) {
    const id = tokenIdPattern.test(given) ? given : tokenPattern.exec(given)?.[1]
    if (id === undefined) throw new KubeadmError(`given token didn't match pattern ${tokenForm} or ${idForm}`)
    try {
      if (!flags.bool('dry-run')) await api.delete('kube-system', `bootstrap-token-${id}`)
    } catch (error) {
      if (!(error instanceof Error) || error.name === 'ProcessKilled') throw error
      throw new KubeadmError(`failed to delete bootstrap token "${id}": ${error.message}`)
    }
    await session.say(`bootstrap token "${id}" deleted`)
  }
  return 0
}
