/** Who may do what, and who can reach whom. */
import type { CanICheck, Lab, ReachCheck } from '../schema'
import type { World } from '../world'
import { match, type Finding } from './matcher'
import { said } from './said'

export async function checkCanI(world: World, lab: Lab, check: CanICheck): Promise<Finding> {
  const namespace = check.namespace ?? lab.namespace ?? 'default'
  const result = await world.run('controlplane', `kubectl --kubeconfig /etc/kubernetes/super-admin.conf auth can-i ${check.verb} ${check.resource}${check.name ? `/${check.name}` : ''} -n ${namespace} --as '${check.as}'`)
  const answer = result.stdout.trim()
  if (answer !== 'yes' && answer !== 'no') throw new Error(result.stderr.trim() || answer)
  const wanted = check.allowed ?? true
  return { holds: (answer === 'yes') === wanted, expected: `${wanted ? 'may' : 'may not'} ${check.verb} ${check.resource} in ${namespace}`, actual: answer === 'yes' ? 'may' : 'may not' }
}

export async function checkReach(world: World, lab: Lab, check: ReachCheck): Promise<Finding> {
  const namespace = check.namespace ?? lab.namespace ?? 'default'
  const wanted = check.reachable ?? true
  const expected = `${check.to} ${wanted ? 'reachable' : 'not reachable'} from ${check.from}`
  const address = await addressOf(world, check, namespace)
  if (address === undefined) return { holds: false, expected, actual: `there is no ${check.to.replace(/:\d+$/, '')} with a cluster IP in ${namespace}` }
  const command = probe(address)
  const isMachine = world.cluster.hosts.includes(check.from)
  const pod = check.from.startsWith('pod/') ? check.from.slice(4) : `$(kubectl get pods -n ${namespace} -l '${check.from}' --field-selector status.phase=Running -o jsonpath='{.items[0].metadata.name}')`
  const result = isMachine ? await world.run(check.from, command) : await world.run('controlplane', `kubectl exec -n ${namespace} ${pod} -- sh -c ${quote(command)}`)
  const reached = result.code === 0
  if (reached !== wanted) return { holds: false, expected, actual: reached ? 'reachable' : `not reachable: ${said(result)}` }
  return check.body && wanted ? match(check.body, [result.stdout.trim()]) : { holds: true, expected: check.to, actual: 'as wanted' }
}

/** What to connect to: for a Service its cluster IP, undefined where it has none. */
async function addressOf(world: World, { to, body }: ReachCheck, namespace: string): Promise<string | undefined> {
  const [, name, port = '80'] = /^service\/([^:]+)(?::(\d+))?$/.exec(to) ?? []
  if (!name) return to
  const found = await world.run('controlplane', `kubectl --kubeconfig /etc/kubernetes/super-admin.conf get service '${name}' -n ${namespace} -o jsonpath='{.spec.clusterIP}' --ignore-not-found`)
  const ip = found.stdout.trim()
  if (!/^[0-9a-f.:]+$/.test(ip)) return undefined
  return body ? `http://${ip}:${port}` : `${ip}:${port}`
}

function probe(to: string): string {
  // wget of busybox says why it failed; that of GNU keeps silent with -q, but there curl is at hand.
  if (/^https?:/.test(to)) return `if command -v curl >/dev/null 2>&1; then curl -sSf -m 5 "${to}"; else wget -q -T 5 -O - "${to}"; fi`
  const [host = '', port = '80'] = to.split(':')
  return `nc -z -w 5 '${host}' ${port}`
}

function quote(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`
}
