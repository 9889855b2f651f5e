/** The daemon's main. */
import type { Klog } from '#engine/base/klog'
import type { Process } from '#engine/linux/abi/process'
import { isReason } from '#engine/api/status'
import type { Client } from '#engine/client/client'
import { Informers } from '#engine/client/informers'
import { groupResource, serviceAccounts } from '#engine/client/resources'
import { chosenControllers, startControllers } from '#engine/controllers/runner'
import { controllers } from '#engine/controllers/table'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { CommandFailed, defineComponent, versionOf } from '#engine/programs/common/component/component'
import { componentClient, componentConfig, serviceAccountClient } from '#engine/programs/common/component/credentials'
import { Leading } from '#engine/programs/common/component/leading'
import { serveSecurely } from '#engine/programs/common/component/serving'
import { flagTable } from './flags.table'
import { settingsOf } from './settings'

export const kubeControllerManager = defineComponent({
  name: 'kube-controller-manager',
  summary: 'Runs the control loops that come with Kubernetes: each watches the state of the cluster and moves it towards what its objects ask for.',
  flagTable,
  silenceUsage: true,
  unsupported: 'cloud providers, leader migration, profiling, in-tree volume recyclers; feature gates have no effect',
  run,
})

async function run(process: Process, flags: Flags, log: Klog): Promise<number> {
  const names = flags.list('controllers').length > 0 ? flags.list('controllers') : ['*']
  const { chosen, unknown } = chosenControllers(controllers, names)
  if (unknown.length > 0) throw new CommandFailed(unknown.length === 1 ? notKnown(unknown[0] ?? '') : `[${unknown.map(notKnown).join(', ')}]`)
  const config = componentConfig(process, flags.string('kubeconfig'), flags.string('master'))
  const delegated = flags.string('authentication-kubeconfig')
  if (delegated !== '') componentConfig(process, delegated)
  const agent = `kube-controller-manager/${versionOf(process)} (linux/amd64) kubernetes`
  const root = componentClient(process, config, agent)
  const settings = settingsOf(process, flags)
  log.info('controllermanager.go:189', 'Starting', { version: versionOf(process) })
  log.info('controllermanager.go:191', 'Golang settings', { GOGC: '', GOMAXPROCS: '', GOTRACEBACK: '' })
  const leading = new Leading(process, root, log, {
    enabled: flags.bool('leader-elect'),
    namespace: flags.string('leader-elect-resource-namespace'),
    name: flags.string('leader-elect-resource-name'),
    leaseDurationMs: flags.number('leader-elect-lease-duration'),
    renewDeadlineMs: flags.number('leader-elect-renew-deadline'),
    retryPeriodMs: flags.number('leader-elect-retry-period'),
    component: 'kube-controller-manager',
  })
  serveSecurely(process, flags, log, { name: 'kube-controller-manager', checks: [leading.health], delegate: root, metrics: () => '' })
  const clients = new Map<string, Client>()
  const clientFor = (account: string): Client => {
    if (account === '' || !flags.bool('use-service-account-credentials')) return root
    const known = clients.get(account)
    if (known) return known
    const made = serviceAccountClient(process, root, config, account, agent)
    clients.set(account, made)
    return made
  }
  return leading.run(async () => {
    const { clock, random, dying } = process
    const informers = new Informers(root, { clock, random }, { onErrorOf: (resource, error) => log.error('reflector.go:205', `failed to list *v1.${resource.kind}: ${(error as Error).message}`, 'Failed to watch', { reflector: 'k8s.io/client-go/informers/factory.go:160', type: groupResource(resource) }) })
    for (const controller of chosen) log.info('controllermanager.go:733', 'Starting controller', { controller: controller.name })
    if (flags.bool('use-service-account-credentials')) process.background(() => ensureAccounts(root, chosen.map((controller) => controller.account ?? controller.name)))
    await startControllers(chosen, { informers, clientFor, clock, random: random.fork('controllers'), log, options: settings, signal: dying })
  })
}

/** Every controller has its service account from the start, whether or not it comes to use it. */
async function ensureAccounts(root: Client, wanted: readonly string[]): Promise<void> {
  const there = new Set((await root.of(serviceAccounts).list('kube-system')).items.map((account) => account.metadata.name))
  for (const name of new Set(wanted)) {
    if (name === '' || there.has(name)) continue
    try {
      await root.of(serviceAccounts).create({ metadata: { name, namespace: 'kube-system' } })
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error
    }
  }
}

function notKnown(name: string): string {
  return `${JSON.stringify(name)} is not in the list of known controllers`
}
