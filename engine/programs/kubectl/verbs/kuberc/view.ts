import type { KubeObject } from '#engine/api/object'
import { allowMissingFlag, managedFieldsFlag, outputFlag, templateFlag } from '#engine/programs/kubectl/flagsets'
import { printerFor } from '#engine/programs/kubectl/printers/printer'
import type { Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { emptyPreference, kubercPath, type Preference, readPreference, writePreference } from './file'

export const viewKuberc = verb({
  use: 'view',
  short: 'Display the current kuberc configuration',
  long: 'Display the contents of the kuberc file in the specified output format.',
  example: '# View kuberc configuration in YAML format (default)\nkubectl alpha kuberc view\n\n# View kuberc configuration in JSON format\nkubectl alpha kuberc view --output json',
  flags: [allowMissingFlag, outputFlag('yaml'), managedFieldsFlag, templateFlag],
  run: async (session) => {
    const path = kubercPath(session)
    const printer = printerFor(session, { made: true })
    const preference = readPreference(session, path)
    if (!preference) return await offerDefault(session, path)
    await session.out(printer.print(shown(preference) as unknown as KubeObject))
  },
})

/** Empty lists of aliases and defaults are shown as such, missing ones are not. */
function shown({ kind, apiVersion, defaults, aliases }: Preference): Record<string, unknown> {
  return { kind, apiVersion, ...(defaults ? { defaults } : {}), ...(aliases ? { aliases } : {}) }
}

const recommended: Preference = {
  ...emptyPreference,
  defaults: [
    { command: 'apply', options: [{ name: 'server-side', default: 'true' }] },
    { command: 'delete', options: [{ name: 'interactive', default: 'true' }] },
  ],
}

async function offerDefault(session: Session, path: string): Promise<void> {
  await session.out(`kuberc file not found at ${path}\nWould you like to generate a default kuberc file with recommended options? (y/N): `)
  if ((await firstLine(session)).trim().toLowerCase() === 'y') await writePreference(session, path, recommended)
}

async function firstLine(session: Session): Promise<string> {
  for await (const line of session.process.stdin.lines()) return line
  return ''
}
