/** `ctr images`: names, and what they point to. */
import type { ImageSummary } from '#engine/cri/containerd/summaries'
import { exportImages, importImages } from './archive'
import { bytes, CtrError, isQuiet, labelsGiven, labelText, print, removeEach, rows, type Context, type Run } from './session'

async function found(context: Context): Promise<ImageSummary[]> {
  const { images } = await context.call<{ images: ImageSummary[] }>('Images', {})
  return images.filter((image) => context.operands.every((operand) => matches(image.name, operand)))
}

/** containerd's filters, as far as they ask for names: `name==X`, `name~=X`, or a name. */
function matches(name: string, filter: string): boolean {
  const [, operator, value = ''] = /^name(==|~=|!=)"?([^"]*)"?$/.exec(filter) ?? []
  if (operator === '~=') return new RegExp(value).test(name)
  if (operator === '!=') return name !== value
  return name === (operator === undefined ? filter : value)
}

async function list(context: Context): Promise<number> {
  const images = await found(context)
  if (isQuiet(context)) return print(context, images.map((image) => `${image.name}\n`).join(''))
  const body = images.map((image) => [image.name, image.mediaType, image.digest, bytes(image.sizeBytes), 'linux/amd64', labelText(image.labels)])
  return print(context, rows([['REF', 'TYPE', 'DIGEST', 'SIZE', 'PLATFORMS', 'LABELS'], ...body], 1, 1))
}

async function check(context: Context): Promise<number> {
  const images = await found(context)
  if (isQuiet(context)) return print(context, images.map((image) => `${image.name}\n`).join(''))
  const body = images.map((image) => {
    const parts = image.config.rootfs.diff_ids.length + 1
    return [image.name, image.mediaType, image.digest, `complete (${parts}/${parts})`, `${bytes(image.sizeBytes)}/${bytes(image.sizeBytes)}`, 'true']
  })
  return print(context, rows([['REF', 'TYPE', 'DIGEST', 'STATUS', 'SIZE', 'UNPACKED'], ...body], 1, 1))
}

async function pull(context: Context): Promise<number> {
  const [name] = context.operands
  if (name === undefined) throw new CtrError('please provide an image reference to pull')
  if (!name.includes('/') || !/^[^/]*[.:]/.test(name)) throw new CtrError(`failed to resolve reference ${JSON.stringify(name)}: object required`)
  const user = context.values.get('user') ?? context.values.get('u')
  const [username = '', ...password] = (user ?? '').split(':')
  const { image } = await context.call<{ image: { digest: string; sizeBytes: number } }>('Pull', { name, ...(user === undefined ? {} : { auth: { username, password: password.join(':') } }) })
  return print(context, `${name} saved\n└──manifest (${image.digest.slice(7, 19)}) already exists\napplication/vnd.oci.image.manifest.v1+json ${image.digest}\nPulling from OCI Registry (${name})\telapsed: 0.4 s\ttotal:  ${bytes(image.sizeBytes)}\t(${bytes(image.sizeBytes)}/s)\n`)
}

async function tag(context: Context): Promise<number> {
  const [source, ...targets] = context.operands
  if (source === undefined) throw new CtrError('please provide an image reference to tag from')
  if (targets.length === 0) throw new CtrError('please provide an image reference to tag to')
  for (const target of targets) {
    await context.call('Tag', { name: source, target, force: context.flags.has('force') })
    await print(context, `${target}\n`)
  }
  return 0
}

async function label(context: Context): Promise<number> {
  const [name, ...given] = context.operands
  if (name === undefined) throw new CtrError('please specify an image')
  if (given.length === 0) throw new CtrError('no labels specified')
  const { labels } = await context.call<{ labels: Record<string, string> }>('LabelImage', { name, labels: labelsGiven(given), replace: context.flags.has('replace-all') })
  return print(context, `${labelText(labels).replace(/^-$/, '')}\n`)
}

const remove: Run = (context) => removeEach(context, (name) => context.call('RemoveImage', { name }), 'image')

const unsupported = (what: string): Run => () => Promise.reject(new CtrError(`images ${what} is not supported by this ctr`))

export const imageCommands: Readonly<Record<string, Run>> = {
  ls: list, list, check, pull, tag, label, rm: remove, remove, delete: remove, del: remove,
  export: exportImages, import: importImages, push: unsupported('push'), mount: unsupported('mount'), unmount: unsupported('unmount'), convert: unsupported('convert'), prune: unsupported('prune'),
}
