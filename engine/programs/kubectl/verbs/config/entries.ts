/** set-cluster, set-context, set-credentials. */
import { toBase64 } from '#engine/base/bytes'
import { bool, type Flag, string, stringArray, strings } from '#engine/programs/common/cobra/flags'
import { kubectlHelp } from '#engine/programs/kubectl/help'
import { absolute } from '#engine/programs/common/kube/config'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { parsePairs } from '../pairs'
import { verb } from '../verb'
import { ConfigStore, type Entry } from './store'
import { objectNames } from '../completion/names'
import { startingWith } from '../completion/resources'
import { completeNames } from './names'

/** Help on standard output, then the error. */
export async function unexpectedArgs(session: Session, word = 'Unexpected'): Promise<CliError> {
  await session.out(kubectlHelp(session.invocation.command))
  return new CliError(`${word} args: [${session.args.join(' ')}]`)
}

/** The flags given are copied to fields of the same name; empty ones unset. */
function copyGiven(session: Session, entry: Entry, names: readonly string[]): void {
  for (const name of names) if (session.flags.changed(name)) entry[name] = session.flags.string(name)
}

const mergeNote = '\n\n Specifying a name that already exists will merge new fields on top of existing values for those fields.'

export const setContext = verb({
  use: 'set-context [NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]',
  short: 'Set a context entry in kubeconfig',
  long: `Set a context entry in kubeconfig.${mergeNote}`,
  example: '# Set the user field on the gce context entry without touching other values\nkubectl config set-context gce --user=cluster-admin',
  flags: [bool('current', 'Modify the current context'), string('cluster', 'cluster for the context entry in kubeconfig'), string('user', 'user for the context entry in kubeconfig'), string('namespace,n', 'namespace for the context entry in kubeconfig')],
  complete: completeNames('contexts'),
  completeFlags: { namespace: async (session, toComplete) => ({ candidates: startingWith(toComplete, await objectNames(session, 'namespaces')) }) },
  run: runSetContext,
})

async function runSetContext(session: Session): Promise<void> {
  const { flags, args } = session
  if (args.length > 1) throw await unexpectedArgs(session)
  const current = flags.bool('current')
  if (!args[0] && !current) throw new CliError('you must specify a non-empty context name or --current')
  if (args[0] && current) throw new CliError('you cannot specify both a context name and --current')
  const store = new ConfigStore(session)
  const config = store.load()
  if (current && config.currentContext === '') throw new CliError('no current context is set')
  const name = current ? config.currentContext : (args[0] as string)
  const stanza = config.contexts.get(name)
  const entry: Entry = { ...stanza?.entry }
  copyGiven(session, entry, ['cluster', 'user', 'namespace'])
  config.contexts.set(name, { entry, origin: stanza?.origin ?? '' })
  store.save(config)
  await session.out(`Context ${JSON.stringify(name)} ${stanza ? 'modified' : 'created'}.\n`)
}

export const setCluster = verb({
  use: 'set-cluster NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com]',
  short: 'Set a cluster entry in kubeconfig',
  long: `Set a cluster entry in kubeconfig.${mergeNote}`,
  example: '# Set only the server field on the e2e cluster entry without touching other values\nkubectl config set-cluster e2e --server=https://1.2.3.4\n\n# Embed certificate authority data for the e2e cluster entry\nkubectl config set-cluster e2e --embed-certs --certificate-authority=~/.kube/e2e/kubernetes.ca.crt',
  flags: [
    string('server', 'server for the cluster entry in kubeconfig'), string('tls-server-name', 'tls-server-name for the cluster entry in kubeconfig'),
    bool('insecure-skip-tls-verify', 'insecure-skip-tls-verify for the cluster entry in kubeconfig'), string('certificate-authority', 'Path to certificate-authority file for the cluster entry in kubeconfig'),
    bool('embed-certs', 'embed-certs for the cluster entry in kubeconfig'), string('proxy-url', 'proxy-url for the cluster entry in kubeconfig'),
  ],
  run: runSetCluster,
})

async function runSetCluster(session: Session): Promise<void> {
  const { flags, args } = session
  if (args.length !== 1) throw await unexpectedArgs(session)
  const name = args[0] as string
  if (name === '') throw new CliError('you must specify a non-empty cluster name')
  const authority = flags.string('certificate-authority')
  if (flags.bool('insecure-skip-tls-verify') && authority !== '') throw new CliError('you cannot specify a certificate authority and insecure mode at the same time')
  if (flags.bool('embed-certs')) {
    if (authority === '') throw new CliError('you must specify a --certificate-authority to embed')
    mustExist(session, 'certificate-authority', authority)
  }
  const store = new ConfigStore(session)
  const config = store.load()
  const stanza = config.clusters.get(name)
  const entry: Entry = { ...stanza?.entry }
  if (flags.changed('server')) {
    entry['server'] = flags.string('server')
    delete entry['tls-server-name']
  }
  copyGiven(session, entry, ['tls-server-name', 'proxy-url'])
  if (flags.changed('insecure-skip-tls-verify')) {
    entry['insecure-skip-tls-verify'] = flags.bool('insecure-skip-tls-verify')
    if (flags.bool('insecure-skip-tls-verify')) drop(entry, 'certificate-authority', 'certificate-authority-data')
  }
  if (flags.changed('certificate-authority')) {
    takeFile(session, entry, 'certificate-authority')
    drop(entry, 'insecure-skip-tls-verify')
  }
  config.clusters.set(name, { entry, origin: stanza?.origin ?? '' })
  store.save(config)
  await session.out(`Cluster ${JSON.stringify(name)} set.\n`)
}

function drop(entry: Entry, ...names: string[]): void {
  for (const name of names) delete entry[name]
}

function mustExist(session: Session, flag: string, path: string): void {
  if (!session.process.files.exists(path)) throw new CliError(`could not stat ${flag} file ${path}: stat ${path}: no such file or directory`)
}

/** A certificate or key: its path, or with --embed-certs what it holds. */
function takeFile(session: Session, entry: Entry, field: string): void {
  const path = session.flags.string(field)
  if (session.flags.bool('embed-certs')) {
    entry[`${field}-data`] = session.process.files.exists(path) ? toBase64(session.process.files.readFile(path)) : undefined
    delete entry[field]
    return
  }
  entry[field] = absolute(session.process, path)
  delete entry[`${field}-data`]
}

const credentialFlags: readonly Flag[] = [
  string('client-certificate', 'Path to client-certificate file for the user entry in kubeconfig'), string('client-key', 'Path to client-key file for the user entry in kubeconfig'),
  string('token', 'token for the user entry in kubeconfig'), string('username', 'username for the user entry in kubeconfig'), string('password', 'password for the user entry in kubeconfig'),
  string('auth-provider', 'Auth provider for the user entry in kubeconfig'), strings('auth-provider-arg', "'key=value' arguments for the auth provider"),
  string('exec-command', 'Command for the exec credential plugin for the user entry in kubeconfig'), string('exec-api-version', 'API version of the exec credential plugin for the user entry in kubeconfig'),
  string('exec-interactive-mode', 'InteractiveMode of the exec credentials plugin for the user entry in kubeconfig'), bool('exec-provide-cluster-info', 'ProvideClusterInfo of the exec credentials plugin for the user entry in kubeconfig'),
  strings('exec-arg', 'New arguments for the exec credential plugin command for the user entry in kubeconfig'), stringArray('exec-env', "'key=value' environment values for the exec credential plugin"),
  bool('embed-certs', 'Embed client cert/key for the user entry in kubeconfig'),
]

export const setCredentials = verb({
  use: 'set-credentials NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password] [--auth-provider=provider_name] [--auth-provider-arg=key=value] [--exec-command=exec_command] [--exec-api-version=exec_api_version] [--exec-arg=arg] [--exec-env=key=value]',
  short: 'Set a user entry in kubeconfig',
  long: 'Set a user entry in kubeconfig.\n\n Specifying a name that already exists will merge new fields on top of existing values. Bearer token and basic auth exclude each other.',
  example: '# Set only the "client-key" field on the "cluster-admin" entry\nkubectl config set-credentials cluster-admin --client-key=~/.kube/admin.key\n\n# Set basic auth for the "cluster-admin" entry\nkubectl config set-credentials cluster-admin --username=admin --password=uXFGweU9l35qcif',
  flags: credentialFlags,
  run: runSetCredentials,
})

async function runSetCredentials(session: Session): Promise<void> {
  const { flags, args } = session
  if (args.length !== 1) throw await unexpectedArgs(session, 'unexpected')
  const name = args[0] as string
  validateCredentials(session, name)
  const store = new ConfigStore(session)
  const config = store.load()
  const stanza = config.users.get(name)
  const entry: Entry = { ...stanza?.entry }
  for (const field of ['client-certificate', 'client-key']) if (flags.changed(field)) takeFile(session, entry, field)
  copyGiven(session, entry, ['token', 'username', 'password'])
  changeProvider(session, entry)
  changeExec(session, entry)
  const token = flags.string('token') !== ''
  const basic = flags.string('username') !== '' || flags.string('password') !== ''
  if (basic) delete entry['token']
  if (token) drop(entry, 'username', 'password')
  config.users.set(name, { entry, origin: stanza?.origin ?? '' })
  store.save(config)
  await session.out(`User ${JSON.stringify(name)} set.\n`)
}

function validateCredentials(session: Session, name: string): void {
  const { flags } = session
  if (name === '') throw new CliError('you must specify a non-empty user name')
  if (flags.string('token') !== '' && (flags.string('username') !== '' || flags.string('password') !== '')) throw new CliError('you cannot specify more than one authentication method at the same time: --token, --username/--password')
  if (flags.bool('embed-certs')) {
    const given = ['client-certificate', 'client-key'].filter((field) => flags.string(field) !== '')
    if (given.length === 0) throw new CliError('you must specify a --client-certificate or --client-key to embed')
    for (const field of given) mustExist(session, field, flags.string(field))
  }
  if (flags.changed('exec-interactive-mode') && !['IfAvailable', 'Always', 'Never'].includes(flags.string('exec-interactive-mode'))) throw new CliError('invalid interactive mode type, can be only IfAvailable, Never, Always')
}

function changeProvider(session: Session, entry: Entry): void {
  const { flags } = session
  let provider = entry['auth-provider'] as { name: string; config?: Entry } | undefined
  if (flags.changed('auth-provider') && provider?.name !== flags.string('auth-provider')) provider = { name: flags.string('auth-provider') }
  if (!provider) return
  const { set, remove } = parsePairs(flags.list('auth-provider-arg'), 'auth-provider-arg', true)
  entry['auth-provider'] = { name: provider.name, config: { ...Object.fromEntries(Object.entries(provider.config ?? {}).filter(([key]) => !remove.includes(key))), ...Object.fromEntries(set) } }
}

function changeExec(session: Session, entry: Entry): void {
  const { flags } = session
  let exec = entry['exec'] as Entry | undefined
  if (flags.changed('exec-command')) exec = exec ? { ...exec, command: flags.string('exec-command'), args: null } : { command: flags.string('exec-command') }
  if (!exec) return
  const changed: Entry = { ...exec }
  if (flags.changed('exec-api-version')) changed['apiVersion'] = flags.string('exec-api-version')
  if (flags.list('exec-arg').length > 0) changed['args'] = [...flags.list('exec-arg')]
  if (flags.changed('exec-interactive-mode')) changed['interactiveMode'] = flags.string('exec-interactive-mode')
  if (flags.changed('exec-provide-cluster-info')) changed['provideClusterInfo'] = flags.bool('exec-provide-cluster-info')
  const { set, remove } = parsePairs(flags.list('exec-env'), 'exec-env', true)
  const env = new Map(((changed['env'] ?? []) as { name: string; value: string }[]).map(({ name, value }) => [name, value]))
  for (const name of remove) env.delete(name)
  for (const [name, value] of set) env.set(name, value)
  if (env.size > 0 || changed['env']) changed['env'] = [...env].map(([name, value]) => ({ name, value }))
  entry['exec'] = changed
}
