/** The daemon's main. */
import type { Klog } from '#engine/base/klog'
import { YamlError } from '#engine/base/yaml/parser'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { Informers } from '#engine/client/informers'
import { SeriesEventRecorder } from '#engine/client/series-events'
import { defaultConfig, parseSchedulerConfig, type SchedulerConfig, SchedulerConfigError } from '#engine/scheduler/config'
import { Scheduler } from '#engine/scheduler/scheduler'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { CommandFailed, defineComponent, fileError, versionOf } from '#engine/programs/common/component/component'
import { componentClient, componentConfig } from '#engine/programs/common/component/credentials'
import { Leading } from '#engine/programs/common/component/leading'
import { type HealthCheck, serveSecurely } from '#engine/programs/common/component/serving'
import { flagTable } from './flags.table'

export const kubeScheduler = defineComponent({
  name: 'kube-scheduler',
  summary: 'Assigns pods to nodes: for each pod in its queue it finds the nodes that would do, ranks them, and binds the pod to one.',
  flagTable,
  unsupported: 'extenders, device allocation, --write-config-to, profiling; feature gates have no effect',
  run,
})

async function run(process: Process, flags: Flags, log: Klog): Promise<number> {
  const config = readConfig(process, flags)
  const clientConfig = componentConfig(process, config.kubeconfig || flags.string('kubeconfig'), flags.string('master'))
  const client = componentClient(process, clientConfig, `kube-scheduler/${versionOf(process)} (linux/amd64) kubernetes/scheduler`)
  const delegated = flags.string('authentication-kubeconfig')
  if (delegated !== '') componentConfig(process, delegated)
  log.info('server.go:175', 'Starting Kubernetes Scheduler', { version: versionOf(process) })
  log.info('server.go:177', 'Golang settings', { GOGC: '', GOMAXPROCS: '', GOTRACEBACK: '' })
  const leading = new Leading(process, client, log, electionOf(flags, config))
  const informers = informersOf(process, log, client)
  let lead: () => void = () => undefined
  const elected = new Promise<void>((resolve) => (lead = resolve))
  const scheduler = start(process, log, client, informers, config, flags, elected)
  const synced: HealthCheck = { name: 'informer-sync', only: 'readyz', check: () => (informers.unsynced.length > 0 ? `${informers.unsynced.length} informers not started yet: [${informers.unsynced.join(' ')}]` : undefined) }
  serveSecurely(process, flags, log, {
    name: 'kube-scheduler',
    checks: [leading.health, synced],
    delegate: client,
    metrics: () => metrics(scheduler),
    paths: { '/configz': () => ({ 'kubescheduler.config.k8s.io': { profiles: config.profiles.map(({ schedulerName }) => ({ schedulerName })) } }) },
  })
  informers.start(process.dying)
  // Caches are filled before the election: a scheduler that cannot list never asks to lead.
  return leading.run(() => Promise.resolve(lead()), informers.whenSynced())
}

function informersOf(process: Process, log: Klog, client: ReturnType<typeof componentClient>): Informers {
  const { clock, random } = process
  return new Informers(client, { clock, random }, { onErrorOf: (resource, error) => log.error('reflector.go:205', `failed to list *v1.${resource.kind}: ${(error as Error).message}`, 'Failed to watch', { logger: 'UnhandledError', reflector: 'k8s.io/client-go/informers/factory.go:160', type: `*v1.${resource.kind}` }) })
}

function readConfig(process: Process, flags: Flags): SchedulerConfig {
  const path = flags.string('config')
  if (path === '') return defaultConfig()
  try {
    return parseSchedulerConfig(process.files.readText(path))
  } catch (error) {
    if (isErrno(error)) throw new CommandFailed(fileError({ message: error.message, subject: path }))
    if (error instanceof SchedulerConfigError || error instanceof YamlError) throw new CommandFailed(error.message)
    throw error
  }
}

function electionOf(flags: Flags, config: SchedulerConfig) {
  const given = config.leaderElection
  const pick = <T>(flag: string, configured: T | undefined, value: T): T => (flags.changed(flag) ? value : (configured ?? value))
  return {
    enabled: pick('leader-elect', given.leaderElect, flags.bool('leader-elect')),
    namespace: pick('leader-elect-resource-namespace', given.resourceNamespace, flags.string('leader-elect-resource-namespace')),
    name: pick('leader-elect-resource-name', given.resourceName, flags.string('leader-elect-resource-name')),
    leaseDurationMs: pick('leader-elect-lease-duration', given.leaseDurationMs, flags.number('leader-elect-lease-duration')),
    renewDeadlineMs: pick('leader-elect-renew-deadline', given.renewDeadlineMs, flags.number('leader-elect-renew-deadline')),
    retryPeriodMs: pick('leader-elect-retry-period', given.retryPeriodMs, flags.number('leader-elect-retry-period')),
    component: 'default-scheduler',
  }
}

function start(process: Process, log: Klog, client: ReturnType<typeof componentClient>, informers: Informers, config: SchedulerConfig, flags: Flags, elected: Promise<void>): Scheduler {
  const { clock, random, dying } = process
  const recorders = new Map<string, SeriesEventRecorder>()
  const recorder = (name: string): SeriesEventRecorder => {
    const known = recorders.get(name)
    if (known) return known
    const made = new SeriesEventRecorder(client, clock, name, `${name}-${process.uname().nodename}`)
    recorders.set(name, made)
    return made
  }
  try {
    const scheduler = new Scheduler({ client, informers, clock, random: random.fork('scheduler'), log, recorder, maxUnschedulableMs: flags.number('pod-max-in-unschedulable-pods-duration') }, config)
    scheduler.start(dying, elected)
    return scheduler
  } catch (error) {
    if (error instanceof SchedulerConfigError) throw new CommandFailed(error.message)
    throw error
  }
}

function metrics(scheduler: Scheduler | undefined): string {
  const waiting = scheduler ? [...scheduler.queue.waiting].length : 0
  return `# HELP scheduler_pending_pods [STABLE] Number of pending pods, by the queue type.\n# TYPE scheduler_pending_pods gauge\nscheduler_pending_pods{queue="unschedulable"} ${waiting}\n`
}
