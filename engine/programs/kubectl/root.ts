/** The tree of kubectl's commands and the flags that all of them take. */
import { type Command, rootCommand, unknownCommand } from '../common/cobra/command'
import { bool, duration, type Flag, int, string, stringArray } from '../common/cobra/flags'
import { kubectlHelp } from './help'
import { verbs } from './verbs/verbs'
import { globalCompleters } from './verbs/completion/flags'

export const globalFlags: readonly Flag[] = [
  string('as', 'Username to impersonate for the operation: a regular user or a service account in a namespace.'),
  stringArray('as-group', 'Group to impersonate for the operation; may be repeated for several groups.'),
  string('as-uid', 'UID to impersonate for the operation.'),
  stringArray('as-user-extra', 'User extras to impersonate for the operation; may be repeated for several values of a key.'),
  string('cache-dir', 'Default cache directory', { default: '/root/.kube/cache' }),
  string('certificate-authority', 'Path to a cert file for the certificate authority'),
  string('client-certificate', 'Path to a client certificate file for TLS'),
  string('client-key', 'Path to a client key file for TLS'),
  string('cluster', 'The name of the kubeconfig cluster to use'),
  string('context', 'The name of the kubeconfig context to use'),
  bool('disable-compression', 'If true, no response is compressed'),
  bool('insecure-skip-tls-verify', "If true, the server's certificate is not checked, which makes HTTPS connections insecure"),
  string('kubeconfig', 'Path to the kubeconfig file to use for CLI requests.'),
  string('kuberc', 'Path to the kuberc file with preferences. KUBECTL_KUBERC=false or KUBERC=off turns them off.'),
  duration('log-flush-frequency', 'Maximum number of seconds between log flushes', { default: 5000 }),
  bool('match-server-version', 'Require server version to match client version'),
  string('namespace,n', 'If present, the namespace scope for this CLI request'),
  string('password', 'Password for basic authentication to the API server'),
  string('profile', 'Name of profile to capture. One of (none|cpu|heap|goroutine|threadcreate|block|mutex|trace)', { default: 'none' }),
  string('profile-output', 'Name of the file to write the profile to', { default: 'profile.pprof' }),
  string('request-timeout', 'How long a single server request may take. Other than zero it has a unit (e.g. 1s, 2m, 3h); zero is for ever.', { default: '0' }),
  string('server,s', 'The address and port of the Kubernetes API server'),
  string('tls-server-name', 'Name the server\'s certificate is checked against; default: the host that is contacted'),
  string('token', 'Bearer token for authentication to the API server'),
  string('user', 'The name of the kubeconfig user to use'),
  string('username', 'Username for basic authentication to the API server'),
  int('v,v', 'number for the log level verbosity'),
  string('vmodule', 'comma-separated list of pattern=N settings for file-filtered logging (only works for the default text log format)', { defaultText: '' }),
  bool('warnings-as-errors', 'Treat warnings received from the server as errors and exit with a non-zero exit code'),
]

export const root: Command = {
  use: 'kubectl',
  short: 'kubectl controls the Kubernetes cluster manager',
  long: 'kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/',
  persistentFlags: globalFlags,
  completeFlags: globalCompleters,
  commands: verbs,
  args: (args) => (args[0] === undefined ? undefined : unknownCommand(rootCommand(root), args[0])),
  run: async ({ process, command }) => {
    await process.stdout.write(kubectlHelp(command))
    return 0
  },
}
