import { strings } from '#engine/programs/common/cobra/flags'
import type { Pod } from '#engine/api/kinds'
import { podTimeoutFlag } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { pods, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { openChannel } from '#engine/programs/kubectl/streams/remote'
import { byActivity, podOf, checkPodTimeout } from '../pods'
import { verb } from '../verb'
import { Forwarder } from './forwarder'
import { parseAddresses, parsePorts } from './ports'
import { podPorts, type ServiceLike, servicePorts } from './targets'
import { completePod } from '../completion/resources'

export const portForward = verb({
  use: 'port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]',
  short: 'Forward one or more local ports to a pod',
  long: 'Forward one or more local ports to a pod.\n\n Use a resource type/name such as deployment/mydeployment to select a pod; the type defaults to pod. Of several pods that match one is selected. The session ends when the selected pod does, and the command has to be run again.',
  example: '# Listen on ports 5000 and 6000 locally, forwarding data to/from ports 5000 and 6000 in the pod\nkubectl port-forward pod/mypod 5000 6000\n\n# Listen on port 8443 locally, forwarding to the targetPort of the service\'s port named "https"\nkubectl port-forward service/myservice 8443:https\n\n# Listen on port 8888 on all addresses, forwarding to 5000 in the pod\nkubectl port-forward --address 0.0.0.0 pod/mypod 8888:5000\n\n# Listen on a random port locally, forwarding to 5000 in the pod\nkubectl port-forward pod/mypod :5000',
  group: 'Troubleshooting and Debugging Commands:',
  flags: [
    strings('address', 'Addresses to listen on (comma separated). Only accepts IP addresses or localhost as a value. With localhost, kubectl tries both 127.0.0.1 and ::1 and fails if neither can be had.', { default: ['localhost'] }),
    podTimeoutFlag(60_000),
  ],
  complete: completePod,
  run: runPortForward,
})

async function runPortForward(session: Session): Promise<void> {
  const { args } = session
  if (args.length < 2) throw session.usage('TYPE/NAME and list of ports are required for port-forward')
  checkPodTimeout(session, (message) => session.usage(message))
  const wanted = args.slice(1)
  const built = await build(session, { args: args.slice(0, 1), defaultType: 'pods', stopAtError: true })
  const { infos, error } = await built.infos()
  if (error) throw error
  const object = infos[0]?.object
  if (!object) throw new CliError('unable to find pod')
  const { pod } = await podOf(session, object, session.flags.number('pod-running-timeout'), byActivity)
  const ports = object.kind === 'Service' ? servicePorts(wanted, object as unknown as ServiceLike, pod) : podPorts(wanted, pod)
  await forward(session, pod, ports)
}

async function forward(session: Session, selected: Pod, ports: readonly string[]): Promise<void> {
  const { name = '', namespace = '' } = selected.metadata
  const pod = await session.get<Pod>(pods, namespace, name)
  if (pod.status?.phase !== 'Running') throw new CliError(`unable to forward port because pod is not running. Current status=${pod.status?.phase ?? ''}`)
  const addresses = parseAddresses(session.flags.list('address'))
  const pairs = parsePorts(ports)
  const channel = await openChannel(session, resourcePath(pods, namespace, name, 'portforward'), 'SPDY/3.1+portforward.k8s.io')
  await new Forwarder(session, channel).run(addresses, pairs)
}
