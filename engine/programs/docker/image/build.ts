/** `docker build`, by the classic builder: buildx is not installed. */
import { bool, stringArray, string } from '#engine/programs/common/cobra/flags'
import type { Command } from '#engine/programs/common/cobra/command'
import { bytesBody } from '#engine/base/http'
import { archiveOf, plainEntry } from '#engine/cri/archive/tree'
import { ContextProblem, packContext, type PackedContext } from '#engine/cri/build/context'
import { parseReference, ReferenceError } from '#engine/cri/images/reference'
import { humanSize } from '#engine/cri/units'
import { DockerFailure } from '../kit/api'
import { type Context, leaf } from '../kit/command'
import { printProgress } from '../kit/progress'
import { pairs } from '../container/request'

export const deprecation = 'DEPRECATED: The legacy builder is deprecated and will be removed in a future release.\n            Install the buildx component to build images with BuildKit:\n            https://docs.docker.com/go/buildx/\n\n'

const list = (names: string, usage: string): ReturnType<typeof stringArray> => stringArray(names, usage, { typeName: 'list' })

function tagProblem(text: string): string | undefined {
  try {
    parseReference(text)
    return undefined
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    throw new Error(error.message)
  }
}

export const buildCommand: Command = leaf({
  use: 'build [OPTIONS] PATH | URL | -', short: 'Build an image from a Dockerfile', args: { exactly: 1 }, ways: ['docker image build', 'docker build', 'docker builder build'],
  flags: [
    list('add-host', 'Add a custom host-to-IP mapping ("host:ip")'), list('build-arg', 'Set build-time variables'), list('cache-from', 'Images to consider as cache sources'), bool('compress', 'Compress the build context using gzip'), string('file,f', 'Name of the Dockerfile (Default is "PATH/Dockerfile")'), bool('force-rm', 'Always remove intermediate containers'),
    string('iidfile', 'Write the image ID to the file'), list('label', 'Set metadata for an image'), string('memory,m', 'Memory limit', { typeName: 'bytes' }), string('network', 'Set the networking mode for the RUN instructions during build', { default: 'default' }), bool('no-cache', 'Do not use cache when building the image'), string('platform', 'Set platform if server is multi-platform capable'),
    bool('pull', 'Always attempt to pull a newer version of the image'), bool('quiet,q', 'Suppress the build output and print image ID on success'), bool('rm', 'Remove intermediate containers after a successful build', { default: true }), stringArray('tag,t', 'Name and optionally a tag in the "name:tag" format', { typeName: 'list', check: tagProblem }), string('target', 'Set the target build stage to build.'),
  ],
  run: build,
})

async function build(context: Context): Promise<number> {
  const { api, args: [path = ''], flags, process } = context
  const quiet = flags.bool('quiet')
  const packed = await contextOf(context, path)
  if (!quiet) await process.stdout.write(`Sending build context to Docker daemon  ${humanSize(packed.tar.length)}\r\r\n`)
  const args = Object.fromEntries(flags.list('build-arg').map((entry) => (entry.includes('=') ? [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)] : [entry, process.env.get(entry) ?? null])))
  const query = {
    t: flags.list('tag'), dockerfile: packed.dockerfile, buildargs: JSON.stringify(args), labels: JSON.stringify(pairs(flags.list('label'))), nocache: flags.bool('no-cache') || undefined, pull: flags.bool('pull') || undefined, rm: flags.bool('rm'), forcerm: flags.bool('force-rm') || undefined,
    target: flags.string('target') || undefined, networkmode: flags.string('network') === 'default' ? undefined : flags.string('network'), version: '1',
  }
  const answer = await api.request('POST', '/build', { query, body: bytesBody(packed.tar), headers: { 'content-type': 'application/x-tar' } })
  let id = ''
  const held: string[] = []
  const out = { write: async (text: string | Uint8Array): Promise<void> => void held.push(typeof text === 'string' ? text : '') }
  try {
    await printProgress(quiet ? out : process.stdout, answer.body, (aux) => (id = aux.ID ?? id))
  } catch (error) {
    if (quiet) await process.stderr.write(held.join(''))
    throw error
  }
  if (flags.string('iidfile') !== '') process.files.writeFile(flags.string('iidfile'), id)
  if (quiet) await process.stdout.write(`${id}\n`)
  return 0
}

async function contextOf({ flags, process }: Context, path: string): Promise<PackedContext> {
  if (/^(https?|git):\/\/|^git@/.test(path)) throw new DockerFailure('unable to prepare context: a context from an address is not supported')
  const file = flags.string('file')
  try {
    if (path === '-') return fromInput(await process.stdin.readAll(), file)
    if (file === '-') {
      const own = `/tmp/docker-build-${process.pid}`
      process.files.writeFile(own, await process.stdin.readAll(), 0o600)
      try {
        return packContext(process.files, path, own)
      } finally {
        process.files.unlink(own)
      }
    }
    return packContext(process.files, path, file)
  } catch (error) {
    if (!(error instanceof ContextProblem)) throw error
    throw new DockerFailure(error.message)
  }
}

/** Standard input is an archive, or a Dockerfile with nothing beside it. */
function fromInput(bytes: Uint8Array, file: string): PackedContext {
  const magic = new TextDecoder().decode(bytes.subarray(257, 262))
  if (magic === 'ustar' || (bytes[0] === 0x1f && bytes[1] === 0x8b)) return { tar: bytes, dockerfile: file }
  return { tar: archiveOf([plainEntry('Dockerfile', bytes, 0)]), dockerfile: 'Dockerfile' }
}
