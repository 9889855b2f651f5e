import { bool, string, strings, stringArray, type Flag } from '#engine/programs/common/cobra/flags'
import type { KubeObject } from '#engine/api/object'
import { dryRunFlag, fieldManagerFlag, filenameFlags, printFlags, selectorFlag } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import { CliError, throwAll } from '#engine/programs/kubectl/session/errors'
import { dryRunOf, type Session } from '#engine/programs/kubectl/session/session'
import { labelSelector, parseResourceList } from '../create/workloads'
import { parsePairs, splitPairs } from '../pairs'
import { group, verb } from '../verb'
import { resultPrinter } from '../write'
import { setEnv } from './env'
import { matchingContainers, mutateAll, podSpecOf, sendDifference, targetsOf } from './podspec'
import { completeTypesOnce } from '../completion/resources'
import { record, recordFlag } from '../record'

/** As Go prints them: `[{a In [b]} {c Exists []}]`. */
function goExpressions(expressions: unknown): string {
  const list = expressions as readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[]
  return `[${list.map(({ key, operator, values = [] }) => `{${key} ${operator} [${values.join(' ')}]}`).join(' ')}]`
}

export const setFlags: readonly Flag[] = [
  ...printFlags, ...filenameFlags('identifying the resource to get from a server.'), dryRunFlag, fieldManagerFlag('kubectl-set'), selectorFlag,
  recordFlag,
  bool('all', 'Select all resources, in the namespace of the specified resource types'),
  bool('local', 'If true, nothing is sent; works on files only.'),
]

const image = verb({
  use: 'image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N',
  short: 'Update the image of a pod template',
  long: 'Update existing container image(s) of resources.\n\n Possible resources include (case insensitive):\n\n  pod (po), replicationcontroller (rc), deployment (deploy), daemonset (ds), statefulset (sts), cronjob (cj), replicaset (rs)',
  example: "# Set a deployment's nginx container image to 'nginx:1.9.1', and its busybox container image to 'busybox'\nkubectl set image deployment/nginx busybox=busybox nginx=nginx:1.9.1\n\n# All containers of daemonset abc\nkubectl set image daemonset abc *=nginx:1.9.1",
  flags: setFlags, run: runImage,
  complete: completeTypesOnce('daemonsets', 'deployments', 'pods', 'cronjobs', 'replicasets', 'replicationcontrollers', 'statefulsets'),
})

async function runImage(session: Session): Promise<void> {
  const { flags } = session
  const dryRun = await dryRunOf(session)
  const { resources, pairs } = splitPairs(session.args, 'image')
  const { set: images } = parsePairs(pairs, 'image', false)
  const infos = await targetsOf(session, resources)
  const errors: Error[] = []
  if (flags.bool('all') && flags.string('selector') !== '') errors.push(new CliError('cannot set --all and --selector at the same time'))
  if (resources.length === 0 && flags.list('filename').length === 0 && flags.string('kustomize') === '') errors.push(new CliError('one or more resources must be specified as <resource> <name> or <resource>/<name>'))
  if (images.size === 0) errors.push(new CliError('at least one image update is required'))
  else if (images.size > 1 && images.has('*')) errors.push(new CliError('all containers are already specified by *, but saw more than one container_name=container_image pairs'))
  if (flags.bool('local') && dryRun === 'server') errors.push(new CliError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?'))
  throwAll(errors)
  const missing: Error[] = []
  await collecting(missing, () => mutateAll(session, infos, {
    dryRun, operation: 'image updated', failure: 'failed to patch image update to pod template: ',
    change(object) {
      const spec = podSpecOf(object)
      for (const [name, value] of images) {
        const found = [...(spec.initContainers ?? []), ...spec.containers].filter((container) => name === '*' || container.name === name)
        for (const container of found) container.image = value
        if (found.length === 0) missing.push(new CliError(`error: unable to find container named ${JSON.stringify(name)}`))
      }
    },
  }))
}

/** Errors found on the way stand before those of the writes. */
async function collecting(found: Error[], run: () => Promise<void>): Promise<void> {
  let own: Error[] = []
  try {
    await run()
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'ProcessKilled') throw error
    own = [error]
  }
  throwAll([...found, ...own])
}

const resources = verb({
  use: 'resources (-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]',
  short: 'Update resource requests/limits on objects with pod templates',
  long: 'Specify compute resource requirements (CPU, memory) for any resource that defines a pod template. If a pod is successfully scheduled, it is guaranteed the amount of resource requested, but may burst up to its specified limits.\n\n For each compute resource, if a limit is specified and a request is omitted, the request will default to the limit.\n\n Possible resources include (case insensitive): Use "kubectl api-resources" for a complete list of supported resources..',
  example: '# Set a deployments nginx container cpu limits to "200m" and memory to "512Mi"\nkubectl set resources deployment nginx -c=nginx --limits=cpu=200m,memory=512Mi',
  flags: [...setFlags, string('containers,c', 'The names of containers in the selected pod templates to change, all containers are selected by default - may use wildcards', { default: '*' }), string('limits', "The resource requirement requests for this container.  For example, 'cpu=100m,memory=256Mi'."), string('requests', "The resource requirement requests for this container.  For example, 'cpu=100m,memory=256Mi'.")],
  run: runResources,
})

async function runResources(session: Session): Promise<void> {
  const { flags } = session
  const dryRun = await dryRunOf(session)
  const infos = await targetsOf(session, session.args)
  if (flags.bool('local') && dryRun === 'server') throw new CliError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?')
  if (flags.bool('all') && flags.string('selector') !== '') throw new CliError('cannot set --all and --selector at the same time')
  if (flags.string('limits') === '' && flags.string('requests') === '') throw new CliError('you must specify an update to requests or limits (in the form of --requests/--limits)')
  const [limits, requests] = [parseResourceList(flags.string('limits')), parseResourceList(flags.string('requests'))]
  const missing: Error[] = []
  await collecting(missing, () => mutateAll(session, infos, {
    dryRun, operation: 'resource requirements updated', failure: 'failed to patch resources update to pod template ',
    change(object) {
      const spec = podSpecOf(object)
      const pattern = flags.string('containers')
      const found = [...matchingContainers(spec.containers, pattern), ...matchingContainers(spec.initContainers, pattern)]
      for (const container of found) {
        const next = { ...container.resources }
        if (limits) next.limits = { ...next.limits, ...limits }
        if (requests) next.requests = { ...next.requests, ...requests }
        container.resources = next
      }
      if (found.length === 0) missing.push(new CliError(`error: unable to find container named ${pattern}`))
    },
  }))
}

const serviceAccount = verb({
  use: 'serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT', aliases: ['sa'],
  short: 'Update the service account of a resource',
  long: 'Update the service account of pod template resources.\n\n Possible resources (case insensitive) can be:\n\n replicationcontroller (rc), deployment (deploy), daemonset (ds), job, replicaset (rs), statefulset',
  example: "# Set deployment nginx-deployment's service account to serviceaccount1\nkubectl set serviceaccount deployment nginx-deployment serviceaccount1",
  flags: setFlags.filter((flag) => flag.name !== 'selector'),
  async run(session) {
    const dryRun = await dryRunOf(session)
    if (session.flags.bool('local') && dryRun === 'server') throw new CliError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?')
    if (session.args.length === 0) throw new CliError('serviceaccount is required')
    const infos = await targetsOf(session, session.args.slice(0, -1))
    const name = session.args[session.args.length - 1] as string
    await mutateAll(session, infos, { dryRun, operation: 'serviceaccount updated', failure: 'failed to patch ServiceAccountName ', skipUnchanged: false, change: (object) => void (podSpecOf(object).serviceAccountName = name) })
  },
})

const selector = verb({
  use: 'selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]',
  short: 'Set the selector on a resource',
  long: "Set the selector on a resource. Note that the new selector will overwrite the old selector if the resource had one prior to the invocation of 'set selector'.\n\n Note: currently selectors can only be set on Service objects.",
  example: "# The selector of a service\nkubectl set selector service my-svc 'environment=qa'",
  flags: [...setFlags.filter((flag) => flag.name !== 'selector' && flag.name !== 'kustomize').map((flag) => (flag.name === 'recursive' ? { ...flag, default: true } : flag)), string('resource-version', 'If non-empty, the selectors update will only succeed if this is the current resource-version for the object. Only valid when specifying a single resource.')],
  run: runSelector,
})

async function runSelector(session: Session): Promise<void> {
  const { flags, args } = session
  const dryRun = await dryRunOf(session)
  const last = args[args.length - 1]
  if (last === undefined) throw new CliError('one selector is required')
  const wanted = labelSelector(last)
  const local = flags.bool('local')
  const printer = resultPrinter(session, 'selector updated', dryRun)
  const built = await build(session, { typed: true, args: local ? [] : args.slice(0, -1), filenames: flags.list('filename'), recursive: flags.bool('recursive'), local, latest: !local, allowEmptySelector: flags.bool('all') })
  await built.visit(async (info) => {
    const before = info.object as KubeObject
    if (before.kind !== 'Service') throw new CliError('setting a selector is only supported for Services')
    if (wanted['matchExpressions']) throw new CliError(`match expression ${goExpressions(wanted['matchExpressions'])} not supported on this object`)
    const version = flags.string('resource-version')
    const after = { ...before, ...(version === '' ? {} : { metadata: { ...before.metadata, resourceVersion: version } }), spec: { ...(before['spec'] as object), selector: wanted['matchLabels'] } }
    record(session, after)
    await session.out(printer.print(local || dryRun === 'client' ? after : await sendDifference(session, info, before, after, dryRun)))
  })
}

const subject = verb({
  use: 'subject (-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  short: 'Update the user, group, or service account in a role binding or cluster role binding',
  long: 'Update the user, group, or service account in a role binding or cluster role binding.',
  example: '# For serviceaccount1\nkubectl set subject clusterrolebinding admin --serviceaccount=namespace:serviceaccount1',
  flags: [...setFlags, strings('group', 'Groups to bind to the role'), strings('serviceaccount', 'Service accounts to bind to the role'), strings('user', 'Usernames to bind to the role')],
  run: runSubject,
})

async function runSubject(session: Session): Promise<void> {
  const { flags } = session
  const dryRun = await dryRunOf(session)
  const infos = await targetsOf(session, session.args)
  if (flags.list('user').length === 0 && flags.list('group').length === 0 && flags.list('serviceaccount').length === 0) throw new CliError('you must specify at least one value of user, group or serviceaccount')
  const group = 'rbac.authorization.k8s.io'
  const unique = (list: readonly string[]): string[] => [...new Set(list)].sort()
  const wanted: Record<string, string>[] = [...unique(flags.list('user')).map((name) => ({ kind: 'User', apiGroup: group, name })), ...unique(flags.list('group')).map((name) => ({ kind: 'Group', apiGroup: group, name }))]
  for (const account of unique(flags.list('serviceaccount'))) {
    const parts = account.split(':')
    if (parts.length !== 2 || parts[1] === '') throw new CliError('serviceaccount must be <namespace>:<name>')
    wanted.push({ kind: 'ServiceAccount', name: parts[1] as string, namespace: parts[0] || session.namespace })
  }
  await mutateAll(session, infos, {
    dryRun, withoutGroup: true, operation: 'subjects updated', failure: 'failed to patch subjects to rolebinding: ',
    change(object) {
      if (object.kind !== 'RoleBinding' && object.kind !== 'ClusterRoleBinding') throw new Error('setting subjects is only supported for RoleBinding/ClusterRoleBinding')
      const subjects = (object['subjects'] as Record<string, string>[] | undefined) ?? []
      for (const entry of wanted) if (!subjects.some((known) => known['kind'] === entry['kind'] && known['name'] === entry['name'] && (known['namespace'] ?? '') === (entry['namespace'] ?? ''))) subjects.push(entry)
      object['subjects'] = subjects
    },
  })
}

export const set = group({
  use: 'set SUBCOMMAND', short: 'Set specific features on objects', long: 'Configure application resources.\n\n These commands help you make changes to existing application resources.', group: 'Basic Commands (Beginner):', commands: [setEnv, image, resources, selector, serviceAccount, subject],
})

export { stringArray }
