/** `kubeadm join` and `kubeadm reset`: from flags and file to the plan. */
import { bool } from '#engine/programs/common/cobra/flags'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { ownAddress } from '../address'
import { readGiven } from '../config'
import { defaultJoin, overlay, readConfiguration, type JoinConfiguration } from '../configuration'
import { join, joinPhase } from '../join'
import type { ControlPlaneJoin, JoinPlan } from '../join-plan'
import { patchesOf } from '../patches'
import { reset } from '../reset'
import { KubeadmError, phase, Session } from '../session'
import { tokenPattern } from '../tokens'
import { joinFlags, pick, resetFlags } from './flags.table'
import { Given } from './given'
import { group, phasePath } from './group'

const discoveryNames = 'config control-plane cri-socket discovery-file discovery-token discovery-token-ca-cert-hash discovery-token-unsafe-skip-ca-verification dry-run ignore-preflight-errors node-name patches tls-bootstrap-token token'
const onlyForControlPlanes = ['control-plane-prepare', 'check-etcd', 'etcd-join', 'control-plane-join']

export const joinCommand: Command = {
  use: 'join [api-server-endpoint]',
  short: 'Run this on any machine you wish to join an existing cluster',
  flags: joinFlags,
  run: runJoin,
  commands: [
    group({
      use: 'phase',
      short: 'Use this command to invoke single phase of the "join" workflow',
      commands: [
        { use: 'preflight [api-server-endpoint]', short: 'Run join pre-flight checks', flags: pick(joinFlags, discoveryNames), run: runJoinPhase },
        { use: 'kubelet-start [api-server-endpoint]', short: 'Write kubelet settings, certificates and (re)start the kubelet', flags: pick(joinFlags, discoveryNames), run: runJoinPhase },
        ...onlyForControlPlanes.map((name): Command => ({ use: `${name} [api-server-endpoint]`, short: `Run the ${name} phase of a control plane that joins`, flags: joinFlags, run: runJoinPhase })),
      ],
    }),
  ],
}

export const resetCommand: Command = {
  use: 'reset',
  short: 'Performs a best effort revert of changes made to this host by \'kubeadm init\' or \'kubeadm join\'',
  flags: resetFlags,
  run: (invocation) => runReset(invocation, undefined),
  commands: [
    group({
      use: 'phase',
      short: 'Use this command to invoke single phase of the "reset" workflow',
      commands: [
        { use: 'preflight', short: 'Run reset pre-flight checks', flags: pick(resetFlags, 'dry-run force ignore-preflight-errors'), run: (invocation) => runReset(invocation, 'preflight') },
        { use: 'remove-etcd-member', short: 'Remove a local etcd member.', flags: [bool('dry-run', 'Only say what would be done'), ...pick(resetFlags, 'kubeconfig')], run: (invocation) => runReset(invocation, 'remove-etcd-member') },
        { use: 'cleanup-node', short: 'Run cleanup node.', flags: pick(resetFlags, 'cert-dir cleanup-tmp-dir cri-socket dry-run'), run: (invocation) => runReset(invocation, 'cleanup-node') },
      ],
    }),
  ],
}

async function runJoin(invocation: Invocation): Promise<number> {
  await join(new Session(invocation.process), await joinPlan(invocation))
  return 0
}

async function runJoinPhase(invocation: Invocation): Promise<number> {
  const name = (phasePath(invocation.command).split('/')[0] ?? '')
  const plan = await joinPlan(invocation)
  await phase(name, () => joinPhase(new Session(invocation.process), plan, name))
  return 0
}

async function joinPlan(invocation: Invocation): Promise<JoinPlan> {
  const flags = new Given(invocation, joinFlags)
  const wanted = joinConfiguration(invocation, flags)
  const errors = [...discoveryErrors(wanted.discovery), ...fileErrors(invocation, wanted.discovery)]
  if (errors.length > 0) throw new KubeadmError(errors.length > 1 ? `[${errors.join(', ')}]` : (errors[0] ?? ''))
  const ignore = [...flags.list('ignore-preflight-errors'), ...(wanted.nodeRegistration.ignorePreflightErrors ?? [])]
  const own = flags.bool('control-plane') || wanted.controlPlane !== undefined ? await controlPlaneOf(invocation, flags, wanted) : undefined
  const directory = flags.string('patches') || (wanted.patches?.directory ?? '')
  return { join: wanted, ignore, skip: flags.list('skip-phases'), ...(own ? { controlPlane: own } : {}), ...patchesOf(new Session(invocation.process), directory) }
}

async function controlPlaneOf(invocation: Invocation, flags: Given, wanted: JoinConfiguration): Promise<ControlPlaneJoin> {
  const given = (wanted.controlPlane ?? {}) as { localAPIEndpoint?: { advertiseAddress?: string; bindPort?: number }; certificateKey?: string }
  const advertiseAddress = flags.string('apiserver-advertise-address') || given.localAPIEndpoint?.advertiseAddress || (await ownAddress(new Session(invocation.process)))
  return { advertiseAddress, bindPort: given.localAPIEndpoint?.bindPort ?? flags.number('apiserver-bind-port'), certificateKey: flags.string('certificate-key') || given.certificateKey || '' }
}

function fileErrors({ process }: Invocation, { file }: JoinConfiguration['discovery']): string[] {
  return file && !process.files.exists(file.kubeConfigPath) ? [`discovery.file.kubeConfigPath: Invalid value: ${JSON.stringify(file.kubeConfigPath)}: not a valid HTTPS URL or a file on disk`] : []
}

/** What is wrong in how the cluster is to be found; secrets are not repeated. */
function discoveryErrors({ bootstrapToken, tlsBootstrapToken }: JoinConfiguration['discovery']): string[] {
  if (!bootstrapToken) return []
  const field = 'discovery.bootstrapToken'
  const { apiServerEndpoint, token, caCertHashes = [], unsafeSkipCAVerification } = bootstrapToken
  const errors: string[] = []
  if (!unsafeSkipCAVerification && caCertHashes.length === 0)
    errors.push(`${field}: Invalid value: "": using token-based discovery without caCertHashes can be unsafe. Set unsafeSkipCAVerification as true in your kubeadm config file or pass --discovery-token-unsafe-skip-ca-verification flag to continue`)
  if (!tokenPattern.test(token)) errors.push(`${field}.token: Invalid value: "": the bootstrap token is invalid`)
  if (!/:\d+$/.test(apiServerEndpoint)) errors.push(`${field}.apiServerEndpoint: Invalid value: ${JSON.stringify(apiServerEndpoint)}: address ${apiServerEndpoint}: missing port in address`)
  if (tlsBootstrapToken !== undefined && tlsBootstrapToken !== '' && !tokenPattern.test(tlsBootstrapToken)) errors.push('discovery.tlsBootstrapToken: Invalid value: "": the bootstrap token is invalid')
  return errors
}

function joinConfiguration(invocation: Invocation, flags: Given): JoinConfiguration {
  flags.refuse('dry-run')
  const defaults = defaultJoin(flags.string('node-name') || new Session(invocation.process).hostname())
  if (flags.string('cri-socket') !== '') defaults.nodeRegistration.criSocket = flags.string('cri-socket')
  if (flags.string('config') === '') return { ...defaults, discovery: discoveryFromFlags(flags, invocation.args) }
  return overlay(defaults, readConfiguration(readGiven(invocation, flags.string('config'))).join)
}

function discoveryFromFlags(flags: Given, args: readonly string[]): JoinConfiguration['discovery'] {
  const file = flags.string('discovery-file')
  const forTls = flags.string('tls-bootstrap-token') || flags.string('token')
  if (file !== '') return { file: { kubeConfigPath: file }, ...(forTls === '' ? {} : { tlsBootstrapToken: forTls }) }
  const token = flags.string('discovery-token') || flags.string('token')
  if (args.length === 0 || token === '') throw new KubeadmError('discovery: Invalid value: "": bootstrapToken or file must be set')
  return {
    bootstrapToken: { apiServerEndpoint: args[0] ?? '', token, caCertHashes: [...flags.list('discovery-token-ca-cert-hash')], unsafeSkipCAVerification: flags.bool('discovery-token-unsafe-skip-ca-verification') },
    tlsBootstrapToken: flags.string('tls-bootstrap-token') || flags.string('token') || token,
  }
}

async function runReset(invocation: Invocation, only: string | undefined): Promise<number> {
  const flags = new Given(invocation, resetFlags)
  await reset(new Session(invocation.process), {
    force: flags.bool('force'),
    certificatesDir: flags.string('cert-dir'),
    cleanupTmp: flags.bool('cleanup-tmp-dir'),
    criSocket: flags.string('cri-socket') || 'unix:///var/run/containerd/containerd.sock',
    only,
    skip: flags.list('skip-phases'),
    dryRun: flags.bool('dry-run'),
  })
  return 0
}
