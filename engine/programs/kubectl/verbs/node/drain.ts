import { bool, duration, int, string } from '#engine/programs/common/cobra/flags'
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { query } from '#engine/client/client'
import { chunkSizeFlag, dryRunFlag, selectorFlag } from '#engine/programs/kubectl/flagsets'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { parseLabelSelector } from '#engine/api/selector'
import { Aggregate, CliError, PlainError } from '#engine/programs/kubectl/session/errors'
import { type DryRun, dryRunOf, pods, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { writeQuery } from '../write'
import { checkNodeArgs, chosenNodes, setSchedulable } from './cordon'
import { podsToRemove } from './podfilter'
import { completeName } from '../completion/resources'

const retryMs = 5000
const pollMs = 1000

export const drain = verb({
  use: 'drain NODE',
  short: 'Drain node in preparation for maintenance',
  long: "Drain node in preparation for maintenance.\n\n The given node will be marked unschedulable to prevent new pods from arriving. 'drain' evicts the pods if the API server supports eviction; otherwise it deletes them. It passes over mirror pods, which cannot be deleted through the API server. Pods of daemon sets need --ignore-daemonsets, pods without a controller --force, pods with an emptyDir --delete-emptydir-data.\n\n 'drain' waits for graceful termination. You should not operate on the machine until the command completes.\n\n When you are ready to put the node back into service, use kubectl uncordon, which will make the node schedulable again.",
  example: '# Drain node "foo", even if there are pods not managed by a controller on it\nkubectl drain foo --force\n\n# As above, but use a grace period of 15 minutes\nkubectl drain foo --grace-period=900',
  group: 'Cluster Management Commands:',
  flags: [
    chunkSizeFlag, dryRunFlag, selectorFlag,
    bool('delete-emptydir-data', 'Continue even if there are pods using emptyDir (local data that will be deleted when the node is drained).'),
    bool('disable-eviction', 'Force drain to use delete, even if eviction is supported. This will bypass checking PodDisruptionBudgets, use with caution.'),
    bool('force', 'Continue even if there are pods that do not declare a controller.'),
    int('grace-period', 'Period of time in seconds given to each pod to terminate gracefully. If negative, the default value specified in the pod will be used.', { default: -1 }),
    bool('ignore-daemonsets', 'Ignore DaemonSet-managed pods.'),
    string('pod-selector', 'Label selector to filter pods on the node'),
    int('skip-wait-for-delete-timeout', 'If pod DeletionTimestamp older than N seconds, skip waiting for the pod.  Seconds must be greater than 0 to skip.'),
    duration('timeout', 'The length of time to wait before giving up, zero means infinite', { defaultText: '0s' }),
  ],
  complete: completeName('nodes'),
  run: runDrain,
})

async function runDrain(session: Session): Promise<void> {
  checkNodeArgs(session)
  const dryRun = await dryRunOf(session)
  checkPodSelector(session)
  const infos = await chosenNodes(session)
  for (const info of infos) await session.out(await setSchedulable(session, info, true, dryRun))
  const pending: string[] = []
  const fatal: Error[] = []
  for (const info of infos) {
    try {
      await drainNode(session, info, dryRun)
      await session.out(`node/${info.name} drained${suffixOf(dryRun)}\n`)
    } catch (error) {
      const { message } = error as Error
      await session.err(`error: unable to drain node ${JSON.stringify(info.name)} due to error: ${message}, continuing command...\n`)
      pending.push(info.name)
      fatal.push(...(error instanceof Aggregate ? error.errors : [error as Error]))
    }
  }
  if (pending.length === 0) return
  await session.err(`There are pending nodes to be drained:\n${pending.sort().map((name) => ` ${name}\n`).join('')}`)
  throw new Aggregate(fatal.map((error) => new PlainError(error.message)))
}

function checkPodSelector({ flags }: Session): void {
  try {
    parseLabelSelector(flags.string('pod-selector'))
  } catch {
    throw new CliError('--pod-selector=<pod_selector> must be a valid label selector')
  }
}

function suffixOf(dryRun: DryRun): string {
  return dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : ''
}

async function podsOf(session: Session, node: string): Promise<Awaited<ReturnType<typeof podsToRemove>>> {
  const found: KubeObject[] = []
  let next: string | undefined
  do {
    const list = await session.request<{ items: KubeObject[]; metadata?: { continue?: string } }>('GET', resourcePath(pods) + query({ labelSelector: session.flags.string('pod-selector') || undefined, fieldSelector: `spec.nodeName=${node}`, limit: session.flags.number('chunk-size') || undefined, continue: next }))
    found.push(...list.items)
    next = list.metadata?.continue || undefined
  } while (next !== undefined)
  return await podsToRemove(session, found)
}

async function drainNode(session: Session, info: Info, dryRun: DryRun): Promise<void> {
  const found = await podsOf(session, info.name)
  if (found.errors.length > 0) throw new Aggregate(found.errors.map((message) => new CliError(message)))
  if (found.warnings.length > 0) await session.err(`Warning: ${found.warnings.join('; ')}\n`)
  const remover = new Remover(session, dryRun)
  const results = await Promise.all(found.pods.map((pod) => remover.remove(pod)))
  const problems = results.filter((result) => result !== undefined)
  if (problems.length === 0) return
  const error = new Aggregate(problems)
  const left = await podsOf(session, info.name)
  if (left.pods.length > 0) await session.err(`There are pending pods in node ${JSON.stringify(info.name)} when an error occurred: ${error.message}\n${left.pods.map((pod) => `pod/${pod.metadata.name}\n`).join('')}`)
  throw error
}

/** Takes one pod away, patiently, until the time of the whole drain is over. */
class Remover {
  private readonly evicts: boolean
  private readonly deadline: number

  constructor(
    private readonly session: Session,
    private readonly dryRun: DryRun,
  ) {
    this.evicts = !session.flags.bool('disable-eviction')
    const timeout = session.flags.number('timeout')
    this.deadline = timeout > 0 ? session.now() + timeout : Infinity
  }

  /** The error, where there was one. */
  async remove(pod: KubeObject): Promise<Error | undefined> {
    const { name, namespace = '' } = pod.metadata
    const where = `pods/${JSON.stringify(name)} -n ${JSON.stringify(namespace)}`
    try {
      if (this.dryRun === 'client') await this.session.out(`${this.evicts ? `evicting pod ${namespace}/${name}` : `pod/${name} deleted`} (dry run)\n`)
      else if (this.evicts) await this.evict(pod, where)
      else await this.delete(pod)
      if (this.dryRun !== 'none') return undefined
      await this.awaitGone(pod)
      await this.session.out(`pod/${name} ${this.evicts ? 'evicted' : 'deleted'}\n`)
      return undefined
    } catch (error) {
      return error as Error
    }
  }

  private async evict(pod: KubeObject, where: string): Promise<void> {
    const { name, namespace = '' } = pod.metadata
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions: this.deleteOptions() }
    for (;;) {
      await this.session.out(`evicting pod ${namespace}/${name}${suffixOf(this.dryRun)}\n`)
      if (this.session.now() >= this.deadline) throw new CliError(`error when evicting ${where}: global timeout reached: ${durationText(this.session.flags.number('timeout'))}`)
      try {
        await this.session.request('POST', resourcePath(pods, namespace, name, 'eviction') + writeQuery({ dryRun: this.dryRun }), { body })
        return
      } catch (error) {
        if (isReason(error, 'NotFound')) return
        if (!isReason(error, 'TooManyRequests')) throw new CliError(`error when evicting ${where}: ${(error as Error).message}`)
        await this.session.err(`error when evicting ${where} (will retry after 5s): ${error.message}\n`)
        await this.session.process.clock.sleep(retryMs)
      }
    }
  }

  private async delete(pod: KubeObject): Promise<void> {
    try {
      await this.session.request('DELETE', resourcePath(pods, pod.metadata.namespace, pod.metadata.name) + writeQuery({ dryRun: this.dryRun }), { body: { apiVersion: 'v1', kind: 'DeleteOptions', ...this.deleteOptions() } })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }

  private deleteOptions(): object {
    const grace = this.session.flags.number('grace-period')
    return grace >= 0 ? { gracePeriodSeconds: grace } : {}
  }

  private async awaitGone(pod: KubeObject): Promise<void> {
    const { name = '', namespace = '', uid } = pod.metadata
    const failed = (reason: string): CliError => new CliError(`error when waiting for pod ${JSON.stringify(name)} in namespace ${JSON.stringify(namespace)} to terminate: ${reason}`)
    for (;;) {
      try {
        if ((await this.session.get(pods, namespace, name)).metadata.uid !== uid) return
      } catch (error) {
        if (isReason(error, 'NotFound')) return
        throw failed((error as Error).message)
      }
      if (this.session.now() >= this.deadline) throw failed('context deadline exceeded')
      await this.session.process.clock.sleep(pollMs)
    }
  }
}

/** Go's way: `1m0s`, `8s`. */
function durationText(ms: number): string {
  const seconds = ms / 1000
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  const rest = `${seconds % 60}s`
  return hours > 0 ? `${hours}h${minutes}m${rest}` : minutes > 0 ? `${minutes}m${rest}` : rest
}
