/** Images come and go: pull, push, save, load, import, commit; tag and rmi. */
import { bool, string, stringArray } from '#engine/programs/common/cobra/flags'
import type { Command } from '#engine/programs/common/cobra/command'
import { bytesBody, type Headers } from '#engine/base/http'
import { decodeUtf8, encodeUtf8, fromBase64, toBase64 } from '#engine/base/bytes'
import { parseReference, ReferenceError } from '#engine/cri/images/reference'
import { humanSize } from '#engine/cri/units'
import { DockerFailure, filterFlag, filtersText } from '../kit/api'
import { type Context, each, leaf } from '../kit/command'
import { printProgress } from '../kit/progress'
import { readLogins } from '../kit/logins'
import { checkReference, splitName } from '../container/run'
import { confirmed } from '../container/manage'
import { writeArchive } from '../container/look'

const ways = (name: string, noun = name): string[] => [`docker image ${noun}`, `docker ${name}`]

/** The full name of what a person typed, with its tag. */
function fullName(text: string): { readonly full: string; readonly domain: string; readonly tagged: boolean } {
  const reference = parseReference(text)
  const tagged = reference.tag !== undefined || reference.digest !== undefined
  return { full: `${reference.domain}/${reference.path}${reference.digest === undefined ? `:${reference.tag ?? 'latest'}` : `@${reference.digest}`}`, domain: reference.domain, tagged }
}

function authHeaders({ process }: Context, domain: string): Headers {
  const known = readLogins(process)[domain === 'docker.io' ? 'https://index.docker.io/v1/' : domain]
  if (!known?.auth) return {}
  const [username = '', password = ''] = decodeUtf8(fromBase64(known.auth)).split(':')
  return { 'x-registry-auth': toBase64(encodeUtf8(JSON.stringify({ username, password, serveraddress: domain }))) }
}

export const pullCommand: Command = leaf({
  use: 'pull [OPTIONS] NAME[:TAG|@DIGEST]', short: 'Download an image from a registry', args: { exactly: 1 }, ways: ways('pull'),
  flags: [bool('all-tags,a', 'Download all tagged images in the repository'), bool('disable-content-trust', 'Skip image verification', { default: true }), string('platform', 'Set platform if server is multi-platform capable'), bool('quiet,q', 'Suppress verbose output')],
  async run(context) {
    const { api, args: [name = ''], flags, process } = context
    checkReference(name)
    if (flags.bool('all-tags')) throw new DockerFailure('--all-tags is not supported')
    const { full, domain, tagged } = fullName(name)
    const quiet = flags.bool('quiet')
    if (!tagged && !quiet) await process.stdout.write('Using default tag: latest\n')
    const { name: fromImage, tag } = splitName(name)
    const answer = await api.request('POST', '/images/create', { query: { fromImage, tag }, headers: authHeaders(context, domain) })
    await printProgress(quiet ? undefined : process.stdout, answer.body)
    await process.stdout.write(`${full}\n`)
    return 0
  },
})

export const pushCommand: Command = leaf({
  use: 'push [OPTIONS] NAME[:TAG]', short: 'Upload an image to a registry', args: { exactly: 1 }, ways: ways('push'),
  flags: [bool('all-tags,a', 'Push all tags of an image to the repository'), bool('disable-content-trust', 'Skip image signing', { default: true }), string('platform', 'Push a platform-specific manifest'), bool('quiet,q', 'Suppress verbose output')],
  async run(context) {
    const { api, args: [name = ''], flags, process } = context
    checkReference(name)
    if (flags.bool('all-tags')) throw new DockerFailure('--all-tags is not supported')
    const { domain, tagged } = fullName(name)
    if (!tagged && !flags.bool('quiet')) await process.stdout.write('Using default tag: latest\n')
    const { name: repository, tag } = splitName(name)
    const answer = await api.request('POST', `/images/${repository}/push`, { query: { tag }, headers: { 'x-registry-auth': 'e30=', ...authHeaders(context, domain) } })
    await printProgress(flags.bool('quiet') ? undefined : process.stdout, answer.body)
    if (flags.bool('quiet')) await process.stdout.write(`${name}\n`)
    return 0
  },
})

export const tagCommand: Command = leaf({
  use: 'tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]', short: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE', args: { exactly: 2 }, ways: ways('tag'),
  async run({ api, args: [source = '', target = ''] }) {
    checkTarget(target)
    const { name, tag } = splitName(target)
    await api.post(`/images/${source}/tag`, { query: { repo: name, tag } })
    return 0
  },
})

function checkTarget(target: string): void {
  try {
    const reference = parseReference(target)
    if (reference.digest !== undefined) throw new DockerFailure('refusing to create a tag with a digest reference')
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    throw new DockerFailure(`Error parsing reference: ${JSON.stringify(target)} is not a valid repository/tag: ${error.message}`)
  }
}

interface Gone { readonly Untagged?: string; readonly Deleted?: string }
const goneText = (list: readonly Gone[]): string => list.map((item) => (item.Deleted === undefined ? `Untagged: ${item.Untagged ?? ''}\n` : `Deleted: ${item.Deleted}\n`)).join('')

export const removeImageCommand = (use: string): Command => leaf({
  use, short: 'Remove one or more images', args: { atLeast: 1 }, aliases: use.startsWith('rmi') ? [] : ['remove'], ways: ['docker image rm', 'docker image remove', 'docker rmi'],
  flags: [bool('force,f', 'Force removal of the image'), bool('no-prune', 'Do not delete untagged parents')],
  run: (context) => each(context, async (name) => {
    const { api, flags, process } = context
    try {
      const gone = await api.json<Gone[]>('DELETE', `/images/${name}`, { query: { force: flags.bool('force') || undefined, noprune: flags.bool('no-prune') || undefined } })
      await process.stdout.write(goneText(gone))
    } catch (error) {
      if (!(error instanceof DockerFailure) || error.status !== 404 || !flags.bool('force')) throw error
      await process.stderr.write(`${error.message}\n`)
    }
    return undefined
  }),
})

export const saveCommand: Command = leaf({
  use: 'save [OPTIONS] IMAGE [IMAGE...]', short: 'Save one or more images to a tar archive (streamed to STDOUT by default)', args: { atLeast: 1 }, flags: [string('output,o', 'Write to a file, instead of STDOUT'), string('platform', 'Save only the given platform variant')], ways: ways('save'),
  run: ({ api, args, flags, process }) => writeArchive(api, process, '/images/get', flags.string('output'), { names: args }),
})

export const loadCommand: Command = leaf({
  use: 'load [OPTIONS]', short: 'Load an image from a tar archive or STDIN', args: { exactly: 0 }, flags: [string('input,i', 'Read from tar archive file, instead of STDIN'), string('platform', 'Load only the given platform variant'), bool('quiet,q', 'Suppress the load output')], ways: ways('load'),
  async run({ api, flags, process }) {
    const input = flags.string('input')
    if (input !== '' && !process.files.exists(input)) throw new DockerFailure(`open ${input}: no such file or directory`)
    if (input === '' && process.descriptors().get(0)?.tty) throw new DockerFailure('requested load from stdin, but stdin is empty')
    const bytes = input === '' ? await process.stdin.readAll() : process.files.readFile(input)
    const answer = await api.request('POST', '/images/load', { query: { quiet: flags.bool('quiet') }, body: bytesBody(bytes), headers: { 'content-type': 'application/x-tar' } })
    await printProgress(process.stdout, answer.body)
    return 0
  },
})

export const importCommand: Command = leaf({
  use: 'import [OPTIONS] file|URL|- [REPOSITORY[:TAG]]', short: 'Import the contents from a tarball to create a filesystem image', args: { atLeast: 1 }, ways: ways('import'),
  flags: [stringArray('change,c', 'Apply Dockerfile instruction to the created image', { typeName: 'list' }), string('message,m', 'Set commit message for imported image'), string('platform', 'Set platform if server is multi-platform capable')],
  async run({ api, args: [file = '', reference = ''], flags, process }) {
    if (/^https?:\/\//.test(file)) throw new DockerFailure('import from an address is not supported; give a file or -')
    if (file !== '-' && !process.files.exists(file)) throw new DockerFailure(`open ${file}: no such file or directory`)
    const bytes = file === '-' ? await process.stdin.readAll() : process.files.readFile(file)
    const { name, tag } = reference === '' ? { name: '', tag: '' } : splitName(reference)
    const answer = await api.request('POST', '/images/create', { query: { fromSrc: '-', repo: name, tag, message: flags.string('message'), changes: flags.list('change') }, body: bytesBody(bytes) })
    await printProgress(process.stdout, answer.body)
    return 0
  },
})

export const commitCommand: Command = leaf({
  use: 'commit [OPTIONS] CONTAINER [REPOSITORY[:TAG]]', short: "Create a new image from a container's changes", args: { from: 1, to: 2 }, ways: ['docker container commit', 'docker commit'],
  flags: [string('author,a', 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")'), stringArray('change,c', 'Apply Dockerfile instruction to the created image', { typeName: 'list' }), string('message,m', 'Commit message'), bool('pause,p', 'Pause container during commit', { default: true })],
  async run({ api, args: [container = '', reference = ''], flags, process }) {
    if (reference !== '') checkReference(reference)
    const { name, tag } = reference === '' ? { name: '', tag: '' } : splitName(reference)
    const { Id } = await api.json<{ Id: string }>('POST', '/commit', { query: { container, repo: name, tag, comment: flags.string('message'), author: flags.string('author'), changes: flags.list('change'), pause: flags.bool('pause') }, json: {} })
    await process.stdout.write(`${Id}\n`)
    return 0
  },
})

export const pruneImagesCommand: Command = leaf({
  use: 'prune [OPTIONS]', short: 'Remove unused images', args: { exactly: 0 }, flags: [bool('all,a', 'Remove all unused images, not just dangling ones'), filterFlag('filter', 'Provide filter values (e.g. "until=<timestamp>")'), bool('force,f', 'Do not prompt for confirmation')],
  async run(context) {
    const { api, flags, process } = context
    const all = flags.bool('all')
    if (!(await confirmed(context, all ? 'WARNING! This will remove all images without at least one container associated to them.\n' : 'WARNING! This will remove all dangling images.\n'))) return 0
    const answer = await api.json<{ ImagesDeleted: Gone[] | null; SpaceReclaimed: number }>('POST', '/images/prune', { query: { filters: filtersText([`dangling=${String(!all)}`, ...flags.list('filter')]) } })
    const deleted = answer.ImagesDeleted ?? []
    const text = goneText(deleted).replace(/^Untagged: /gm, 'untagged: ').replace(/^Deleted: /gm, 'deleted: ')
    await process.stdout.write(`${deleted.length > 0 ? `Deleted Images:\n${text}\n` : ''}Total reclaimed space: ${humanSize(answer.SpaceReclaimed)}\n`)
    return 0
  },
})
