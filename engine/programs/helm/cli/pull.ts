/** `helm pull`, and what would go to registries. */
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { bool, string } from '#engine/programs/common/cobra/flags'
import { unpack } from '#engine/programs/helm/chart/archive'
import { loadArchive } from '#engine/programs/helm/chart/load'
import { basePath, directoryOf, joinPath } from '#engine/programs/helm/chart/paths'
import { downloadTo } from '../repo/download'
import { fetchBytes } from '../repo/fetch'
import { chartPathFlags, locateOptions, resolve } from '../repo/locate'
import { atLeast, exactly } from './arguments'

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
  const resolved = await resolve(process, reference, locateOptions(process, flags))
  const destination = flags.string('destination')
  if (!flags.bool('untar')) {
    await downloadTo(process, resolved, destination)
    return
  }
  const given = flags.string('untardir')
  const directory = given.startsWith('/') ? given : joinPath(destination, given)
  const bytes = await fetchBytes(process, resolved.url, resolved.access)
  const check = directory === '.' ? basePath(reference) : joinPath(directory, basePath(reference))
  if (process.files.exists(check)) throw new Error(`failed to untar: a file or directory with the name ${check} already exists`)
  process.files.mkdirAll(check)
  const name = loadArchive(bytes).metadata.name ?? ''
  for (const file of unpack(bytes)) {
    const path = joinPath(directory, name, file.name)
    process.files.mkdirAll(directoryOf(path))
    process.files.writeFile(path, file.data, 0o644)
  }
}

const pushUse = 'push [chart] [remote]'
const refused = 'OCI registries are not simulated for charts'

export const pushCommand: Command = {
  use: pushUse, short: 'push a chart to remote', args: exactly(pushUse, 2), long: 'Puts a packaged chart into a registry.', flags: [...chartPathFlags.filter(({ name }) => ['ca-file', 'cert-file', 'insecure-skip-tls-verify', 'key-file', 'password', 'plain-http', 'username'].includes(name))],
  async run({ args: [chart = '', remote = ''], process }) {
    if (!process.files.exists(chart)) throw new Error(`stat ${chart}: no such file or directory`)
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(remote)?.[1]
    if (scheme !== 'oci') throw new Error(`scheme prefix missing from remote (e.g. "oci://")`)
    return await Promise.reject(new Error(refused))
  },
}

const loginUse = 'login [host]'
const logoutUse = 'logout [host]'

export const registryCommand: Command = {
  use: 'registry', short: 'login to or logout from a registry', long: 'Keeps credentials of registries that hold charts.',
  commands: [
    {
      use: loginUse, short: 'login to a registry', args: exactly(loginUse, 1),
      flags: [string('username,u', 'registry username'), string('password,p', 'registry password or identity token'), bool('password-stdin', 'read password or identity token from stdin'), bool('insecure', 'allow connections to TLS registry without certs'), bool('plain-http', 'use insecure HTTP connections for the chart upload')],
      run: async () => await Promise.reject(new Error(refused)),
    },
    { use: logoutUse, short: 'logout from a registry', args: exactly(logoutUse, 1), run: async () => await Promise.reject(new Error('not logged in')) },
  ],
}

