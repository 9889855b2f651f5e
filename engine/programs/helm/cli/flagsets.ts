/** Flags that install and upgrade share. */
import { bool, duration, type Flag, string, stringArray, stringMap } from '#engine/programs/common/cobra/flags'
import { valueFlags } from '#engine/programs/helm/values/options'
import { chartPathFlags } from '../repo/locate'
import { outputFlag } from './output'

export const timeoutFlag: Flag = duration('timeout', 'time to wait for any individual Kubernetes operation (like Jobs for hooks)', { default: 300_000 })

export const dryRunFlag: Flag = string('dry-run', 'simulates the operation: "client" (also without a value) asks the cluster for nothing that templates look up, "server" does', { bare: 'client', defaultText: '' })

export const deployFlags: readonly Flag[] = [
  ...chartPathFlags, ...valueFlags, outputFlag, timeoutFlag, dryRunFlag,
  bool('atomic', 'undoes the operation where it fails. Sets --wait'),
  bool('create-namespace', 'create the release namespace if not present'),
  bool('dependency-update', 'update dependencies if they are missing before the operation'),
  string('description', 'add a custom description'),
  bool('devel', "use development versions, too. Equivalent to version '>0.0.0-0'. If --version is set, this is ignored"),
  bool('disable-openapi-validation', 'do not validate rendered templates against the Kubernetes OpenAPI Schema'),
  bool('enable-dns', 'enable DNS lookups when rendering templates'),
  bool('force', 'force resource updates through a replacement strategy'),
  bool('hide-notes', 'do not show notes in the output'),
  bool('hide-secret', 'hide Kubernetes Secrets when also using the --dry-run flag'),
  stringMap('labels,l', 'labels added to release metadata; parted by commas', { defaultText: '[]' }),
  bool('no-hooks', 'do not run hooks'),
  string('post-renderer', 'the path to an executable to be used for post rendering', { typeName: 'postRendererString' }),
  stringArray('post-renderer-args', 'an argument to the post-renderer (can specify multiple)', { typeName: 'postRendererArgsSlice', defaultText: '[]' }),
  bool('render-subchart-notes', 'render subchart notes along with the parent'),
  bool('skip-crds', 'do not install CRDs'),
  bool('skip-schema-validation', 'do not validate values against the JSON schema'),
  bool('take-ownership', 'do not check for helm annotations and take ownership of existing resources'),
  bool('wait', 'wait until all Pods, PVCs, Services, and the minimum number of Pods of a Deployment, StatefulSet or ReplicaSet are ready, for as long as --timeout'),
  bool('wait-for-jobs', 'with --wait, wait also until all Jobs have been completed'),
]
