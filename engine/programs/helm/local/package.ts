/** `helm package`: a chart's directory to an archive. */
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { bool, string } from '#engine/programs/common/cobra/flags'
import { checkDependencies } from '#engine/programs/helm/chart/dependencies'
import { loadFiles, readChartDirectory } from '#engine/programs/helm/chart/load'
import { fileError, joinPath } from '#engine/programs/helm/chart/paths'
import { saveChart } from '#engine/programs/helm/chart/save'
import { parseVersion } from '#engine/programs/helm/chart/versions'
import { atLeast } from '../cli/arguments'
import { updateDependencies } from './dependency-update'

const use = 'package [CHART_PATH] [...]'

export const packageCommand: Command = {
  use, short: 'package a chart directory into a chart archive', args: (args, path) => (args.length === 0 ? 'need at least one argument, the path to the chart' : atLeast(use, 1)(args, path)),
  long: 'Packs charts into versioned archives, which a repository or an installation takes.',
  flags: [
    string('app-version', 'set the appVersion on the chart to this version'),
    bool('dependency-update,u', 'update dependencies from "Chart.yaml" to dir "charts/" before packaging'),
    string('destination,d', 'location to write the chart.', { default: '.' }),
    string('key', 'name of the key to use when signing. Used if --sign is true'),
    string('keyring', 'location of a public keyring', { defaultText: '"/root/.gnupg/pubring.gpg"' }),
    string('passphrase-file', 'location of a file which contains the passphrase for the signing key. Use "-" to read from stdin.'),
    bool('sign', 'use a PGP private key to sign this package'),
    string('version', 'set the version on the chart to this semver version'),
  ],
  complete: () => ({ candidates: [], files: true }),
  run: packAll,
}

async function packAll(invocation: Invocation): Promise<number> {
  const { args, process, flags } = invocation
  if (flags.bool('sign')) throw new Error('signing of packages is not simulated')
  for (const path of args) {
    try {
      process.files.stat(path)
    } catch (error) {
      throw fileError('stat', path, error)
    }
    if (flags.bool('dependency-update')) await updateDependencies(invocation, path, { skipRefresh: false })
    await process.stdout.write(`Successfully packaged chart and saved it to: ${packed(invocation, path)}\n`)
  }
  return 0
}

function packed({ process, flags }: Invocation, path: string): string {
  const chart = loadFiles(readChartDirectory(process.files, path))
  const [version, appVersion] = [flags.string('version'), flags.string('app-version')]
  if (version !== '') {
    if (!parseVersion(version)) throw new Error('invalid semantic version')
    chart.metadata = { ...chart.metadata, version }
  }
  if (appVersion !== '') chart.metadata = { ...chart.metadata, appVersion }
  if (chart.metadata.dependencies) checkDependencies(chart)
  const destination = flags.string('destination')
  return saveChart(process, chart, destination === '.' ? process.cwd() : joinPath(destination))
}
