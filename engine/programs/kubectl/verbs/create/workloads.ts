/** create deployment, job, cronjob, namespace, serviceaccount, quota, priorityclass, poddisruptionbudget. */
import { parseLabelSelector } from '#engine/api/selector'
import type { KubeObject } from '#engine/api/object'
import { bool, int32, string, strings } from '#engine/programs/common/cobra/flags'
import { build } from '#engine/programs/kubectl/resources/builder'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { builtin, namespaces, type Session } from '#engine/programs/kubectl/session/session'
import { generator } from './generator'

export const namespace = generator({
  use: 'namespace NAME [--dry-run=server|client|none]', aliases: ['ns'], short: 'Create a namespace with the specified name',
  example: '# A namespace named my-namespace\nkubectl create namespace my-namespace', mapping: namespaces,
  make: (_, name) => ({ kind: 'Namespace', apiVersion: 'v1', metadata: { name }, spec: {}, status: {} }),
})

export const serviceAccount = generator({
  use: 'serviceaccount NAME [--dry-run=server|client|none]', aliases: ['sa'], short: 'Create a service account with the specified name',
  example: '# A service account named my-service-account\nkubectl create serviceaccount my-service-account', mapping: builtin('', 'v1', 'serviceaccounts', 'ServiceAccount'), failure: 'failed to create serviceaccount: ',
  make: (_, name) => ({ kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name } }),
})

function commandOf(session: Session): string[] {
  return [...session.args.slice(1)]
}

export const deployment = generator({
  use: 'deployment NAME --image=image -- [COMMAND] [args...]', aliases: ['deploy'], short: 'Create a deployment with the specified name',
  example: '# A deployment that runs the busybox image\nkubectl create deployment my-dep --image=busybox\n\n# With a command\nkubectl create deployment my-dep --image=busybox -- date\n\n# With 3 replicas\nkubectl create deployment my-dep --image=nginx --replicas=3',
  flags: [strings('image', 'Image names to run. A deployment can have multiple images set for multi-container pod.', { required: true }), int32('port', 'The containerPort that this deployment exposes.', { default: -1 }), int32('replicas,r', 'Number of replicas to create. Default is 1.', { default: 1 })],
  mapping: builtin('apps', 'v1', 'deployments', 'Deployment'), failure: 'failed to create deployment: ', takesCommand: true,
  make(session, name) {
    const { flags } = session
    const command = commandOf(session)
    const images = flags.list('image')
    if (images.length > 1 && command.length > 0) throw new CliError('cannot specify multiple --image options and command')
    const port = flags.number('port')
    const containers = images.map((image, index) => ({ name: containerName(session, image), image, ...(command.length > 0 ? { command } : {}), ...(index === 0 && port >= 0 ? { ports: [{ containerPort: port }] } : {}), resources: {} }))
    const labels = { app: name }
    return { kind: 'Deployment', apiVersion: 'apps/v1', metadata: { name, labels }, spec: { replicas: flags.number('replicas'), selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } }, strategy: {} }, status: {} }
  },
})

/** The last part of an image's name, as a container may be called. */
function containerName(session: Session, image: string): string {
  let name = image.includes('/') ? (image.split('/').pop() as string) : image
  name = (name.split(':')[0] as string).split('@')[0] as string
  const plain = name.replace(/[_.]/g, '-')
  // What had to be changed gets a tail, lest two images end with the same name.
  return plain === name ? name : `${plain}-${session.process.random.suffix(5)}`
}

export const job = generator({
  use: 'job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]', short: 'Create a job with the specified name',
  example: '# A job\nkubectl create job my-job --image=busybox\n\n# With a command\nkubectl create job my-job --image=busybox -- date\n\n# From a cron job\nkubectl create job test-job --from=cronjob/a-cronjob',
  flags: [string('from', 'The name of the resource to create a Job from (only cronjob is supported).'), string('image', 'Image name to run.')],
  mapping: builtin('batch', 'v1', 'jobs', 'Job'), failure: 'failed to create job: ', takesCommand: true,
  async make(session, name) {
    const { flags } = session
    const [image, from] = [flags.string('image'), flags.string('from')]
    const command = commandOf(session)
    if ((image === '') === (from === '')) throw new CliError('either --image or --from must be specified')
    if (command.length > 0 && from !== '') throw new CliError('cannot specify --from and command')
    if (from !== '') return await jobFromCronJob(session, name, from)
    return { kind: 'Job', apiVersion: 'batch/v1', metadata: { name }, spec: { template: { metadata: {}, spec: { containers: [{ name, image, ...(command.length > 0 ? { command } : {}), resources: {} }], restartPolicy: 'Never' } } }, status: {} }
  },
})

async function jobFromCronJob(session: Session, name: string, from: string): Promise<KubeObject> {
  const { infos, error } = await (await build(session, { args: [from], stopAtError: true })).infos()
  if (error) throw error
  const source = infos[0]?.object
  if (!source || infos.length !== 1) throw new CliError('from must be an existing cronjob')
  if (source.kind !== 'CronJob') throw new CliError(`unknown object type *v1.${source.kind}`)
  const template = (source['spec'] as { jobTemplate: { metadata?: { annotations?: Record<string, string>; labels?: Record<string, string> }; spec: unknown } }).jobTemplate
  return {
    kind: 'Job', apiVersion: 'batch/v1',
    metadata: { name, ...(template.metadata?.labels ? { labels: template.metadata.labels } : {}), annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', ...template.metadata?.annotations }, ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: source.metadata.name ?? '', uid: source.metadata.uid ?? '', controller: true }] },
    spec: template.spec, status: {},
  }
}

export const cronJob = generator({
  use: "cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags]", aliases: ['cj'], short: 'Create a cron job with the specified name',
  example: '# A cron job\nkubectl create cronjob my-job --image=busybox --schedule="*/1 * * * *"\n\n# With a command\nkubectl create cronjob my-job --image=busybox --schedule="*/1 * * * *" -- date',
  flags: [string('image', 'Image name to run.', { required: true }), string('restart', "job's restart policy. supported values: OnFailure, Never"), string('schedule', 'A schedule in the Cron format the job should be run with.', { required: true })],
  mapping: builtin('batch', 'v1', 'cronjobs', 'CronJob'), failure: 'failed to create cronjob: ', takesCommand: true,
  make(session, name) {
    const { flags } = session
    const command = commandOf(session)
    const container = { name, image: flags.string('image'), ...(command.length > 0 ? { command } : {}), resources: {} }
    return { kind: 'CronJob', apiVersion: 'batch/v1', metadata: { name }, spec: { schedule: flags.string('schedule'), jobTemplate: { metadata: { name }, spec: { template: { metadata: {}, spec: { containers: [container], restartPolicy: flags.string('restart') || 'OnFailure' } } } } }, status: {} }
  },
})

export const quota = generator({
  use: 'quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]', aliases: ['resourcequota'], short: 'Create a quota with the specified name',
  example: '# A quota named my-quota\nkubectl create quota my-quota --hard=cpu=1,memory=1G,pods=2,services=3,replicationcontrollers=2,resourcequotas=1,secrets=5,persistentvolumeclaims=10\n\n# For best-effort pods\nkubectl create quota best-effort --hard=pods=100 --scopes=BestEffort',
  flags: [string('hard', 'A comma-delimited set of resource=quantity pairs that define a hard limit.'), string('scopes', 'A comma-delimited set of quota scopes that must all match each object tracked by the quota.')],
  mapping: builtin('', 'v1', 'resourcequotas', 'ResourceQuota'), failure: 'failed to create quota: ',
  make(session, name) {
    const { flags } = session
    const hard = parseResourceList(flags.string('hard'))
    const scopes = flags.string('scopes') === '' ? [] : flags.string('scopes').split(',')
    if (scopes.includes('')) throw new CliError('invalid resource quota scope ""')
    return { kind: 'ResourceQuota', apiVersion: 'v1', metadata: { name }, spec: { ...(hard ? { hard } : {}), ...(scopes.length > 0 ? { scopes } : {}) }, status: {} }
  },
})

/** `cpu=1,memory=1Gi`. */
export function parseResourceList(text: string): Record<string, string> | undefined {
  if (text === '') return undefined
  const out: Record<string, string> = {}
  for (const part of text.split(',')) {
    const pieces = part.split('=')
    if (pieces.length !== 2) throw new CliError(`Invalid argument syntax ${part}, expected <resource>=<value>`)
    const [key = '', value = ''] = pieces
    checkQuantity(value)
    out[key] = value
  }
  return Object.fromEntries(Object.entries(out).sort(([a], [b]) => (a < b ? -1 : 1)))
}

export function checkQuantity(text: string): void {
  if (text === '') throw new CliError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+|n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/.test(text)) return
  if (/^[-+]?[0-9.]+[eEinumkKMGTP]*[-+]?[0-9]*$/.test(text)) throw new CliError("unable to parse quantity's suffix")
  throw new CliError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
}

export const priorityClass = generator({
  use: 'priorityclass NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]', aliases: ['pc'], short: 'Create a priority class with the specified name',
  example: '# A priority class named high-priority\nkubectl create priorityclass high-priority --value=1000 --description="high priority"',
  flags: [string('description', 'description is an arbitrary string that usually provides guidelines on when this priority class should be used.'), bool('global-default', 'global-default specifies whether this PriorityClass should be considered as the default priority.'), string('preemption-policy', 'preemption-policy is the policy for preempting pods with lower priority.', { default: 'PreemptLowerPriority' }), int32('value', 'the value of this priority class.')],
  mapping: builtin('scheduling.k8s.io', 'v1', 'priorityclasses', 'PriorityClass', false), failure: 'failed to create priorityclass: ',
  make({ flags }, name) {
    const description = flags.string('description')
    return { kind: 'PriorityClass', apiVersion: 'scheduling.k8s.io/v1', metadata: { name }, value: flags.number('value'), ...(flags.bool('global-default') ? { globalDefault: true } : {}), ...(description === '' ? {} : { description }), preemptionPolicy: flags.string('preemption-policy') }
  },
})

function intOrText(text: string): number | string {
  return /^[-+]?\d+$/.test(text) ? Number(text) : text
}

export const podDisruptionBudget = generator({
  use: 'poddisruptionbudget NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]', aliases: ['pdb'], short: 'Create a pod disruption budget with the specified name',
  example: '# At least one of the pods with app=rails shall be available\nkubectl create poddisruptionbudget my-pdb --selector=app=rails --min-available=1\n\n# At least half of those with app=nginx\nkubectl create pdb my-pdb --selector=app=nginx --min-available=50%',
  flags: [string('max-unavailable', 'The maximum number or percentage of unavailable pods this budget requires.'), string('min-available', 'The minimum number or percentage of available pods this budget requires.'), string('selector', 'A label selector to use for this budget. Only equality-based selector requirements are supported.')],
  mapping: builtin('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget'), failure: 'failed to create poddisruptionbudgets: ',
  make({ flags }, name) {
    const [least, most, selector] = [flags.string('min-available'), flags.string('max-unavailable'), flags.string('selector')]
    if (selector === '') throw new CliError('a selector must be specified')
    if (most === '' && least === '') throw new CliError('one of min-available or max-unavailable must be specified')
    if (most !== '' && least !== '') throw new CliError('min-available and max-unavailable cannot be both specified')
    const format = /^(?:\d+|\d+%)$/
    if (least !== '' && !format.test(least)) throw new CliError('invalid format specified for min-available')
    if (most !== '' && !format.test(most)) throw new CliError('invalid format specified for max-unavailable')
    const spec = { ...(least === '' ? {} : { minAvailable: intOrText(least) }), selector: labelSelector(selector), ...(most === '' ? {} : { maxUnavailable: intOrText(most) }) }
    return { kind: 'PodDisruptionBudget', apiVersion: 'policy/v1', metadata: { name }, spec, status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 } }
  },
})

/** A selector text as a LabelSelector object. */
export function labelSelector(text: string): Record<string, unknown> {
  let parsed: ReturnType<typeof parseLabelSelector>
  try {
    parsed = parseLabelSelector(text)
  } catch (error) {
    throw new CliError(`couldn't parse the selector string ${JSON.stringify(text)}: ${(error as Error).message}`)
  }
  const labels: Record<string, string> = {}
  const expressions: Record<string, unknown>[] = []
  for (const { key, operator, values } of parsed) {
    if (operator === '=' || operator === '==') labels[key] = values[0] ?? ''
    else if (operator === 'in') expressions.push({ key, operator: 'In', values: [...values] })
    else if (operator === '!=' || operator === 'notin') expressions.push({ key, operator: 'NotIn', values: [...values] })
    else if (operator === 'exists') expressions.push({ key, operator: 'Exists' })
    else if (operator === '!') expressions.push({ key, operator: 'DoesNotExist' })
    else throw new CliError(`${JSON.stringify(operator)} isn't supported in label selectors`)
  }
  return { ...(Object.keys(labels).length > 0 ? { matchLabels: labels } : {}), ...(expressions.length > 0 ? { matchExpressions: expressions } : {}) }
}
