/** `helm pull`. */
import type { Process } from '#engine/linux/abi/process'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { bool, string } from '#engine/programs/common/cobra/flags'
import { unpack } from '#engine/programs/helm/chart/archive'
import { loadArchive } from '#engine/programs/helm/chart/load'
import { basePath, directoryOf, fileError, joinPath } from '#engine/programs/helm/chart/paths'
import { downloadTo } from '../repo/download'
import { fetchBytes } from '../repo/fetch'
import { chartPathFlags, type LocateOptions, locateOptions, pullFromRegistry, resolve } from '../repo/locate'
import { atLeast } from './arguments'

const use = 'pull [chart URL | repo/chartname] [...]'

export const pullCommand: Command = {
  use, aliases: ['fetch'], short: 'download a chart from a repository and (optionally) unpack it in local directory', args: atLeast(use, 1),
  long: 'Fetches packaged charts from repositories or URLs, and unpacks them where that is wanted.',
  flags: [
    ...chartPathFlags, string('destination,d', 'location to write the chart. If this and untardir are specified, untardir is appended to this', { default: '.' }), bool('devel', 'use development versions, too. Equivalent to version \'>0.0.0-0\'. If --version is set, this is ignored'),
    bool('prov', 'fetch the provenance file, but don\'t perform verification'), bool('untar', 'if set to true, will untar the chart after downloading it'), string('untardir', 'if untar is specified, this flag specifies the name of the directory into which the chart is expanded', { default: '.' }),
  ],
  async run(invocation) {
    for (const reference of invocation.args) await pull(invocation, reference)
    return 0
  },
}

async function pull({ process, flags }: Invocation, reference: string): Promise<void> {
  if (flags.bool('verify') || flags.bool('prov')) throw new Error('verification of packages is not simulated')
  const options = locateOptions(process, flags)
  const destination = flags.string('destination')
  if (!flags.bool('untar')) {
    await fetchTo(process, reference, options, destination)
    return
  }
  const given = flags.string('untardir')
  const directory = given.startsWith('/') ? given : joinPath(destination, given)
  const bytes = await bytesOf(process, reference, options)
  const last = basePath(reference).replace(/:[^:]*$/, '')
  const check = directory === '.' ? last : joinPath(directory, last)
  if (process.files.exists(check)) throw new Error(`failed to untar: a file or directory with the name ${check} already exists`)
  process.files.mkdirAll(check)
  const name = loadArchive(bytes).metadata.name ?? ''
  for (const file of unpack(bytes)) {
    const path = joinPath(directory, name, file.name)
    process.files.mkdirAll(directoryOf(path))
    process.files.writeFile(path, file.data, 0o644)
  }
}

async function bytesOf(process: Process, reference: string, options: LocateOptions): Promise<Uint8Array> {
  if (reference.startsWith('oci://')) return (await pullFromRegistry(process, reference, options)).bytes
  const { url, access } = await resolve(process, reference, options)
  return await fetchBytes(process, url, access)
}

async function fetchTo(process: Process, reference: string, options: LocateOptions, directory: string): Promise<void> {
  if (!reference.startsWith('oci://')) {
    await downloadTo(process, await resolve(process, reference, options), directory)
    return
  }
  const { bytes, file } = await pullFromRegistry(process, reference, options)
  const path = joinPath(directory, file)
  try {
    process.files.writeFile(path, bytes, 0o644)
  } catch (error) {
    throw fileError('open', path, error)
  }
}
