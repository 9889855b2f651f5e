/** --admission-control-config-file, and what the files it names hold. */
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import { parseYamlStream } from '#engine/base/yaml/parser'
import type { KubeObject } from '#engine/api/object'
import { parseKubeconfig, type Kubeconfig } from '#engine/client/kubeconfig'
import type { Process } from '#engine/linux/abi/process'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { readText, StartError } from './files'

interface PluginEntry {
  readonly name: string
  readonly path?: string
  readonly configuration?: KubeObject
}

export function admissionConfiguration(process: Process, flags: Flags): ReadonlyMap<string, KubeObject> {
  const path = flags.string('admission-control-config-file')
  const out = new Map<string, KubeObject>()
  for (const plugin of path === '' ? [] : pluginsOf(process, path)) {
    const own = plugin.configuration ?? (plugin.path ? (parsed(process, resolve(path, plugin.path)) as KubeObject) : undefined)
    if (own) out.set(plugin.name, own)
  }
  for (const name of flags.list('enable-admission-plugins')) {
    const prepared = preparations[name]?.(process, out.get(name))
    if (prepared) out.set(name, prepared)
  }
  return out
}

function failed(words: string): StartError {
  return new StartError(`failed to apply admission: ${words}`)
}

function pluginsOf(process: Process, path: string): readonly PluginEntry[] {
  let document: unknown
  try {
    document = parsed(process, path)
  } catch (error) {
    if (error instanceof StartError) throw failed(`failed to read plugin config: unable to read admission control configuration from ${JSON.stringify(path)} [${error.message}]`)
    throw failed(`failed to read plugin config: ${(error as Error).message}`)
  }
  const { apiVersion = '', kind = '', plugins = [] } = (document ?? {}) as { apiVersion?: string; kind?: string; plugins?: PluginEntry[] }
  if (kind !== 'AdmissionConfiguration' || !['apiserver.config.k8s.io/v1', 'apiserver.k8s.io/v1alpha1'].includes(apiVersion)) throw failed(`failed to read plugin config: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "k8s.io/apiserver/pkg/server/options/admission.go:95"`)
  return plugins
}

function parsed(process: Process, path: string): unknown {
  return parseYamlStream(readText(process, path))[0]
}

function resolve(base: string, path: string): string {
  return path.startsWith('/') ? path : `${base.slice(0, base.lastIndexOf('/'))}/${path}`
}

type Preparation = (process: Process, given: KubeObject | undefined) => KubeObject | undefined

/** Plugins that will not start without a configuration, or whose configuration names files. */
const preparations: Readonly<Record<string, Preparation>> = {
  ImagePolicyWebhook: (process, given) => {
    const policy = given?.['imagePolicy'] as { kubeConfigFile?: string } | undefined
    if (!given) throw failed('couldn\'t init admission plugin "ImagePolicyWebhook": no config specified')
    return { ...given, imagePolicy: { ...policy, ...endpointOf(process, policy?.kubeConfigFile ?? '') } }
  },
  EventRateLimit: (_, given) => {
    const limits = given?.['limits'] as unknown[] | undefined
    if (!limits?.length) throw failed(`couldn't init admission plugin "EventRateLimit": limits: Invalid value: ${limits ? '[]' : 'null'}: must not be empty`)
    return given
  },
}

/** The server and the credentials of a kubeconfig's current context. */
function endpointOf(process: Process, path: string): object {
  const refused = (words: string): StartError => failed(`couldn't init admission plugin "ImagePolicyWebhook": ${words}`)
  if (path === '' || !process.files.exists(path)) throw refused(path === '' ? 'invalid configuration: no configuration has been provided' : `stat ${path}: no such file or directory`)
  let config: Kubeconfig
  try {
    config = parseKubeconfig(process.files.readText(path), path)
  } catch (error) {
    throw refused((error as Error).message)
  }
  const context = config.contexts.find((item) => item.name === config['current-context'])?.context
  const cluster = config.clusters.find((item) => item.name === context?.cluster)?.cluster
  const user = config.users.find((item) => item.name === context?.user)?.user
  if (!cluster?.server) throw refused('invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable')
  const read = (data: string | undefined, file: string | undefined, what: string): string => {
    if (data) return decodeUtf8(fromBase64(data))
    if (!file) return ''
    const full = resolve(path, file)
    if (!process.files.exists(full)) throw refused(`invalid configuration: unable to read ${what} ${full} for ${context?.cluster ?? ''} due to open ${full}: no such file or directory`)
    return process.files.readText(full)
  }
  return {
    server: cluster.server, insecure: cluster['insecure-skip-tls-verify'] === true, roots: read(cluster['certificate-authority-data'], cluster['certificate-authority'], 'certificate-authority'),
    certificate: read(user?.['client-certificate-data'], user?.['client-certificate'], 'client-cert'), key: read(user?.['client-key-data'], user?.['client-key'], 'client-key'),
  }
}
