import { toBase64 } from '#engine/base/bytes'
import type { KubeObject } from '#engine/api/object'
import { bool } from '#engine/programs/common/cobra/flags'
import { allowMissingFlag, managedFieldsFlag, outputFlag, templateFlag } from '#engine/programs/kubectl/flagsets'
import { printerFor } from '#engine/programs/kubectl/printers/printer'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { type Config, ConfigStore, type Entry, external, type Stanza } from './store'

export const view = verb({
  use: 'view',
  noFlagsInUsage: false,
  short: 'Display merged kubeconfig settings or a specified kubeconfig file',
  long: 'Display merged kubeconfig settings or a specified kubeconfig file.\n\n You can use --output jsonpath={...} to extract specific values using a jsonpath expression.',
  example: '# Show merged kubeconfig settings\nkubectl config view\n\n# Show merged kubeconfig settings, raw certificate data, and exposed secrets\nkubectl config view --raw\n\n# Get the password for the e2e user\nkubectl config view -o jsonpath=\'{.users[?(@.name == "e2e")].user.password}\'',
  flags: [
    allowMissingFlag, outputFlag('yaml'), managedFieldsFlag, templateFlag,
    bool('flatten', 'Flatten the resulting kubeconfig file into self-contained output (useful for creating portable kubeconfig files)'),
    bool('merge', 'Merge the full hierarchy of kubeconfig files', { default: true }),
    bool('minify', 'Remove all information not used by current-context from the output'),
    bool('raw', 'Display raw byte data and sensitive data'),
  ],
  run: async (session) => {
    const { flags } = session
    if (session.args.length > 0) throw session.usage(`unexpected arguments: [${session.args.join(' ')}]`)
    const printer = printerFor(session, { made: true })
    const store = new ConfigStore(session)
    if (!flags.bool('merge') && !store.explicit) throw new CliError('if merge==false a precise file must be specified')
    const config = store.load()
    if (flags.bool('minify')) minify(config, flags.string('context'))
    if (flags.bool('flatten')) flatten(session, config)
    else if (!flags.bool('raw')) redact(config)
    await session.out(printer.print(external(config) as unknown as KubeObject))
  },
})

function minify(config: Config, context: string): void {
  if (context !== '') config.currentContext = context
  const name = config.currentContext
  if (name === '') throw new CliError('current-context must exist in order to minify')
  const stanza = config.contexts.get(name)
  if (!stanza) throw new CliError(`cannot locate context ${name}`)
  const cluster = (stanza.entry['cluster'] as string | undefined) ?? ''
  const user = (stanza.entry['user'] as string | undefined) ?? ''
  if (cluster !== '' && !config.clusters.has(cluster)) throw new CliError(`cannot locate cluster ${cluster}`)
  if (user !== '' && !config.users.has(user)) throw new CliError(`cannot locate user ${user}`)
  keepOnly(config.contexts, name)
  keepOnly(config.clusters, cluster)
  keepOnly(config.users, user)
}

function keepOnly(map: Map<string, Stanza>, name: string): void {
  for (const key of [...map.keys()]) if (key !== name) map.delete(key)
}

function redact(config: Config): void {
  const hide = (stanza: Stanza, text: string, ...fields: string[]): void => {
    for (const field of fields) if (stanza.entry[field]) stanza.entry[field] = text
  }
  for (const stanza of config.users.values()) {
    hide(stanza, 'DATA+OMITTED', 'client-certificate-data', 'client-key-data')
    hide(stanza, 'REDACTED', 'token', 'password')
  }
  for (const stanza of config.clusters.values()) hide(stanza, 'DATA+OMITTED', 'certificate-authority-data')
}

function flatten(session: Session, config: Config): void {
  const embed = (entry: Entry, origin: string, field: string): void => {
    const path = entry[field] as string | undefined
    if (!path) return
    if (entry[`${field}-data`]) throw new CliError('cannot have values for both path and contents')
    const full = path.startsWith('/') ? path : `${origin.slice(0, origin.lastIndexOf('/'))}/${path}`
    if (!session.process.files.exists(full)) throw new CliError(`open ${full}: no such file or directory`)
    entry[`${field}-data`] = toBase64(session.process.files.readFile(full))
    delete entry[field]
  }
  for (const { entry, origin } of config.users.values()) {
    embed(entry, origin, 'client-certificate')
    embed(entry, origin, 'client-key')
  }
  for (const { entry, origin } of config.clusters.values()) embed(entry, origin, 'certificate-authority')
}
