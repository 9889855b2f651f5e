/** Flags that many commands share. */
import { bool, duration, type Flag, int, int64, string, stringArray, strings } from '../common/cobra/flags'
import { getFormats, standardFormats } from './printers/printer'

const templateUsage = 'A Go template or the path of one, for -o=go-template and -o=go-template-file. The format is that of golang templates [http://golang.org/pkg/text/template/#pkg-overview].'

/** The order of help and completion. */
export const formatOrder = ['json', 'yaml', 'kyaml', 'name', 'go-template', 'go-template-file', 'template', 'templatefile', 'jsonpath', 'jsonpath-as-json', 'jsonpath-file', 'custom-columns', 'custom-columns-file', 'wide']

export const allowMissingFlag = bool('allow-missing-template-keys', 'If true, a field or map key missing from a template is no error. Only for golang and jsonpath output formats.', { default: true })
export const managedFieldsFlag = bool('show-managed-fields', 'If true, managedFields are kept in JSON and YAML output.')
export const templateFlag = string('template', templateUsage)

export function outputFlag(fallback = '', formats: readonly string[] = standardFormats): Flag {
  const ordered = formatOrder.filter((format) => formats.includes(format))
  return string('output,o', `Output format. One of: (${ordered.join(', ')}).`, { default: fallback })
}

export const printFlags: readonly Flag[] = [allowMissingFlag, outputFlag(), managedFieldsFlag, templateFlag]

export const getPrintFlags: readonly Flag[] = [
  allowMissingFlag, outputFlag('', getFormats), managedFieldsFlag, templateFlag,
  strings('label-columns,L', 'Labels to show as columns, separated by commas. Names are case-sensitive. The flag may be repeated: -L label1 -L label2...'),
  bool('no-headers', 'Print no header line in the default and custom-column formats.'),
  bool('show-kind', 'Put the resource type before each name.'),
  bool('show-labels', 'Show all labels as the last column.'),
  string('sort-by', "Sort lists by this field, a JSONPath expression such as '{.metadata.name}'. The field must be an integer or a string."),
]

export const manifestEndings = ['json', 'yaml', 'yml']

export function filenameFlags(usage: string): readonly Flag[] {
  return [
    strings('filename,f', `Filename, directory, or URL to files ${usage}`, { extensions: manifestEndings }),
    string('kustomize,k', "Process the kustomization directory. This flag can't be used together with -f or -R."),
    bool('recursive,R', 'Process the directory of -f, --filename recursively, for manifests kept in one tree.'),
  ]
}

export const fileFlag = strings('filename,f', 'Filename, directory, or URL to files', { extensions: manifestEndings })

export const dryRunFlag = string('dry-run', 'Must be "none", "server", or "client". With client only the object that would be sent is printed; with server the request is sent without being stored.', { default: 'none', bare: 'unchanged' })

export function fieldManagerFlag(name: string): Flag {
  return string('field-manager', 'Name of the manager that owns the changed fields.', { default: name })
}

export const selectorFlag = string('selector,l', "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'.(e.g. -l key1=value1,key2=value2,key3 in (value3)). Objects must satisfy all of it.")
export const fieldSelectorFlag = string('field-selector', "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server knows only some fields of each type.")
export const allNamespacesFlag = bool('all-namespaces,A', 'Look in all namespaces; the namespace of the context and of --namespace is ignored.')
export const chunkSizeFlag = int64('chunk-size', 'Large lists come in pieces of this size. 0 turns that off.', { default: 500 })
export const saveConfigFlag = bool('save-config', 'If true, the configuration is kept in an annotation of the object, for a later kubectl apply.')
export const validateFlag = string('validate', 'Must be one of: strict (or true), warn, ignore (or false). Strict refuses unknown and duplicate fields, warn tells of them, ignore does nothing.', { default: 'strict', bare: 'strict' })
export const timeoutFlag = duration('timeout', 'How long to wait before giving up, 0 for a time fit for the objects.')
export const podTimeoutFlag = (ms: number): Flag => duration('pod-running-timeout', 'How long (like 5s, 2m, or 3h, higher than zero) to wait until a pod runs', { default: ms, defaultText: `${ms >= 60000 ? `${ms / 60000}m0s` : `${ms / 1000}s`}` })
export const containerFlag = string('container,c', 'Container name. If omitted, the kubectl.kubernetes.io/default-container annotation decides, else the first container.')
export const subresourceFlag = string('subresource', 'The subresource to act on.', { complete: () => ['status', 'scale', 'resize'] })

export const deletionFlags: readonly Flag[] = [
  string('cascade', 'Must be "background", "orphan", or "foreground": what becomes of the dependents (Pods of a ReplicationController, say).', { default: 'background', bare: 'background' }),
  bool('force', 'If true, remove the objects from the API at once and bypass graceful deletion. Some may keep running.'),
  int('grace-period', 'Seconds the object gets to end by itself. Negative is ignored, 1 means at once, 0 needs --force.', { default: -1 }),
  timeoutFlag,
  bool('wait', 'If true, wait until the objects are gone.'),
]

export { stringArray }
