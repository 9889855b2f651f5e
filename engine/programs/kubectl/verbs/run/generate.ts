/** The pod and the service that `kubectl run` makes. */
import type { KubeObject } from '#engine/api/object'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'

/** `app=web,tier=front`; throws `unexpected label spec: app`. */
export function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const spec of text.split(',')) {
    const parts = spec.split('=')
    if (parts.length !== 2 || parts[0] === '') throw new CliError(`unexpected label spec: ${spec}`)
    labels[parts[0] as string] = parts[1] as string
  }
  return labels
}

export function parseEnvironment(list: readonly string[]): { name: string; value: string }[] {
  return list.map((entry) => {
    const equals = entry.indexOf('=')
    const name = equals < 0 ? '' : entry.slice(0, equals)
    if (equals < 0 || name === '') throw new CliError(`invalid env: ${entry}`)
    if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name)) throw new CliError(`invalid env: ${entry}`)
    return { name, value: entry.slice(equals + 1) }
  })
}

function parseAnnotations(list: readonly string[]): Record<string, string> | undefined {
  if (list.length === 0) return undefined
  const out: Record<string, string> = {}
  for (const entry of list) {
    const equals = entry.indexOf('=')
    if (equals <= 0) throw new CliError(`invalid annotations format: ${entry}`)
    out[entry.slice(0, equals)] = entry.slice(equals + 1)
  }
  return out
}

export function generatePod(session: Session, name: string, words: readonly string[]): KubeObject {
  const { flags } = session
  const labels = flags.string('labels') === '' ? { run: name } : parseLabels(flags.string('labels'))
  const annotations = parseAnnotations(flags.list('annotations'))
  const env = parseEnvironment(flags.list('env'))
  const restart = flags.string('restart') || (flags.bool('stdin') ? 'OnFailure' : 'Always')
  const pull = flags.string('image-pull-policy')
  const container: Record<string, unknown> = { name, image: flags.string('image') }
  if (words.length > 0) container[flags.bool('command') ? 'command' : 'args'] = [...words]
  const port = portOf(flags.string('port'))
  if (port !== undefined) container['ports'] = [{ containerPort: port }]
  if (env.length > 0) container['env'] = env
  container['resources'] = {}
  if (pull !== '') container['imagePullPolicy'] = pull
  if (flags.bool('privileged')) container['securityContext'] = { privileged: true }
  Object.assign(container, terminalFields(session))
  return { kind: 'Pod', apiVersion: 'v1', metadata: { name, labels, ...(annotations ? { annotations } : {}) }, spec: { containers: [container], restartPolicy: restart, dnsPolicy: 'ClusterFirst' }, status: {} }
}

function terminalFields({ flags }: Session): Record<string, boolean> {
  const stdin = flags.bool('stdin') ? { stdin: true, ...(flags.bool('leave-stdin-open') ? {} : { stdinOnce: true }) } : {}
  return { ...stdin, ...(flags.bool('tty') ? { tty: true } : {}) }
}

function portOf(text: string): number | undefined {
  if (text === '') return undefined
  if (!/^[-+]?\d+$/.test(text)) throw new CliError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

export function generateRunService(session: Session, name: string): KubeObject {
  const { flags } = session
  const labels = flags.string('labels')
  const port = portOf(flags.string('port')) as number
  return {
    kind: 'Service', apiVersion: 'v1', metadata: { name, ...(labels === '' ? {} : { labels: parseLabels(labels) }) },
    spec: { ports: [{ protocol: 'TCP', port, targetPort: port }], selector: labels === '' ? { run: name } : parseLabels(labels) }, status: { loadBalancer: {} },
  }
}
