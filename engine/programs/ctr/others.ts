/** `ctr run`, `namespaces`, `content`, `snapshots`, `version`. */
import { humanDuration, table } from '#engine/cri/units'
import { bytes, CtrError, isQuiet, labelsGiven, labelText, print, removeEach, rows, type Context, type Run } from './session'

export async function run(context: Context): Promise<number> {
  const [image, id, ...args] = context.operands
  if (image === undefined) throw new CtrError('image ref must be provided')
  if (id === undefined) throw new CtrError('container id must be provided')
  const detached = context.flags.has('d') || context.flags.has('detach')
  const log = `/run/containerd/ctr-${context.namespace}-${id}.log`
  await context.call('Run', { id, image, args, hostNetwork: context.flags.has('net-host'), privileged: context.flags.has('privileged'), logPath: log })
  if (detached) return 0
  const { exitCode } = await context.call<{ exitCode: number }>('Wait', { id })
  const { files } = context.process
  for (const line of files.readText(log).split('\n').filter((item) => item !== '')) {
    const [, stream = '', , ...text] = line.split(' ')
    await (stream === 'stderr' ? context.process.stderr : context.process.stdout).write(`${text.join(' ')}\n`)
  }
  if (context.flags.has('rm')) await context.call('Delete', { id })
  files.unlink(log)
  return exitCode
}

interface NamespaceItem { readonly name: string; readonly labels: Record<string, string> }

async function namespaces(context: Context): Promise<number> {
  const found = await context.call<{ namespaces: NamespaceItem[] }>('Namespaces')
  const sorted = [...found.namespaces].sort((a, b) => (a.name < b.name ? -1 : 1))
  if (isQuiet(context)) return print(context, sorted.map((item) => `${item.name}\n`).join(''))
  return print(context, rows([['NAME', 'LABELS'], ...sorted.map((item) => [item.name, labelText(item.labels).replace(/^-$/, '')])], 1, 1))
}

async function createNamespace(context: Context): Promise<number> {
  const [name, ...labels] = context.operands
  if (name === undefined) throw new CtrError('please specify a namespace: invalid argument')
  const known = await context.call<{ namespaces: NamespaceItem[] }>('Namespaces')
  if (known.namespaces.some((item) => item.name === name)) throw new CtrError(`namespace ${JSON.stringify(name)}: already exists`)
  await context.call('CreateNamespace', { name, labels: labelsGiven(labels) })
  return 0
}

const removeNamespaces: Run = (context) => removeEach(context, (name) => context.call('DeleteNamespace', { name }), 'namespace', true)

export const namespaceCommands: Readonly<Record<string, Run>> = { ls: namespaces, list: namespaces, create: createNamespace, c: createNamespace, rm: removeNamespaces, remove: removeNamespaces }

async function content(context: Context): Promise<number> {
  const { blobs } = await context.call<{ blobs: { digest: string; size: number; createdMs: number }[] }>('Content')
  if (isQuiet(context)) return print(context, blobs.map((blob) => `${blob.digest}\n`).join(''))
  const now = context.process.clock.now()
  return print(context, table([['DIGEST', 'SIZE', 'AGE', 'LABELS'], ...blobs.map((blob) => [blob.digest, bytes(blob.size), humanDuration(now - blob.createdMs).toLowerCase(), '-'])], 1, 1))
}

async function getContent(context: Context): Promise<number> {
  const [digest = ''] = context.operands
  const { text } = await context.call<{ text: string }>('Blob', { digest })
  return print(context, text)
}

export const contentCommands: Readonly<Record<string, Run>> = { ls: content, list: content, get: getContent }

async function snapshots(context: Context): Promise<number> {
  const found = await context.call<{ snapshots: { key: string; parent: string; kind: string }[] }>('Snapshots')
  return print(context, rows([['KEY', 'PARENT', 'KIND'], ...found.snapshots.map((each) => [each.key, each.parent, each.kind])], 1, 1))
}

export const snapshotCommands: Readonly<Record<string, Run>> = { ls: snapshots, list: snapshots }

export async function version(context: Context): Promise<number> {
  const server = await context.call<{ version: string; revision: string }>('Version')
  return print(context, `Client:\n  Version:  ${server.version}\n  Revision: ${server.revision}\n  Go version: go1.24.11\n\nServer:\n  Version:  ${server.version}\n  Revision: ${server.revision}\n  UUID: ${uuid(context)}\n`)
}

function uuid(context: Context): string {
  const path = '/var/lib/containerd/io.containerd.grpc.v1.introspection/uuid'
  return context.process.files.exists(path) ? context.process.files.readText(path) : ''
}
