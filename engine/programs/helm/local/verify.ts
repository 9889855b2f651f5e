/** `helm verify`: there are no keyrings here. */
import type { Command } from '#engine/programs/common/cobra/command'
import { string } from '#engine/programs/common/cobra/flags'
import { fileError } from '#engine/programs/helm/chart/paths'
import { exactly } from '../cli/arguments'

const use = 'verify PATH'

export const verifyCommand: Command = {
  use, short: 'verify that a chart at the given path has been signed and is valid', args: exactly(use, 1), flags: [string('keyring', 'keyring containing public keys', { defaultText: '"/root/.gnupg/pubring.gpg"' })],
  long: 'Checks the provenance file of a packaged chart.', complete: () => ({ candidates: [], files: true }),
  run({ process, args }) {
    const path = args[0] as string
    try {
      if (process.files.stat(path).type === 'directory') return Promise.reject(new Error('unpacked charts cannot be verified'))
    } catch (error) {
      return Promise.reject(fileError('stat', path, error))
    }
    if (!/\.tgz$/i.test(path)) return Promise.reject(new Error('chart must be a tgz file'))
    if (!process.files.exists(`${path}.prov`)) return Promise.reject(new Error(`could not load provenance file ${path}.prov: stat ${path}.prov: no such file or directory`))
    return Promise.reject(new Error('provenance of charts is not simulated'))
  },
}
