/** `helm repo`. */
import { readIndexable, indexText, mergedEntries } from '../repo/make-index'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { bool, duration, string } from '#engine/programs/common/cobra/flags'
import { fileError } from '#engine/programs/helm/chart/paths'
import { downloadIndex } from '../repo/download'
import { type Repository, readRepositories, repository, writeRepositories } from '../repo/file'
import { atLeast, exactly, noArguments } from './arguments'
import { pathsOf } from './globals'
import { formatted, outputFlag, textTable } from './output'
import { print } from './run'

const addUse = 'add [NAME] [URL]'

const retired = ['https://kubernetes-charts.storage.googleapis.com', 'https://kubernetes-charts-incubator.storage.googleapis.com']
const successors: Readonly<Record<string, string>> = { [retired[0] as string]: 'https://charts.helm.sh/stable', [retired[1] as string]: 'https://charts.helm.sh/incubator' }

const addCommand: Command = {
  use: addUse, short: 'add a chart repository', args: exactly(addUse, 2),
  flags: [
    bool('allow-deprecated-repos', 'by default, this command will not allow adding official repos that have been permanently deleted. This disables that behavior'),
    string('ca-file', 'verify certificates of HTTPS-enabled servers using this CA bundle'), string('cert-file', 'identify HTTPS client using this SSL certificate file'), bool('force-update', 'replace (overwrite) the repo if it already exists'),
    bool('insecure-skip-tls-verify', 'skip tls certificate checks for the repository'), string('key-file', 'identify HTTPS client using this SSL key file'), bool('no-update', 'Ignored. Formerly, it would disabled forced updates', { hidden: true }),
    bool('pass-credentials', 'pass credentials to all domains'), string('password', 'chart repository password'), bool('password-stdin', 'read chart repository password from stdin'), duration('timeout', 'time to wait for the index file download to complete', { default: 120_000 }), string('username', 'chart repository username'),
  ],
  async run(invocation) {
    const { args: [name = '', url = ''], flags, process } = invocation
    const old = retired.find((address) => url.includes(address))
    if (old !== undefined && !flags.bool('allow-deprecated-repos')) throw new Error(`repo ${JSON.stringify(old)} is no longer available; try ${JSON.stringify(successors[old])} instead`)
    const paths = pathsOf(process, flags)
    const known = readRepositories(process, paths.repositoryConfig) ?? []
    if (name.includes('/')) throw new Error(`repository name (${name}) contains '/', please specify a different name without '/'`)
    const wanted = await entryOf(invocation, name, url)
    const before = known.find((entry) => entry.name === name)
    if (before && !flags.bool('force-update')) {
      if (JSON.stringify(before) !== JSON.stringify(wanted)) throw new Error(`repository name (${name}) already exists, please specify a different name`)
      return await print(invocation, `${JSON.stringify(name)} already exists with the same configuration, skipping\n`)
    }
    if (!/^[a-z][a-z0-9+.-]*:/i.test(url)) throw new Error(`could not find protocol handler for: `)
    await downloadIndex(process, paths, wanted).catch((error: unknown) => Promise.reject(unreachable(url, error as Error)))
    writeRepositories(process, paths.repositoryConfig, before ? known.map((entry) => (entry === before ? wanted : entry)) : [...known, wanted])
    return await print(invocation, `${JSON.stringify(name)} has been added to your repositories\n`)
  },
}

function unreachable(url: string, error: Error): Error {
  if (error.name === 'ProcessKilled' || error.message.startsWith('could not find protocol handler')) return error
  return new Error(`looks like ${JSON.stringify(url)} is not a valid chart repository or cannot be reached: ${error.message}`)
}

async function entryOf({ flags, process }: Invocation, name: string, url: string): Promise<Repository> {
  const password = flags.bool('password-stdin') ? (await process.stdin.text()).replace(/\r?\n$/, '') : flags.string('password')
  return repository(name, url, {
    username: flags.string('username'), password, caFile: flags.string('ca-file'), certFile: flags.string('cert-file'), keyFile: flags.string('key-file'), insecure_skip_tls_verify: flags.bool('insecure-skip-tls-verify'), pass_credentials_all: flags.bool('pass-credentials'),
  })
}

const listCommand: Command = {
  use: 'list', aliases: ['ls'], short: 'list chart repositories', args: noArguments('list'), flags: [outputFlag, bool('no-headers', 'suppress headers in the output', { hidden: true })],
  async run(invocation) {
    const { flags, process } = invocation
    const known = readRepositories(process, pathsOf(process, flags).repositoryConfig) ?? []
    if (known.length === 0 && flags.string('output') === 'table') throw new Error('no repositories to show')
    const rows = known.map(({ name, url }) => ({ name, url }))
    return await print(invocation, formatted(flags, () => rows, () => textTable([['NAME', 'URL'], ...rows.map(({ name, url }) => [name, url])])))
  },
}

const updateCommand: Command = {
  use: 'update [REPO1 [REPO2 ...]]', aliases: ['up'], short: 'update information of available charts locally from chart repositories', complete: completeRepositories,
  flags: [bool('fail-on-repo-update-fail', 'update fails if any of the repository updates fail'), duration('timeout', 'time to wait for the index file download to complete', { default: 120_000 })],
  async run(invocation) {
    const { args, flags, process } = invocation
    const paths = pathsOf(process, flags)
    const known = readRepositories(process, paths.repositoryConfig) ?? []
    if (known.length === 0) throw new Error('no repositories found. You must add one before updating')
    for (const name of args) if (!known.some((entry) => entry.name === name)) throw new Error(`no repositories found matching '${name}'.  Nothing will be updated`)
    await print(invocation, 'Hang tight while we grab the latest from your chart repositories...\n')
    const failed: string[] = []
    for (const entry of known.filter(({ name }) => args.length === 0 || args.includes(name))) {
      try {
        await downloadIndex(process, paths, entry)
        await print(invocation, `...Successfully got an update from the ${JSON.stringify(entry.name)} chart repository\n`)
      } catch (error) {
        if ((error as Error).name === 'ProcessKilled') throw error
        failed.push(entry.url)
        await print(invocation, `...Unable to get an update from the ${JSON.stringify(entry.name)} chart repository (${entry.url}):\n\t${(error as Error).message}\n`)
      }
    }
    if (failed.length > 0 && flags.bool('fail-on-repo-update-fail')) throw new Error(`Failed to update the following repositories: [${failed.join(' ')}]`)
    return await print(invocation, 'Update Complete. ⎈Happy Helming!⎈\n')
  },
}

const removeUse = 'remove [REPO1 [REPO2 ...]]'

const removeCommand: Command = {
  use: removeUse, aliases: ['rm'], short: 'remove one or more chart repositories', args: atLeast(removeUse, 1), complete: completeRepositories,
  async run(invocation) {
    const { args, flags, process } = invocation
    const paths = pathsOf(process, flags)
    for (const name of args) {
      const known = readRepositories(process, paths.repositoryConfig) ?? []
      if (known.length === 0) throw new Error('no repositories configured')
      if (!known.some((entry) => entry.name === name)) throw new Error(`no repo named ${JSON.stringify(name)} found`)
      writeRepositories(process, paths.repositoryConfig, known.filter((entry) => entry.name !== name))
      for (const cached of [`${name}-index.yaml`, `${name}-charts.txt`]) if (process.files.exists(`${paths.repositoryCache}/${cached}`)) process.files.unlink(`${paths.repositoryCache}/${cached}`)
      await print(invocation, `${JSON.stringify(name)} has been removed from your repositories\n`)
    }
    return 0
  },
}

const indexUse = 'index [DIR]'

const indexCommand: Command = {
  use: indexUse, short: 'generate an index file given a directory containing packaged charts', args: exactly(indexUse, 1), complete: () => ({ candidates: [], files: true }),
  flags: [bool('json', 'output in JSON format'), string('merge', 'merge the generated index into the given index'), string('url', 'url of chart repository')],
  async run({ args: [directory = ''], flags, process }) {
    const entries = readIndexable(process, directory, flags.string('url'))
    const merge = flags.string('merge')
    const merged = merge === '' ? entries : mergedEntries(process, merge, entries)
    const path = `${directory.replace(/\/$/, '')}/index.yaml`
    try {
      process.files.writeFile(path, indexText(process, merged, flags.bool('json')), 0o644)
    } catch (error) {
      throw fileError('open', path, error)
    }
    return await Promise.resolve(0)
  },
}

export function completeRepositories({ process, flags, args }: Invocation, toComplete: string): { candidates: string[] } {
  const known = readRepositories(process, pathsOf(process, flags).repositoryConfig) ?? []
  return { candidates: known.map(({ name, url }) => `${name}\t${url}`).filter((line) => line.startsWith(toComplete) && !args.includes(line.split('\t')[0] as string)) }
}

export const repoCommand: Command = {
  use: 'repo add|remove|list|index|update [ARGS]', short: 'add, list, remove, update, and index chart repositories', long: 'Keeps the list of chart repositories, fetches their indexes, and makes an index for a directory of packaged charts.',
  commands: [addCommand, indexCommand, listCommand, removeCommand, updateCommand],
}
