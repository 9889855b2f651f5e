/** buildah's commands. */
import { commitImage } from '#engine/cri/archive/commit'
import { containerConfiguration, environmentOf, userFilesOf } from '#engine/cri/build/container'
import { copyInto, MissingSource, sourceHash, sourcesOf } from '#engine/cri/build/copy'
import { DockerfileError } from '#engine/cri/build/dockerfile/lines'
import { runInRoot } from '#engine/cri/build/run'
import { contextRoot } from '#engine/cri/build/sources'
import { cleanPath } from '#engine/cri/build/stage'
import { splitWords } from '#engine/cri/build/dockerfile/words'
import { withVariables } from '#engine/cri/build/settings'
import { StartFailure } from '#engine/cri/containerd/shim/init'
import type { ImageConfig } from '#engine/cri/images/definition'
import { findImage, presentImage, pullImage, pushTo, removeImage, storedName, tagImage } from '#engine/cri/podman/images'
import { Library } from '#engine/cri/podman/library'
import { PodmanError } from '#engine/cri/podman/model'
import { localName } from '#engine/cri/podman/registries'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { buildFlags, runBuild } from '#engine/programs/common/containers/build'
import { FlagError, type Flags, parseArguments } from '#engine/programs/common/containers/flags'
import { FormatError, formatRows, humanSize, humanSpan, renderTemplate, tableText } from '#engine/programs/common/containers/report'
import { forgetContainer, newContainer, presentContainer, saveContainer, snapshotOf, type WorkingContainer, workingContainer, workingContainers } from './working'

interface Session { readonly process: Process; readonly library: Library; readonly flags: Flags }
interface Command { readonly flags: string; readonly stop?: number; readonly least?: number; run(session: Session): Promise<number> }

const columns = { minWidth: 0, padding: 3 }
const version = '1.28.2'

async function say({ process }: Pick<Session, 'process'>, text: string): Promise<number> {
  await process.stdout.write(text)
  return 0
}

async function from(session: Session): Promise<number> {
  const { library, process, flags } = session
  const [name = ''] = flags.operands
  if (name === 'scratch') return say(session, `${newContainer(library, undefined, 'scratch', flags.value('name')).name}\n`)
  const known = flags.has('pull-always') ? undefined : findImage(library, name)
  const image = known ?? (await pullImage(library, name, async (text) => process.stderr.write(text), { quiet: flags.has('quiet') }))
  return say(session, `${newContainer(library, image, storedName(library, name) ?? name, flags.value('name')).name}\n`)
}

/** The root of a working container, mounted while `work` is done. */
async function withRoot<T>({ library, process }: Session, container: WorkingContainer, work: (root: string) => Promise<T>): Promise<T> {
  const { lower, upper, work: scratch } = library.store.snapshots.mounts(snapshotOf(container))
  const path = upper.replace(/\/fs$/, '/merged')
  process.files.mkdirAll(path, 0o755)
  process.files.mount({ source: 'overlay', target: path, type: 'overlay', options: ['rw', `lowerdir=${lower.length > 0 ? lower.join(':') : path}`, `upperdir=${upper}`, `workdir=${scratch}`] })
  try {
    return await work(path)
  } finally {
    process.files.unmount(path, { lazy: true })
  }
}

async function run(session: Session): Promise<number> {
  const { library, process, flags } = session
  const [name = '', ...rest] = flags.operands
  const args = rest[0] === '--' ? rest.slice(1) : rest
  const container = presentContainer(library, name, 'reading')
  if (args.length === 0) throw new PodmanError('command must be specified')
  return withRoot(session, container, async (root) => {
    const { config } = container
    const spec = containerConfiguration({
      rootPath: root, args, env: environmentOf(config, flags.all('env')), cwd: flags.value('workingdir') ?? config.WorkingDir ?? '/', user: flags.value('user') ?? config.User ?? '', hostname: flags.value('hostname') ?? container.id.slice(0, 12),
      namespaces: { pid: 'new', ipc: 'new', uts: 'new' }, mounts: [], cgroupsPath: `/buildah-${container.id}`,
    }, userFilesOf(process.files, root))
    const code = await runInRoot(process, spec, async (stream, data) => (stream === 'stdout' ? process.stdout : process.stderr).write(data)).catch(async (error: unknown) => {
      if (!(error instanceof StartFailure)) throw error
      await process.stderr.write(`runc run failed: unable to start container process: ${error.message}\n`)
      return 1
    })
    if (flags.has('add-history')) container.history.push(`/bin/sh -c ${args.join(' ')}`)
    saveContainer(library, container)
    if (code !== 0) throw new PodmanError(`while running runtime: exit status ${code}`, code)
    return 0
  })
}

function copying(keyword: string): (session: Session) => Promise<number> {
  return async (session) => {
    const { library, process, flags } = session
    const [name = '', ...rest] = flags.operands
    const container = presentContainer(library, name, 'reading')
    const destination = rest.length > 1 ? (rest.at(-1) ?? '') : ''
    const patterns = rest.length > 1 ? rest.slice(0, -1) : rest
    const directory = flags.value('contextdir') ?? process.cwd()
    const source = contextRoot(process.files, process.files.realpath(directory))
    try {
      const sources = sourcesOf(source, patterns.map((pattern) => (pattern.startsWith(`${source.root}/`) ? pattern.slice(source.root.length) : pattern)))
      const hash = sourceHash(source, sources)
      const target = `${cleanPath(destination.startsWith('/') ? destination : `${container.config.WorkingDir ?? ''}/${destination}`)}${destination === '' || destination.endsWith('/') ? '/' : ''}`
      await withRoot(session, container, async (root) => copyInto({ files: process.files, root, destination: target, chown: flags.value('chown'), keepOwner: false, extract: keyword === 'ADD' }, source, sources))
      if (flags.has('add-history')) container.history.push(`/bin/sh -c #(nop) ${keyword} ${hash} in ${destination} `)
      saveContainer(library, container)
      return flags.has('quiet') ? 0 : await say(session, `${hash.slice(hash.indexOf(':') + 1)}\n`)
    } catch (error) {
      if (error instanceof MissingSource) throw new PodmanError(`adding sources ${JSON.stringify(patterns)}: checking on sources under ${JSON.stringify(source.root)}: copier: stat: ${JSON.stringify(`/${error.pattern}`)}: no such file or directory`)
      throw error
    }
  }
}

function changed(flags: Flags, config: ImageConfig): ImageConfig {
  let out: ImageConfig = config
  const split = (texts: readonly string[]): [string, string][] => texts.map((text) => [text.split('=')[0] ?? '', text.includes('=') ? text.slice(text.indexOf('=') + 1) : ''])
  if (flags.all('env').length > 0) out = { ...out, Env: withVariables(out.Env ?? [], split(flags.all('env'))) }
  if (flags.all('label').length > 0) out = { ...out, Labels: { ...out.Labels, ...Object.fromEntries(split(flags.all('label'))) } }
  const ports = flags.all('port')
  if (ports.length > 0) out = { ...out, ExposedPorts: { ...out.ExposedPorts, ...Object.fromEntries(ports.map((port) => [port.includes('/') ? port : `${port}/tcp`, {}])) } }
  if (flags.all('volume').length > 0) out = { ...out, Volumes: { ...out.Volumes, ...Object.fromEntries(flags.all('volume').map((path) => [path, {}])) } }
  const [cmd, entrypoint, user, workdir, signal] = ['cmd', 'entrypoint', 'user', 'workingdir', 'stop-signal'].map((name) => flags.value(name))
  if (cmd !== undefined) out = { ...out, Cmd: words(cmd) }
  if (entrypoint !== undefined) out = { ...out, Entrypoint: entrypoint.startsWith('[') ? words(entrypoint) : ['/bin/sh', '-c', entrypoint] }
  if (user !== undefined) out = { ...out, User: user }
  if (workdir !== undefined) out = { ...out, WorkingDir: workdir }
  return signal === undefined ? out : { ...out, StopSignal: signal }
}

function words(text: string): string[] {
  try {
    const value = JSON.parse(text) as unknown
    if (Array.isArray(value)) return value.map(String)
  } catch {
    // Not JSON: words of a shell.
  }
  return splitWords(text, '\\').map((word) => word.replace(/^(['"])(.*)\1$/, '$2'))
}

async function config({ library, flags }: Session): Promise<number> {
  const container = presentContainer(library, flags.operands[0] ?? '', 'reading')
  container.config = changed(flags, container.config)
  saveContainer(library, container)
  return 0
}

async function commit(session: Session): Promise<number> {
  const { library, process, flags } = session
  const [name = '', target] = flags.operands
  const container = presentContainer(library, name, 'reading')
  const parent = library.imageById(container.imageId)
  const image = commitImage(library, {
    parent, tree: library.store.snapshots.upperDirectory(snapshotOf(container)) ?? '', config: { ...container.config, Labels: { ...container.config.Labels, 'io.buildah.version': version } }, createdBy: container.history.at(-1) ?? '/bin/sh', names: target === undefined ? [] : [localName(target)],
  })
  if (!flags.has('quiet')) await process.stderr.write(`Getting image source signatures\n${image.config.rootfs.diff_ids.map((digest) => `Copying blob ${digest}\n`).join('')}Copying config ${image.id}\nWriting manifest to image destination\nStoring signatures\n`)
  if (flags.has('rm')) forgetContainer(library, container)
  return say(session, `${image.id.slice(7)}\n`)
}

async function containers(session: Session): Promise<number> {
  const { library, flags } = session
  const rows = workingContainers(library).map((each) => ({ ContainerID: flags.has('notruncate') ? each.id : each.id.slice(0, 12), Builder: '   *', ImageID: each.imageId.slice(7, 19), ImageName: each.imageName, ContainerName: each.name }))
  if (flags.has('quiet')) return say(session, workingContainers(library).map((each) => `${each.id}\n`).join(''))
  if (flags.has('json')) return say(session, `${JSON.stringify(workingContainers(library).map((each) => ({ id: each.id, builder: true, imageid: each.imageId.slice(7), imagename: each.imageName, containername: each.name })), null, 4)}\n`)
  const format = flags.value('format')
  if (format !== undefined) return say(session, formatRows(format, rows, {}, { ...columns, alignsAll: true, noHeading: true }))
  return say(session, tableText([{ title: 'CONTAINER ID', field: 'ContainerID' }, { title: 'BUILDER', field: 'Builder' }, { title: 'IMAGE ID', field: 'ImageID' }, { title: 'IMAGE NAME', field: 'ImageName' }, { title: 'CONTAINER NAME', field: 'ContainerName' }], rows, { minWidth: 12, padding: 2, noHeading: flags.has('noheading') }))
}

async function images(session: Session): Promise<number> {
  const { library, flags } = session
  const { store, namespace } = library
  const parents = new Set(store.list(namespace).map((image) => store.record(namespace, image.id)?.labels['parent']))
  const rows = store.list(namespace).filter((image) => flags.has('all') || image.repoTags.length > 0 || !parents.has(image.id)).sort((a, b) => Date.parse(b.config.created) - Date.parse(a.config.created)).flatMap((image) => {
    const common = { ID: image.id.slice(7, 19), CreatedAt: `${humanSpan(library.now() - Date.parse(image.config.created))} ago`, Size: humanSize(image.sizeBytes), Digest: image.digest }
    const names = image.repoTags.length > 0 ? image.repoTags : ['<none>:<none>']
    return names.map((name) => ({ ...common, Name: name.slice(0, name.lastIndexOf(':')), Tag: name.slice(name.lastIndexOf(':') + 1) }))
  }).filter((row) => flags.operands[0] === undefined || `${row.Name}:${row.Tag}`.includes(flags.operands[0]))
  if (flags.has('quiet')) return say(session, [...new Set(rows.map((row) => row.ID))].map((id) => `${id}\n`).join(''))
  const format = flags.value('format')
  if (format !== undefined) return say(session, formatRows(format, rows, {}, { ...columns, alignsAll: true, noHeading: true }))
  return say(session, tableText([{ title: 'REPOSITORY', field: 'Name' }, { title: 'TAG', field: 'Tag' }, { title: 'IMAGE ID', field: 'ID' }, { title: 'CREATED', field: 'CreatedAt' }, { title: 'SIZE', field: 'Size' }], rows, { ...columns, noHeading: flags.has('noheading') }))
}

async function rm(session: Session): Promise<number> {
  const { library, flags, process } = session
  const names = flags.has('all') ? workingContainers(library).map((each) => each.id) : flags.operands
  if (names.length === 0 && !flags.has('all')) throw new PodmanError('container ID must be specified')
  let code = 0
  for (const name of names) {
    const container = workingContainer(library, name)
    if (container) {
      forgetContainer(library, container)
      await say(session, `${container.id}\n`)
    } else {
      await process.stderr.write(`removing container ${JSON.stringify(name)}: container not known\n`)
      code = 125
    }
  }
  return code
}

async function rmi(session: Session): Promise<number> {
  const { library, flags } = session
  const names = flags.has('all') ? library.store.list(library.namespace).map((image) => image.id.slice(7)) : flags.operands
  for (const name of names) {
    if (flags.has('all') && !findImage(library, name)) continue
    const { untagged, deleted } = await removeImage(library, name, flags.has('force') || flags.has('all'), async () => undefined)
    await say(session, [...untagged.map((each) => `untagged: ${each}\n`), ...deleted.map((id) => `${id}\n`)].join(''))
  }
  return 0
}

async function inspect(session: Session): Promise<number> {
  const { library, flags } = session
  const [name = ''] = flags.operands
  const container = flags.value('type') === 'image' ? undefined : workingContainer(library, name)
  const image = container ? library.imageById(container.imageId) : findImage(library, name)
  if (!container && !image) throw new PodmanError(flags.value('type') === 'image' ? `reading image: ${name}: image not known` : `reading build object ${JSON.stringify(name)}: locating image: ${name}: image not known`)
  const blob = image?.config
  const oci = { created: blob?.created ?? new Date(Math.floor(library.now())).toISOString(), architecture: 'amd64', os: 'linux', config: container?.config ?? blob?.config ?? {}, rootfs: blob?.rootfs ?? { type: 'layers', diff_ids: [] }, history: blob?.history ?? [] }
  const value = { Type: 'buildah 0.0.1', FromImage: container ? container.imageName : (image?.repoTags[0] ?? ''), FromImageID: image?.id.slice(7) ?? '', FromImageDigest: image?.digest ?? '', Config: JSON.stringify(oci), Manifest: image ? library.store.content.read(image.digest) : '', Container: container?.name ?? '', ContainerID: container?.id ?? '', MountPoint: '', ProcessLabel: '', MountLabel: '', ImageAnnotations: null, ImageCreatedBy: '', OCIv1: oci, Docker: oci, DefaultMountsFilePath: '', Isolation: 'oci', NamespaceOptions: [], Capabilities: null, ConfigureNetwork: 'NetworkDefault' }
  const format = flags.value('format')
  return say(session, format === undefined ? `${JSON.stringify(value, null, 4)}\n` : `${renderTemplate(format, value)}\n`)
}

async function pull(session: Session): Promise<number> {
  const { library, process, flags } = session
  const image = await pullImage(library, flags.operands[0] ?? '', async (text) => process.stderr.write(text), { quiet: flags.has('quiet') })
  return say(session, `${image.id.slice(7)}\n`)
}

async function push({ library, process, flags }: Session): Promise<number> {
  const [source = '', target] = flags.operands
  const image = presentImage(library, source)
  await pushTo(library, image, localName((target ?? storedName(library, source) ?? source).replace(/^docker:\/\//, '')), async (text) => process.stderr.write(text), { quiet: flags.has('quiet') })
  return 0
}

async function tag({ library, flags }: Session): Promise<number> {
  const [source = '', ...targets] = flags.operands
  const image = presentImage(library, source)
  for (const target of targets) tagImage(library, image, localName(target))
  return 0
}

const build: Command = { flags: buildFlags, run: ({ flags, library }) => runBuild({ flags, library, layers: false, prefix: '' }) }
const copyFlags = 'add-history chmod= chown= contextdir= from= ignorefile= quiet,q'

const commands: Readonly<Record<string, Command>> = {
  bud: build, build, 'build-using-dockerfile': build,
  from: { flags: 'name= pull pull-always pull-never quiet,q authfile= creds= tls-verify cap-add= cap-drop= cidfile= volume,v= network= format=', least: 1, run: from },
  run: { flags: 'add-history cap-add= cap-drop= env,e= hostname= isolation= mount= network= no-pivot runtime= tty,t terminal user,u= volume,v= workingdir=', stop: 1, least: 1, run },
  copy: { flags: copyFlags, least: 2, run: copying('COPY') },
  add: { flags: copyFlags, least: 2, run: copying('ADD') },
  config: { flags: 'add-history annotation,a= arch= author= cmd= comment= created-by= domainname= entrypoint= env,e= healthcheck= history-comment= hostname= label,l= onbuild= os= port,p= shell= stop-signal= user,u= variant= volume,v= workingdir=', least: 1, run: config },
  commit: { flags: 'authfile= creds= format,f= iidfile= quiet,q rm squash tls-verify timestamp= manifest=', least: 1, run: commit },
  containers: { flags: 'all,a filter,f= format= json noheading,n notruncate quiet,q', run: containers }, ps: { flags: 'all,a filter,f= format= json noheading,n notruncate quiet,q', run: containers }, ls: { flags: 'all,a format= quiet,q', run: containers },
  images: { flags: 'all,a digests filter,f= format= history json no-trunc noheading,n quiet,q', run: images },
  rm: { flags: 'all,a', run: rm }, rmi: { flags: 'all,a force,f prune,p', run: rmi },
  inspect: { flags: 'format,f= type,t=', least: 1, run: inspect },
  pull: { flags: 'all-tags,a authfile= creds= policy= quiet,q tls-verify', least: 1, run: pull }, push: { flags: 'all authfile= creds= digestfile= format,f= quiet,q tls-verify', least: 1, run: push }, tag: { flags: '', least: 2, run: tag },
  version: { flags: 'json', run: (session) => say(session, `Version:         ${version}\nGo Version:      go1.19.8\nImage Spec:      1.0.2-dev\nRuntime Spec:    1.0.2-dev\nCNI Spec:        1.0.0\nlibcni Version:  v1.1.2\nOS/Arch:         linux/amd64\n`) },
}

async function dispatch(process: Process): Promise<number> {
  const first = parseArguments(process.argv.slice(1), 'log-level= root= runroot= storage-driver= storage-opt= registries-conf= short-name-alias-conf= cgroup-manager= userns-uid-map= userns-gid-map= version,v help,h', 1)
  if (first.has('version')) return say({ process }, `buildah version ${version} (image-spec 1.0.2-dev, runtime-spec 1.0.2-dev)\n`)
  const [name = '', ...rest] = first.operands
  const command = commands[name]
  if (!command) {
    if (name === '' || first.has('help')) return say({ process }, `A tool that facilitates building OCI images\n\nUsage:\n  buildah [flags]\n  buildah [command]\n\nAvailable Commands:\n${Object.keys(commands).sort().map((each) => `  ${each}\n`).join('')}`)
    throw new PodmanError(`unknown command ${JSON.stringify(name)} for "buildah"`)
  }
  const flags = parseArguments(rest, command.flags, command.stop)
  if (flags.operands.length < (command.least ?? 0)) throw new PodmanError(name === 'from' ? 'an image name (or "scratch") must be specified' : name === 'config' || name === 'commit' || name === 'run' ? 'container ID must be specified' : `requires at least ${command.least ?? 0} arg(s), only received ${flags.operands.length}`)
  return command.run({ process, library: new Library(process), flags })
}

export const buildah: Program = {
  name: 'buildah',
  unsupported: 'mount, unshare, manifest lists, login and isolation other than by containers',
  async run(process) {
    try {
      return await dispatch(process)
    } catch (error) {
      const known = error instanceof PodmanError || error instanceof FlagError || error instanceof FormatError || error instanceof DockerfileError
      if (!known && !isErrno(error)) throw error
      await process.stderr.write(`Error: ${isErrno(error) ? `${error.subject === undefined ? '' : `${error.subject}: `}${error.message.toLowerCase()}` : error.message}\n`)
      return error instanceof PodmanError ? error.code : 125
    }
  },
}

export const buildahPrograms: readonly Program[] = [buildah]
