import { bool, string } from '#engine/programs/common/cobra/flags'
import { alignTabs, tableTabs } from '#engine/programs/common/tabwriter/tabwriter'
import { kubectlHelp } from '#engine/programs/kubectl/help'
import { CliError, throwAll } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { group, verb } from '../verb'
import { setCluster, setContext, setCredentials, unexpectedArgs } from './entries'
import { completeNames } from './names'
import { modifyProperty } from './property'
import { ConfigStore, type Section } from './store'
import { view } from './view'

const currentContext = verb({
  use: 'current-context',
  noFlagsInUsage: false,
  short: 'Display the current-context',
  long: 'Display the current-context.',
  example: '# Display the current-context\nkubectl config current-context',
  run: async (session) => {
    const name = new ConfigStore(session).load().currentContext
    if (name === '') throw new CliError('current-context is not set')
    await session.out(`${name}\n`)
  },
})

function listing(use: string, what: string, section: Section): ReturnType<typeof verb> {
  return verb({
    use,
    noFlagsInUsage: false,
    short: `Display ${what} defined in the kubeconfig`,
    long: `Display ${what} defined in the kubeconfig.`,
    example: `# List the ${what} that kubectl knows about\nkubectl config ${use}`,
    run: async (session) => session.out(['NAME', ...[...new ConfigStore(session).load()[section].keys()].sort()].map((name) => `${name}\n`).join('')),
  })
}

function removal(what: 'cluster' | 'context' | 'user', section: Section): ReturnType<typeof verb> {
  return verb({
    use: `delete-${what} NAME`,
    short: `Delete the specified ${what} from the kubeconfig`,
    long: `Delete the specified ${what} from the kubeconfig.`,
    example: `# Delete the minikube ${what}\nkubectl config delete-${what} minikube`,
    complete: completeNames(section),
    run: async (session) => {
      const store = new ConfigStore(session)
      const config = store.load()
      const [name] = session.args
      if (name === undefined || session.args.length !== 1) {
        if (what === 'user') throw session.usage('user to delete is required')
        return await session.out(kubectlHelp(session.invocation.command))
      }
      const file = store.defaultFile
      if (!config[section].has(name)) throw new CliError(`cannot delete ${what} ${name}, not in ${file}`)
      if (what === 'context' && config.currentContext === name) await session.err('warning: this removed your active context, use "kubectl config use-context" to select a different one\n')
      config[section].delete(name)
      store.save(config)
      await session.out(`deleted ${what} ${name} from ${file}\n`)
    },
  })
}

const getContexts = verb({
  use: 'get-contexts [(-o|--output=)name)]',
  short: 'Describe one or many contexts',
  long: 'Display one or many contexts from the kubeconfig file.',
  example: '# List all the contexts in your kubeconfig file\nkubectl config get-contexts\n\n# Describe one context in your kubeconfig file\nkubectl config get-contexts my-context',
  flags: [bool('no-headers', "When using the default or custom-column output format, don't print headers (default print headers)."), string('output,o', 'Output format. One of: (name).')],
  run: runGetContexts,
})

async function runGetContexts(session: Session): Promise<void> {
  const format = session.flags.string('output')
  if (format !== '' && format !== 'name') throw new CliError(`--output ${format} is not available in kubectl config get-contexts; resetting to default output format`)
  const config = new ConfigStore(session).load()
  const missing = session.args.filter((name) => !config.contexts.has(name)).map((name) => new CliError(`context ${name} not found`))
  const names = (session.args.length === 0 ? [...config.contexts.keys()] : session.args.filter((name) => config.contexts.has(name))).sort()
  if (format === 'name') await session.out(names.map((name) => `${name}\n`).join(''))
  else {
    const rows = names.map((name) => {
      const entry = config.contexts.get(name)?.entry ?? {}
      return `${config.currentContext === name ? '*' : ' '}\t${name}\t${String(entry['cluster'] ?? '')}\t${String(entry['user'] ?? '')}\t${String(entry['namespace'] ?? '')}\n`
    })
    if (!session.flags.bool('no-headers')) rows.unshift('CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n')
    await session.out(alignTabs(rows.join(''), tableTabs))
  }
  throwAll(missing)
}

const useContext = verb({
  use: 'use-context CONTEXT_NAME',
  aliases: ['use'],
  short: 'Set the current-context in a kubeconfig file',
  long: 'Set the current-context in a kubeconfig file.',
  example: '# Use the context for the minikube cluster\nkubectl config use-context minikube',
  complete: completeNames('contexts'),
  run: async (session) => {
    const [name] = session.args
    if (name === undefined || session.args.length !== 1) throw await unexpectedArgs(session)
    const store = new ConfigStore(session)
    const config = store.load()
    if (name === '') throw new CliError('empty context names are not allowed')
    if (!config.contexts.has(name)) throw new CliError(`no context exists with the name: ${JSON.stringify(name)}`)
    config.currentContext = name
    store.save(config)
    await session.out(`Switched to context ${JSON.stringify(name)}.\n`)
  },
})

const renameContext = verb({
  use: 'rename-context CONTEXT_NAME NEW_NAME',
  short: 'Rename a context from the kubeconfig file',
  long: "Renames a context from the kubeconfig file.\n\n CONTEXT_NAME is the context name that you want to change.\n\n NEW_NAME is the new name you want to set.\n\n Note: If the context being renamed is the 'current-context', this field will also be updated.",
  example: "# Rename the context 'old-name' to 'new-name' in your kubeconfig file\nkubectl config rename-context old-name new-name",
  complete: completeNames('contexts'),
  run: async (session) => {
    const [from, to] = session.args
    if (from === undefined || to === undefined || session.args.length !== 2) throw await unexpectedArgs(session)
    if (to === '') throw new CliError('You must specify a new non-empty context name')
    const store = new ConfigStore(session)
    const config = store.load()
    const stanza = config.contexts.get(from)
    if (!stanza) throw new CliError(`cannot rename the context ${JSON.stringify(from)}, it's not in ${store.defaultFile}`)
    if (config.contexts.has(to)) throw new CliError(`cannot rename the context ${JSON.stringify(from)}, the context ${JSON.stringify(to)} already exists in ${store.defaultFile}`)
    config.contexts.set(to, stanza)
    config.contexts.delete(from)
    if (config.currentContext === from) config.currentContext = to
    store.save(config)
    await session.out(`Context ${JSON.stringify(from)} renamed to ${JSON.stringify(to)}.\n`)
  },
})

const pathNote = 'PROPERTY_NAME is a dot delimited name where each token represents either an attribute name or a map key.  Map keys may not contain dots.'

const setProperty = verb({
  use: 'set PROPERTY_NAME PROPERTY_VALUE',
  short: 'Set an individual value in a kubeconfig file',
  long: `Set an individual value in a kubeconfig file.\n\n ${pathNote}\n\n PROPERTY_VALUE is the new value you want to set. Binary fields such as 'certificate-authority-data' expect a base64 encoded string unless the --set-raw-bytes flag is used.\n\n Specifying an attribute name that already exists will merge new fields on top of existing values.`,
  example: '# Set the server field on the my-cluster cluster to https://1.2.3.4\nkubectl config set clusters.my-cluster.server https://1.2.3.4\n\n# Set the cluster field in the my-context context to my-cluster\nkubectl config set contexts.my-context.cluster my-cluster',
  flags: [bool('set-raw-bytes', 'When writing a []byte PROPERTY_VALUE, write the given string directly without base64 decoding.')],
  run: async (session) => {
    const [name, value] = session.args
    if (name === undefined || value === undefined || session.args.length !== 2) throw await unexpectedArgs(session)
    if (value === '') throw new CliError('you cannot use set to unset a property')
    if (name === '') throw new CliError('you must specify a property')
    changeProperty(session, name, value)
    await session.out(`Property ${JSON.stringify(name)} set.\n`)
  },
})

const unsetProperty = verb({
  use: 'unset PROPERTY_NAME',
  short: 'Unset an individual value in a kubeconfig file',
  long: `Unset an individual value in a kubeconfig file.\n\n ${pathNote}`,
  example: '# Unset the current-context\nkubectl config unset current-context\n\n# Unset namespace in foo context\nkubectl config unset contexts.foo.namespace',
  run: async (session) => {
    const [name] = session.args
    if (name === undefined || session.args.length !== 1) throw await unexpectedArgs(session)
    if (name === '') throw new CliError('you must specify a property')
    changeProperty(session, name, undefined)
    await session.out(`Property ${JSON.stringify(name)} unset.\n`)
  },
})

function changeProperty(session: Session, name: string, value: string | undefined): void {
  const store = new ConfigStore(session)
  const config = store.load()
  modifyProperty(config, name, value, value !== undefined && session.flags.bool('set-raw-bytes'))
  store.save(config)
}

export const config = group({
  use: 'config SUBCOMMAND',
  short: 'Modify kubeconfig files',
  long: 'Modify kubeconfig files using subcommands like "kubectl config set current-context my-context".\n\n The loading order follows these rules:\n\n  1.  If the --kubeconfig flag is set, then only that file is loaded. The flag may only be set once and no merging takes place.\n  2.  If $KUBECONFIG environment variable is set, then it is used as a list of paths (normal path delimiting rules for your system). These paths are merged. When a value is modified, it is modified in the file that defines the stanza. When a value is created, it is created in the first file that exists. If no files in the chain exist, then it creates the last file in the list.\n  3.  Otherwise, ${HOME}/.kube/config is used and no merging takes place.',
  commands: [currentContext, removal('cluster', 'clusters'), removal('context', 'contexts'), removal('user', 'users'), listing('get-clusters', 'clusters', 'clusters'), getContexts, listing('get-users', 'users', 'users'), renameContext, setProperty, setCluster, setContext, setCredentials, unsetProperty, useContext, view],
})
