/** skopeo's commands. */
import type { ImageConfigBlob, ImageManifest } from '#engine/cri/images/content'
import { RpcError } from '#engine/cri/rpc'
import { Library } from '#engine/cri/podman/library'
import { encodeAuth } from '#engine/cri/podman/registries'
import { PodmanError } from '#engine/cri/podman/model'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { FlagError, type Flags, parseArguments } from '#engine/programs/common/containers/flags'
import { FormatError, renderTemplate } from '#engine/programs/common/containers/report'
import { type Access, type Place, placeOf, readImage, referenceOf, registryCall, repository, SkopeoError, transportList, writeImage } from './transports'

interface Command { readonly flags: string; readonly operands: number; readonly usage: string; run(process: Process, flags: Flags): Promise<number> }

function accessOf(flags: Flags, prefix = ''): Access {
  const verify = flags.value(`${prefix}tls-verify`) ?? flags.value('tls-verify')
  const creds = flags.value(`${prefix}creds`) ?? flags.value('creds')
  const [user = '', ...password] = (creds ?? '').split(':')
  return { tlsVerify: verify === undefined ? undefined : verify !== 'false', auth: creds === undefined ? undefined : { auth: encodeAuth(user, password.join(':')) }, authFile: flags.value(`${prefix}authfile`) ?? flags.value('authfile') }
}

/** The first words of a failure tell what could not be parsed. */
function named(text: string, role: string): Place {
  try {
    return placeOf(text)
  } catch (error) {
    if (error instanceof SkopeoError && role !== '') throw new SkopeoError(`Invalid ${role} name ${text}: ${error.message}`)
    throw error
  }
}

async function inspect(process: Process, flags: Flags): Promise<number> {
  const text = flags.operands[0] ?? ''
  const library = new Library(process)
  const place = parsing(text, () => placeOf(text))
  const found = await readImage(library, place, accessOf(flags)).catch((error: unknown) => Promise.reject(error instanceof SkopeoError ? new SkopeoError(`Error parsing image name ${JSON.stringify(text)}: ${error.message}`) : error))
  if (flags.has('raw')) return say(process, flags.has('config') ? found.image.config : found.manifest)
  const config = JSON.parse(found.image.config) as ImageConfigBlob
  const value = flags.has('config') ? config : await summary(library, flags, found, config)
  const format = flags.value('format')
  return say(process, format === undefined ? `${JSON.stringify(value, null, 4)}\n` : `${renderTemplate(format, value)}\n`)
}

function parsing<T>(text: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof SkopeoError) throw new SkopeoError(`Error parsing image name ${JSON.stringify(text)}: ${error.message}`)
    throw error
  }
}

async function summary(library: Library, flags: Flags, found: Awaited<ReturnType<typeof readImage>>, config: ImageConfigBlob): Promise<object> {
  const { reference } = found
  const manifest = JSON.parse(found.manifest) as ImageManifest
  const tags = reference && !flags.has('no-tags') ? await tagsOf(library, reference, accessOf(flags)) : []
  return {
    ...(reference ? { Name: repository(reference) } : {}), Digest: found.digest, RepoTags: tags, Created: config.created, DockerVersion: '', Labels: config.config.Labels ?? null, Architecture: config.architecture, Os: config.os,
    Layers: manifest.layers.map((layer) => layer.digest), LayersData: manifest.layers.map((layer) => ({ MIMEType: layer.mediaType, Digest: layer.digest, Size: layer.size, Annotations: null })), Env: config.config.Env ?? null,
  }
}

async function tagsOf(library: Library, reference: ReturnType<typeof referenceOf>, access: Access): Promise<string[]> {
  const answer = await registryCall(library, reference, access, `/v2/${reference.path}/tags/list`)
  if (answer.status !== 200) throw new SkopeoError(`Error listing repository tags: fetching tags list: name unknown: repository name not known to registry`)
  return (JSON.parse(await answer.body.text()) as { tags: string[] | null }).tags ?? []
}

async function listTags(process: Process, flags: Flags): Promise<number> {
  const text = flags.operands[0] ?? ''
  const place = named(text, '')
  if (place.transport !== 'docker') throw new SkopeoError(`unsupported transport '${place.transport}' for tag listing. Only 'docker', 'docker-archive' are supported`)
  const reference = referenceOf(place)
  const tags = await tagsOf(new Library(process), reference, accessOf(flags))
  return say(process, `${JSON.stringify({ Repository: repository(reference), Tags: tags }, null, 4)}\n`)
}

async function copy(process: Process, flags: Flags): Promise<number> {
  const [from = '', to = ''] = flags.operands
  const source = named(from, 'source')
  const target = named(to, 'destination')
  const library = new Library(process)
  const found = await readImage(library, source, accessOf(flags, 'src-')).catch((error: unknown) => Promise.reject(error instanceof SkopeoError ? new SkopeoError(`initializing source ${from}: ${error.message}`) : error))
  if (!flags.has('quiet')) await say(process, 'Getting image source signatures\n')
  await writeImage(library, target, found.image, accessOf(flags, 'dest-'))
  const digestFile = flags.value('digestfile')
  if (digestFile !== undefined) process.files.writeFile(digestFile, found.digest)
  if (flags.has('quiet')) return 0
  return say(process, `${found.image.layers.map((layer) => `Copying blob ${layer.diffId}\n`).join('')}Copying config ${found.image.id}\nWriting manifest to image destination\nStoring signatures\n`)
}

async function remove(process: Process, flags: Flags): Promise<number> {
  const text = flags.operands[0] ?? ''
  const place = named(text, 'source')
  if (place.transport !== 'docker') throw new SkopeoError(`Deleting images not implemented for ${place.transport}: images`)
  const library = new Library(process)
  const reference = referenceOf(place)
  const head = await registryCall(library, reference, accessOf(flags), `/v2/${reference.path}/manifests/${reference.digest ?? reference.tag ?? 'latest'}`)
  if (head.status !== 200) throw new SkopeoError(`Unable to delete ${text}. Image may not exist or is not stored with a v2 Schema in a v2 registry`)
  const answer = await registryCall(library, reference, accessOf(flags), `/v2/${reference.path}/manifests/${head.headers['docker-content-digest'] ?? ''}`, 'DELETE')
  if (answer.status === 202) return 0
  throw new SkopeoError(`Failed to delete /v2/${reference.path}/manifests/${head.headers['docker-content-digest'] ?? ''}: ${(await answer.body.text()).trim()} (${answer.status} Method Not Allowed)`)
}

async function say(process: Process, text: string): Promise<number> {
  await process.stdout.write(text)
  return 0
}

const registryFlags = 'authfile= cert-dir= creds= no-creds tls-verify retry-times= username= password='
const commands: Readonly<Record<string, Command>> = {
  inspect: { flags: `${registryFlags} config raw format,f= no-tags,n`, operands: 1, usage: 'inspect [command options] IMAGE-NAME', run: inspect },
  copy: { flags: `${registryFlags} all,a src-tls-verify dest-tls-verify src-creds= dest-creds= src-authfile= dest-authfile= src-cert-dir= dest-cert-dir= format,f= quiet,q digestfile= additional-tag= preserve-digests remove-signatures sign-by= dest-compress dest-decompress multi-arch= insecure-policy override-arch= override-os=`, operands: 2, usage: 'copy [command options] SOURCE-IMAGE DESTINATION-IMAGE', run: copy },
  'list-tags': { flags: registryFlags, operands: 1, usage: 'list-tags [command options] SOURCE-IMAGE', run: listTags },
  delete: { flags: registryFlags, operands: 1, usage: 'delete [command options] IMAGE-NAME', run: remove },
}

async function dispatch(process: Process): Promise<number> {
  const first = parseArguments(process.argv.slice(1), 'debug insecure-policy override-arch= override-os= override-variant= policy= registries.d= tmpdir= command-timeout= version,v help,h', 1)
  if (first.has('version')) return say(process, 'skopeo version 1.9.3\n')
  const [name = '', ...rest] = first.operands
  const command = commands[name]
  if (!command) {
    if (name === '' || first.has('help')) return say(process, `Various operations with container images and container image registries\n\nUsage:\n  skopeo [flags]\n  skopeo [command]\n\nAvailable Commands:\n${Object.keys(commands).sort().map((each) => `  ${each}\n`).join('')}`)
    throw new SkopeoError(`unknown command ${JSON.stringify(name)} for "skopeo"`)
  }
  const flags = parseArguments(rest, command.flags)
  if (flags.operands.length !== command.operands) return usage(process, command)
  return command.run(process, flags)
}

/** A wrong number of names shows how the command is called. */
async function usage(process: Process, command: Command): Promise<number> {
  await process.stderr.write(`Container "IMAGE-NAME" uses a "transport":"details" format.\n\nSupported transports:\n${transportList}\n\nSee skopeo(1) section "IMAGE NAMES" for the expected format\n\nUsage:\n  skopeo ${command.usage}\n`)
  await fatal(process, command.operands === 2 ? 'Exactly two arguments expected' : 'Exactly one argument expected')
  return 1
}

async function fatal(process: Process, message: string): Promise<void> {
  await process.stderr.write(`time="${new Date(Math.floor(process.clock.now())).toISOString().slice(0, 19)}Z" level=fatal msg=${JSON.stringify(message)}\n`)
}

export const skopeo: Program = {
  name: 'skopeo',
  unsupported: 'sync, login, signing, the transports docker-daemon, ostree, sif and tarball',
  async run(process) {
    try {
      return await dispatch(process)
    } catch (error) {
      const known = error instanceof SkopeoError || error instanceof FlagError || error instanceof FormatError || error instanceof PodmanError
      if (!known && !(error instanceof RpcError) && !isErrno(error)) throw error
      await fatal(process, error instanceof RpcError ? error.description : isErrno(error) ? `${error.subject === undefined ? '' : `open ${error.subject}: `}${error.message.toLowerCase()}` : error.message)
      return 1
    }
  },
}

export const skopeoPrograms: readonly Program[] = [skopeo]
