import { isErrno } from '#engine/linux/abi/errno'
import { bool, string, stringArray, strings } from '#engine/programs/common/cobra/flags'
import type { BuiltKustomization } from '#engine/programs/kubectl/kustomize/build'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'

const restrictors = ['LoadRestrictionsNone', 'LoadRestrictionsRootOnly']

export const kustomize = verb({
  use: 'kustomize DIR',
  noFlagsInUsage: false,
  short: 'Build a kustomization target from a directory or URL',
  long: "Build a set of KRM resources using a 'kustomization.yaml' file. The DIR argument must be a path to a directory containing 'kustomization.yaml'. If DIR is omitted, '.' is assumed.",
  example: '# Build the current working directory\nkubectl kustomize\n\n# Build some shared configuration directory\nkubectl kustomize /home/config/production',
  group: 'Advanced Commands:',
  flags: [
    bool('as-current-user', 'use the uid and gid of the command executor to run the function in the container'),
    bool('enable-alpha-plugins', 'enable kustomize plugins'),
    bool('enable-helm', 'Enable use of the Helm chart inflator generator.'),
    stringArray('env,e', 'a list of environment variables to be used by functions'),
    strings('helm-api-versions', 'Kubernetes api versions used by Helm for Capabilities.APIVersions'),
    string('helm-command', 'helm command (path to executable)', { default: 'helm' }),
    bool('helm-debug', 'Enable debug output from the Helm chart inflator generator.'),
    string('helm-kube-version', 'Kubernetes version used by Helm for Capabilities.KubeVersion'),
    string('load-restrictor', "if set to 'LoadRestrictionsNone', local kustomizations may load files from outside their root. This does, however, break the relocatability of the kustomization.", { default: 'LoadRestrictionsRootOnly', complete: (typed) => restrictors.filter((word) => word.startsWith(typed)) }),
    stringArray('mount', 'a list of storage options read from the filesystem'),
    bool('network', 'enable network access for functions that declare it'),
    string('network-name', 'the docker network to run the container in', { default: 'bridge' }),
    string('output,o', 'If specified, write output to this path.'),
  ],
  complete: () => ({ candidates: [], files: true }),
  run: runKustomize,
})

async function runKustomize(session: Session): Promise<void> {
  const { flags, args } = session
  if (args.length > 1) throw new CliError('specify one path to kustomization.yaml')
  const restrictor = flags.string('load-restrictor')
  if (!restrictors.includes(restrictor)) throw new CliError(`illegal flag value --load-restrictor ${restrictor}; legal values: [${[...restrictors].reverse().join(' ')}]`)
  const helm = flags.bool('enable-helm') ? { helm: { command: flags.string('helm-command') } } : {}
  const built = await session.kustomize(args[0] ?? '.', { unrestricted: restrictor === 'LoadRestrictionsNone', plugins: flags.bool('enable-alpha-plugins'), ...helm })
  const output = flags.string('output')
  if (output === '') await session.out(built.documents.join('---\n'))
  else write(session, output, built)
}

/** A directory gets a file for each object. */
function write({ process }: Session, path: string, { documents, resources }: BuiltKustomization): void {
  try {
    if (process.files.exists(path)?.type !== 'directory') return process.files.writeFile(path, documents.join('---\n'), 0o644)
    resources.forEach((resource, index) => {
      const { group, version, kind } = resource.gvk
      const name = [resource.namespace, group === '' ? version : `${group}_${version}`, kind, resource.name].filter((part) => part !== '').join('_').toLowerCase()
      process.files.writeFile(`${path.replace(/\/$/, '')}/${name}.yaml`, documents[index] as string, 0o644)
    })
  } catch (error) {
    if (isErrno(error)) throw new CliError(`open ${path}: ${error.message.toLowerCase()}`)
    throw error
  }
}
