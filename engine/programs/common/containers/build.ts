/** `podman build` and `buildah bud`: which Dockerfile, which context, which names. */
import { BuildFailure } from '#engine/cri/build/host'
import { DockerfileError } from '#engine/cri/build/dockerfile/lines'
import { parseDockerfile } from '#engine/cri/build/dockerfile/stages'
import { ignoreFile } from '#engine/cri/build/context'
import { layeredBuild } from '#engine/cri/build/layered'
import { contextRoot } from '#engine/cri/build/sources'
import type { StoredImage } from '#engine/cri/images/store'
import { findImage, pullImage } from '#engine/cri/podman/images'
import type { Library } from '#engine/cri/podman/library'
import { PodmanError } from '#engine/cri/podman/model'
import { localName } from '#engine/cri/podman/registries'
import type { Flags } from './flags'

export const buildFlags = 'add-host= all-platforms annotation= arch= authfile= build-arg= build-context= cache-from= cache-to= cap-add= cap-drop= cgroup-parent= compress cpu-period= cpu-quota= cpu-shares,c= cpuset-cpus= creds= device= disable-compression,D dns= dns-option= dns-search= env= file,f= force-rm format= from= http-proxy iidfile= ignorefile= isolation= jobs= label= layers logfile= loglevel= manifest= memory,m= memory-swap= network= no-cache no-hosts os= platform= pull pull-always pull-never quiet,q rm runtime= secret= security-opt= shm-size= sign-by= squash squash-all ssh= stdin tag,t= target= timestamp= tls-verify ulimit= unsetenv= userns= variant= volume,v='

export interface BuildSettings { readonly flags: Flags; readonly layers: boolean; readonly library: Library; readonly prefix: string }

const version = '1.28.2'

export async function runBuild(settings: BuildSettings): Promise<number> {
  const { flags, library } = settings
  const { process } = library
  const directory = flags.operands[0] ?? '.'
  const file = dockerfilePath(library, flags, directory)
  const quiet = flags.has('quiet')
  try {
    const image = await build(settings, directory, file, quiet)
    const iidfile = flags.value('iidfile')
    if (iidfile !== undefined) process.files.writeFile(iidfile, image.id)
    if (quiet) await process.stdout.write(`${image.id.slice(7)}\n`)
    return 0
  } catch (error) {
    if (error instanceof DockerfileError) throw new PodmanError(`${error.message === 'file with no instructions' ? 'building: ' : ''}${error.message}`)
    if (error instanceof BuildFailure) throw new PodmanError(error.message, error.code ?? 125)
    throw error
  }
}

async function build({ flags, library, layers }: BuildSettings, directory: string, file: string, quiet: boolean): Promise<StoredImage> {
  const { process } = library
  const context = process.files.realpath(directory)
  const ignored = ignoreFile(process.files, context, ['.containerignore', '.dockerignore'])
  const host = {
    process, files: library.files, store: library.store, namespace: library.namespace, now: () => library.now(),
    network: async () => ({ mounts: [], release: async () => undefined }),
    pull: async (name: string, emit: (text: string) => Promise<void>) => pulled(library, name, emit),
  }
  const text = file === '-' ? await process.stdin.text() : process.files.readText(file)
  return layeredBuild(host, {
    dockerfile: parseDockerfile(text, true), context: contextRoot(process.files, context, ignored), contextName: context, tags: flags.all('tag'), buildArgs: argumentsOf(library, flags.all('build-arg')), labels: argumentsOf(library, flags.all('label')),
    ...(flags.value('target') === undefined ? {} : { target: flags.value('target') ?? '' }), layers: flags.given('layers') ? flags.has('layers') : layers, noCache: flags.has('no-cache'), pull: flags.has('pull-always'), version, fullName: localName,
    stdout: quiet ? async () => undefined : (piece) => process.stdout.write(piece), stderr: (piece) => process.stderr.write(piece),
  })
}

/** A short name of a base image is resolved once and kept under what it was asked by. */
async function pulled(library: Library, name: string, emit: (text: string) => Promise<void>): Promise<void> {
  const known = findImage(library, name)
  const image = known ?? (await pullImage(library, name, emit))
  if (!library.store.find(library.namespace, name)) throw new PodmanError(`${image.repoTags[0] ?? name}: image not known`)
}

function argumentsOf({ process }: Library, texts: readonly string[]): Record<string, string> {
  const out: Record<string, string> = {}
  for (const text of texts) {
    const at = text.indexOf('=')
    if (at >= 0) out[text.slice(0, at)] = text.slice(at + 1)
    else if (process.env.get(text) !== undefined) out[text] = process.env.get(text) ?? ''
  }
  return out
}

function dockerfilePath({ process }: Library, flags: Flags, directory: string): string {
  const { files } = process
  if (files.exists(directory)?.type !== 'directory') throw new PodmanError(`${files.exists(directory) ? `context must be a directory: ${directory}` : `stat ${absolute(process, directory)}: no such file or directory`}`)
  const given = flags.value('file')
  if (given === '-') return given
  if (given !== undefined) {
    const found = [given, `${directory}/${given}`].find((path) => files.exists(path))
    if (found === undefined) throw new PodmanError(`the specified Containerfile or Dockerfile does not exist, stat ${absolute(process, given)}: no such file or directory`)
    return found
  }
  const found = ['Containerfile', 'Dockerfile'].map((name) => `${directory}/${name}`).find((path) => files.exists(path))
  if (found === undefined) throw new PodmanError(`stat ${absolute(process, directory)}/Dockerfile: no such file or directory`)
  return found
}

function absolute(process: Library['process'], path: string): string {
  return (path.startsWith('/') ? path : `${process.cwd()}/${path}`).replace(/\/\.$/, '').replace(/\/$/, '')
}
