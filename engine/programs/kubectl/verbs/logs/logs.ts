import { bool, duration, int, int64, string } from '#engine/programs/common/cobra/flags'
import type { Pod } from '#engine/api/kinds'
import type { KubeObject } from '#engine/api/object'
import { Utf8Stream } from '#engine/base/bytes'
import { isReason } from '#engine/api/status'
import { query } from '#engine/client/client'
import { build } from '#engine/programs/kubectl/resources/builder'
import { podTimeoutFlag, selectorFlag } from '#engine/programs/kubectl/flagsets'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { pods, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { allContainerNames, byLogging, defaultContainerAnnotation, findContainer, podOf, checkPodTimeout, selectorFor } from '../pods'
import { verb } from '../verb'
import { completePodAndContainer } from '../completion/resources'

const usage = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command"

export const logs = verb({
  use: 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]',
  short: 'Print the logs for a container in a pod',
  long: 'Print the logs for a container in a pod or specified resource. If the pod has only one container, the container name is optional.',
  example: '# Return snapshot logs from pod nginx with only one container\nkubectl logs nginx\n\n# Return snapshot of previous terminated ruby container logs from pod web-1\nkubectl logs -p -c ruby web-1\n\n# Begin streaming the logs from all containers in pods defined by label app=nginx\nkubectl logs -f -l app=nginx --all-containers=true\n\n# Display only the most recent 20 lines of output in pod nginx\nkubectl logs --tail=20 nginx\n\n# Show all logs from pod nginx written in the last hour\nkubectl logs --since=1h nginx',
  group: 'Troubleshooting and Debugging Commands:',
  flags: [
    bool('all-containers', "Get all containers' logs in the pod(s)."),
    bool('all-pods', 'Get logs from all pod(s). Sets prefix to true.'),
    string('container,c', 'Print the logs of this container'),
    bool('follow,f', 'Specify if the logs should be streamed.'),
    bool('ignore-errors', 'If watching / following pod logs, allow for any errors that occur to be non-fatal'),
    bool('insecure-skip-tls-verify-backend', "Skip verifying the identity of the kubelet that logs are requested from."),
    int64('limit-bytes', 'Maximum bytes of logs to return. Defaults to no limit.'),
    int('max-log-requests', 'Specify maximum number of concurrent logs to follow when using by a selector. Defaults to 5.', { default: 5 }),
    podTimeoutFlag(20_000),
    bool('prefix', 'Prefix each log line with the log source (pod name and container name)'),
    bool('previous,p', 'If true, print the logs for the previous instance of the container in a pod if it exists.'),
    selectorFlag,
    duration('since', 'Only return logs newer than a relative duration like 5s, 2m, or 3h. Only one of since-time / since may be used.'),
    string('since-time', 'Only return logs after a specific date (RFC3339). Only one of since-time / since may be used.'),
    int64('tail', 'Lines of recent log file to display. Defaults to -1 with no selector, showing all log lines otherwise 10, if a selector is provided.', { default: -1 }),
    bool('timestamps', 'Include timestamps on each line in the log output'),
  ],
  complete: completePodAndContainer,
  run: runLogs,
})

interface Source {
  readonly pod: Pod
  readonly container: string
}

function refuseArguments(session: Session, selector: string): void {
  const { args } = session
  if (args.length === 0 && selector === '') throw session.usage(usage)
  if (args.length === 1 && selector !== '') throw session.usage('only a selector (-l) or a POD name is allowed')
  if (args.length > 2) throw session.usage(usage)
}

async function runLogs(session: Session): Promise<void> {
  const { flags, args } = session
  const selector = flags.string('selector')
  refuseArguments(session, selector)
  checkPodTimeout(session, (message) => new CliError(message))
  const container = args[1] ?? flags.string('container')
  const fields = logFields(session, selector)
  const object = await target(session, args, selector)
  checkFlags(session, container, args)
  const sources: Source[] = []
  const allPods = flags.bool('all-pods')
  for (const part of object) await collect(session, part, container, flags.bool('all-containers'), allPods, sources)
  if (flags.bool('follow') && sources.length > flags.number('max-log-requests') && sources.length > 1)
    throw new CliError(`you are attempting to follow ${sources.length} log streams, but maximum allowed concurrency is ${flags.number('max-log-requests')}, use --max-log-requests to increase the limit`)
  const print = (source: Source): Promise<void> => printLog(session, source, fields, flags.bool('prefix') || allPods)
  if (flags.bool('follow') && sources.length > 1) await Promise.all(sources.map(print))
  else for (const source of sources) await print(source)
}

function logFields(session: Session, selector: string): Record<string, unknown> {
  const { flags } = session
  const since = flags.number('since')
  const tail = flags.number('tail')
  const sinceTime = flags.string('since-time')
  if (sinceTime !== '' && Number.isNaN(Date.parse(sinceTime))) throw new CliError(`parsing time ${JSON.stringify(sinceTime)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(sinceTime)} as "2006"`)
  return {
    follow: flags.bool('follow'), previous: flags.bool('previous'), timestamps: flags.bool('timestamps'), insecureSkipTLSVerifyBackend: flags.bool('insecure-skip-tls-verify-backend'),
    sinceTime, limitBytes: flags.number('limit-bytes') === 0 ? undefined : flags.number('limit-bytes'), sinceSeconds: since === 0 ? undefined : Math.round(since / 1000),
    tailLines: selector !== '' && tail === -1 && !flags.changed('tail') ? 10 : tail === -1 ? undefined : tail,
  }
}

function checkFlags(session: Session, container: string, args: readonly string[]): void {
  const { flags } = session
  if (flags.string('since-time') !== '' && flags.number('since') !== 0) throw new CliError('at most one of `sinceTime` or `sinceSeconds` may be specified')
  if (flags.bool('all-containers') && container !== '') throw new CliError(`--all-containers=true should not be specified with container name ${container}`)
  if (flags.changed('container') && args.length === 2) throw new CliError('only one of -c or an inline [CONTAINER] arg is allowed')
  if (flags.number('limit-bytes') < 0) throw new CliError('--limit-bytes must be greater than 0')
  if (flags.number('since') < 0) throw new CliError('--since must be greater than 0')
  if (flags.number('tail') < -1) throw new CliError('--tail must be greater than or equal to -1')
}

async function target(session: Session, args: readonly string[], selector: string): Promise<KubeObject[]> {
  if (selector !== '') {
    const list = await session.list(pods, session.namespace, { labelSelector: selector, limit: 500 })
    if (list.items.length === 0) await session.err(`No resources found in ${session.namespace} namespace.\n`)
    return list.items.map((item) => ({ ...item, apiVersion: 'v1', kind: 'Pod' }))
  }
  const built = await build(session, { args: [args[0] as string], defaultType: 'pods', stopAtError: true, singleResourceType: true })
  const { infos, error } = await built.infos()
  if (isReason(error, 'NotFound')) throw new CliError(`error from server (NotFound): ${error.message} in namespace ${JSON.stringify(session.namespace)}`)
  if (error) throw error
  return infos.map((info) => info.object as KubeObject)
}

async function collect(session: Session, object: KubeObject, container: string, allContainers: boolean, allPods: boolean, out: Source[]): Promise<void> {
  if (object.kind !== 'Pod') {
    let selected: { namespace: string; selector: string }
    try {
      selected = selectorFor(object)
    } catch (error) {
      throw new CliError(`cannot get the logs from *${object.apiVersion === 'v1' ? 'v1' : (object.apiVersion.split('/').pop() ?? '')}.${object.kind}: ${(error as Error).message}`)
    }
    const { pod, count } = await podOf(session, object, session.flags.number('pod-running-timeout'), byLogging)
    if (count > 1 && allPods) {
      const list = await session.list(pods, selected.namespace, { labelSelector: selected.selector })
      for (const item of list.items) await collect(session, { ...item, apiVersion: 'v1', kind: 'Pod' }, container, allContainers, allPods, out)
      return
    }
    if (count > 1) await session.err(`Found ${count} pods, using pod/${pod.metadata.name ?? ''}\n`)
    return await collect(session, pod, container, allContainers, allPods, out)
  }
  const pod = object as Pod
  if (allContainers) {
    for (const entry of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? []), ...(pod.spec?.ephemeralContainers ?? [])]) out.push({ pod, container: entry.name })
    return
  }
  out.push({ pod, container: await chosen(session, pod, container, allPods) })
}

async function chosen(session: Session, pod: Pod, container: string, allPods: boolean): Promise<string> {
  const name = pod.metadata.name ?? ''
  let wanted = container
  const annotated = pod.metadata.annotations?.[defaultContainerAnnotation]
  if (wanted === '' && annotated) {
    if (findContainer(pod, annotated)) wanted = annotated
    else await session.err(`Default container name ${JSON.stringify(annotated)} not found in pod ${name}\n`)
  }
  if (wanted === '') {
    wanted = pod.spec?.containers[0]?.name ?? ''
    const several = (pod.spec?.containers.length ?? 0) > 1 || (pod.spec?.initContainers?.length ?? 0) > 0 || (pod.spec?.ephemeralContainers?.length ?? 0) > 0
    if (several && !allPods) await session.err(`Defaulted container ${JSON.stringify(wanted)} out of: ${allContainerNames(pod)}\n`)
  }
  if (!findContainer(pod, wanted)) throw new CliError(`container ${wanted} is not valid for pod ${name}`)
  return wanted
}

async function printLog(session: Session, source: Source, fields: Record<string, unknown>, prefixed: boolean): Promise<void> {
  const { pod, container } = source
  const path = resourcePath(pods, pod.metadata.namespace ?? '', pod.metadata.name ?? '', 'log') + query({ container, ...fields })
  try {
    const response = await session.exchange('GET', path, { accept: '*/*', signal: session.process.dying })
    if (!prefixed) {
      for await (const chunk of response.body.stream()) await session.process.stdout.write(chunk)
      return
    }
    await printPrefixed(session, response.body.stream(), `[pod/${pod.metadata.name ?? ''}/${container}] `)
  } catch (error) {
    if (!session.flags.bool('ignore-errors') || (error as Error).name === 'ProcessKilled') throw error
    await session.out(`error: ${(error as Error).message}\n`)
  }
}

async function printPrefixed(session: Session, chunks: AsyncIterable<Uint8Array>, prefix: string): Promise<void> {
  const text = new Utf8Stream()
  let held = ''
  for await (const chunk of chunks) {
    const lines = (held + text.push(chunk)).split('\n')
    held = lines.pop() ?? ''
    for (const line of lines) await session.out(`${prefix}${line}\n`)
  }
  if (held !== '') await session.out(`${prefix}${held}`)
}

/** The log of one container, as `run` falls back to. */
export async function copyLog(session: Session, pod: Pod, container: string): Promise<void> {
  const response = await session.exchange('GET', resourcePath(pods, pod.metadata.namespace ?? '', pod.metadata.name ?? '', 'log') + query({ container }), { accept: '*/*' })
  for await (const chunk of response.body.stream()) await session.process.stdout.write(chunk)
}
