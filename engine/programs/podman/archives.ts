/** podman save, load, import, export. */
import { importImage } from '#engine/cri/archive/import'
import { layoutArchive, layoutFiles, podmanArchive } from '#engine/cri/archive/layout'
import { fromLayout, keepImage, readArchive } from '#engine/cri/archive/load'
import { packImage, type PackedImage } from '#engine/cri/archive/save'
import { ArchiveProblem } from '#engine/cri/archive/scope'
import { treeArchive } from '#engine/cri/archive/tree'
import { decodeUtf8 } from '#engine/base/bytes'
import { presentImage, storedName } from '#engine/cri/podman/images'
import { PodmanError } from '#engine/cri/podman/model'
import { localName } from '#engine/cri/podman/registries'
import { isErrno } from '#engine/linux/abi/errno'
import { changedConfig } from './commit'
import { mounted } from './roots'
import { type Commands, say, type Session } from './session'

const formats = ['oci-dir', 'oci-archive', 'docker-dir', 'docker-archive']

async function save(session: Session): Promise<number> {
  const { flags, library, process } = session
  const format = flags.value('format') ?? 'docker-archive'
  const output = flags.value('output')
  checkSave(session, format)
  const images = flags.operands.map((name): PackedImage => {
    const stored = storedName(library, name)
    return packImage(library, presentImage(library, name), stored === undefined ? [] : [stored])
  })
  if (output !== undefined && format === 'docker-archive' && (process.files.exists(output)?.size ?? 0) > 0) throw new PodmanError("docker-archive doesn't support modifying existing images")
  if (!flags.has('quiet') && output !== undefined) await process.stderr.write(images.map((image) => `${image.layers.map((layer) => `Copying blob ${layer.diffId}\n`).join('')}Copying config ${image.id}\nWriting manifest to image destination\nStoring signatures\n`).join(''))
  const first = images[0] as PackedImage
  if (format.endsWith('-dir')) return directory(session, first, output ?? '')
  const bytes = format === 'oci-archive' ? layoutArchive(first, first.names[0]) : podmanArchive(images, (name) => name)
  if (output === undefined) await process.stdout.write(bytes)
  else write(session, output, bytes)
  return 0
}

function checkSave({ flags }: Session, format: string): void {
  if (!formats.includes(format)) throw new PodmanError(`format value must be one of ${formats.join(' ')}`)
  if (flags.operands.length < 2) return
  if (format !== 'docker-archive') throw new PodmanError(`--multi-image-archive is only supported for docker-archive`)
  if (!flags.has('multi-image-archive')) throw new PodmanError('several images need --multi-image-archive here')
}

function write({ process }: Session, path: string, bytes: Uint8Array): void {
  try {
    process.files.writeFile(path, bytes, 0o644)
  } catch (error) {
    if (isErrno(error)) throw new PodmanError(`open ${path}: ${error.message.toLowerCase()}`)
    throw error
  }
}

function directory({ process }: Session, image: PackedImage, path: string): number {
  for (const [name, content] of layoutFiles(image, image.names[0])) {
    const target = `${path}/${name}`
    process.files.mkdirAll(target.slice(0, target.lastIndexOf('/')), 0o755)
    process.files.writeFile(target, content, 0o644)
  }
  return 0
}

async function load(session: Session): Promise<number> {
  const { flags, library, process } = session
  const input = flags.value('input')
  const packed = await readPacked(session, input)
  const names: string[] = []
  for (const image of packed) {
    const kept = keepImage(library, image)
    names.push(...(image.names.length > 0 ? image.names : [kept.id]))
    if (!flags.has('quiet')) await process.stderr.write(`Getting image source signatures\n${image.layers.map((layer) => `Copying blob ${layer.diffId}\n`).join('')}Copying config ${image.id}\nWriting manifest to image destination\nStoring signatures\n`)
  }
  return say(session, names.map((name) => `Loaded image: ${name}\n`).join(''))
}

async function readPacked(session: Session, input: string | undefined): Promise<PackedImage[]> {
  const { process } = session
  const stat = input === undefined ? undefined : process.files.exists(input)
  if (input !== undefined && !stat) throw new PodmanError(`stat ${input}: no such file or directory`)
  try {
    if (stat?.type === 'directory') return fromDirectory(session, input ?? '')
    const bytes = input === undefined ? await process.stdin.readAll() : process.files.readFile(input)
    return readArchive(bytes, localName)
  } catch (error) {
    if (error instanceof ArchiveProblem) throw new PodmanError(`payload does not match any of the supported image formats:\n * oci: open ${input ?? '/dev/stdin'}/index.json: not a directory\n * oci-archive: ${error.message}\n * docker-archive: ${error.message}\n * dir: open ${input ?? '/dev/stdin'}/manifest.json: not a directory`)
    throw error
  }
}

function fromDirectory({ process }: Session, path: string): PackedImage[] {
  const read = (name: string): Uint8Array | undefined => (process.files.exists(`${path}/${name}`) ? process.files.readFile(`${path}/${name}`) : undefined)
  const index = read('index.json')
  if (!index) throw new ArchiveProblem('no index.json')
  return (JSON.parse(decodeUtf8(index)) as { manifests: { digest: string }[] }).manifests.map((entry) => fromLayout(read, entry, localName))
}

async function importTar(session: Session): Promise<number> {
  const { flags, library, process } = session
  const [source = '', name] = flags.operands
  const bytes = source === '-' ? await process.stdin.readAll() : readFile(session, source)
  const message = flags.value('message')
  const id = importImage(library, bytes, { config: changedConfig({}, flags.all('change')), ...(message === undefined ? {} : { message }) })
  if (name !== undefined) library.store.setName(library.namespace, localName(name), library.imageById(id)?.digest ?? '')
  return say(session, `sha256:${id.slice(7)}\n`)
}

function readFile({ process }: Session, path: string): Uint8Array {
  if (!process.files.exists(path)) throw new PodmanError(`open ${path}: no such file or directory`)
  return process.files.readFile(path)
}

async function exportTree(session: Session): Promise<number> {
  const { flags, library, process } = session
  const record = library.presentContainer(flags.operands[0] ?? '')
  const bytes = mounted(session, record, (root) => treeArchive(process.files, root))
  const output = flags.value('output')
  if (output === undefined) await process.stdout.write(bytes)
  else write(session, output, bytes)
  return 0
}

export const archiveCommands: Commands = {
  save: { flags: 'output,o= format= quiet,q compress multi-image-archive,m uncompressed', operands: [1, 99], run: save },
  load: { flags: 'input,i= quiet,q', operands: [0, 0], run: load },
  import: { flags: 'change,c= message,m= quiet,q arch= os= variant=', operands: [1, 2], run: importTar },
  export: { flags: 'output,o=', operands: [1, 1], run: exportTree },
}
