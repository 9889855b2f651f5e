/** Flags that every command of helm takes, with defaults from HELM_* variables. */
import type { Process } from '#engine/linux/abi/process'
import { bool, type Flag, Flags, float, int, string, stringArray } from '#engine/programs/common/cobra/flags'
import { type HelmPaths, helmPaths } from './paths'

export const globalFlags: readonly Flag[] = [
  int('burst-limit', 'how many requests may go to the API server at once before they are throttled', { default: 100 }),
  bool('debug', 'tell more of what is done'),
  string('kube-apiserver', 'the address and port of the Kubernetes API server'),
  stringArray('kube-as-group', 'group to impersonate for the operation, may be repeated for several groups'),
  string('kube-as-user', 'username to impersonate for the operation'),
  string('kube-ca-file', 'the certificate authority file for the connection to the API server'),
  string('kube-context', 'name of the kubeconfig context to use'),
  bool('kube-insecure-skip-tls-verify', "if true, the API server's certificate is not checked, which makes HTTPS connections insecure"),
  string('kube-tls-server-name', "name that the API server's certificate is checked against; default: the host that is contacted"),
  string('kube-token', 'bearer token used for authentication'),
  string('kubeconfig', 'path to the kubeconfig file'),
  string('namespace,n', 'namespace scope for this request'),
  float('qps', 'queries a second to the API server, bursts aside', { typeName: 'float32' }),
  string('registry-config', 'path to the registry config file', { defaultText: '"/root/.config/helm/registry/config.json"' }),
  string('repository-cache', 'path to the directory with cached repository indexes', { defaultText: '"/root/.cache/helm/repository"' }),
  string('repository-config', 'path to the file with names and URLs of repositories', { defaultText: '"/root/.config/helm/repositories.yaml"' }),
]

const kubeFlags: readonly Flag[] = [
  ...['kubeconfig', 'namespace', 'context', 'cluster', 'user', 'server', 'token', 'username', 'password', 'certificate-authority', 'client-certificate', 'client-key', 'tls-server-name', 'as', 'as-uid'].map((name) => string(name, '')),
  ...['as-group', 'as-user-extra'].map((name) => stringArray(name, '')),
  bool('insecure-skip-tls-verify', ''),
]

/** Flag of ours, variable, flag of a kubeconfig's overrides. */
const overrides: readonly (readonly [string, string, string])[] = [
  ['kubeconfig', '', 'kubeconfig'], ['namespace', 'HELM_NAMESPACE', 'namespace'], ['kube-context', 'HELM_KUBECONTEXT', 'context'], ['kube-apiserver', 'HELM_KUBEAPISERVER', 'server'], ['kube-token', 'HELM_KUBETOKEN', 'token'],
  ['kube-ca-file', 'HELM_KUBECAFILE', 'certificate-authority'], ['kube-tls-server-name', 'HELM_KUBETLS_SERVER_NAME', 'tls-server-name'], ['kube-as-user', 'HELM_KUBEASUSER', 'as'],
]

/** helm's flags and variables as the overrides of a kubeconfig that kubectl knows. */
export function kubeOverrides(process: Process, flags: Flags): Flags {
  const out = new Flags(kubeFlags)
  for (const [own, variable, name] of overrides) {
    const value = flags.string(own) || (variable === '' ? '' : (process.env.get(variable) ?? ''))
    if (value !== '') out.set(name, value)
  }
  const groups = flags.list('kube-as-group')
  for (const group of groups.length > 0 ? groups : (process.env.get('HELM_KUBEASGROUPS') ?? '').split(',').filter((word) => word !== '')) out.set('as-group', group)
  if (flags.bool('kube-insecure-skip-tls-verify') || isTrue(process.env.get('HELM_KUBEINSECURE_SKIP_TLS_VERIFY'))) out.set('insecure-skip-tls-verify', 'true')
  return out
}

export function isTrue(text: string | undefined): boolean {
  return /^(?:1|t|T|true|TRUE|True)$/.test(text ?? '')
}

export function isDebug(process: Process, flags: Flags): boolean {
  return flags.changed('debug') ? flags.bool('debug') : isTrue(process.env.get('HELM_DEBUG'))
}

export function pathsOf(process: Process, flags: Flags): HelmPaths {
  return helmPaths(process, { registryConfig: flags.string('registry-config'), repositoryCache: flags.string('repository-cache'), repositoryConfig: flags.string('repository-config') })
}
