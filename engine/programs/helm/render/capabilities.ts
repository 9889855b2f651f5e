/** What the cluster can, as `.Capabilities` shows it. */
import { GoStruct } from '#engine/programs/common/gotemplate/values'

export interface Capabilities {
  /** `v1.35.4`. */
  readonly kubeVersion: string
  readonly apiVersions: readonly string[]
}

export const helmVersion = 'v3.19.2'

const groups: Readonly<Record<string, string>> = {
  '': 'v1', 'admissionregistration.k8s.io': 'v1 v1alpha1 v1beta1', 'apiextensions.k8s.io': 'v1 v1beta1', apps: 'v1 v1beta1 v1beta2', 'authentication.k8s.io': 'v1 v1alpha1 v1beta1', 'authorization.k8s.io': 'v1 v1beta1',
  autoscaling: 'v1 v2 v2beta1 v2beta2', batch: 'v1 v1beta1', 'certificates.k8s.io': 'v1 v1alpha1 v1beta1', 'coordination.k8s.io': 'v1 v1alpha2 v1beta1', 'discovery.k8s.io': 'v1 v1beta1', 'events.k8s.io': 'v1 v1beta1',
  extensions: 'v1beta1', 'flowcontrol.apiserver.k8s.io': 'v1 v1beta1 v1beta2 v1beta3', 'internal.apiserver.k8s.io': 'v1alpha1', 'networking.k8s.io': 'v1 v1beta1', 'node.k8s.io': 'v1 v1alpha1 v1beta1', policy: 'v1 v1beta1',
  'rbac.authorization.k8s.io': 'v1 v1alpha1 v1beta1', 'resource.k8s.io': 'v1 v1alpha3 v1beta1 v1beta2', 'scheduling.k8s.io': 'v1 v1alpha1 v1beta1', 'storage.k8s.io': 'v1 v1alpha1 v1beta1', 'storagemigration.k8s.io': 'v1alpha1',
}

/** Without a cluster: what client-go 1.34, which this helm is built with, knows. */
export const defaultCapabilities: Capabilities = {
  kubeVersion: 'v1.34.0',
  apiVersions: Object.entries(groups).flatMap(([group, versions]) => versions.split(' ').map((version) => (group === '' ? version : `${group}/${version}`))),
}

/** `--kube-version 1.30`: refused in the words of semver. */
export function parseKubeVersion(text: string): string {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?([-+].*)?$/.exec(text)
  if (!match) throw new Error(`invalid kube version '${text}': invalid semantic version`)
  return `v${match[1] as string}.${match[2] ?? '0'}.${match[3] ?? '0'}${match[4] ?? ''}`
}

export function capabilitiesStruct({ kubeVersion, apiVersions }: Capabilities): GoStruct {
  const [, major = '', minor = ''] = /^v?(\d+)\.(\d+)/.exec(kubeVersion) ?? []
  const versions = Object.defineProperty([...apiVersions], 'Has', { value: (version: unknown) => apiVersions.includes(String(version)), enumerable: false })
  return new GoStruct('*chartutil.Capabilities', {
    KubeVersion: new GoStruct('chartutil.KubeVersion', { Version: kubeVersion, Major: major, Minor: minor, String: () => kubeVersion, GitVersion: () => kubeVersion }, { text: () => kubeVersion }),
    APIVersions: versions,
    HelmVersion: new GoStruct('version.BuildInfo', { Version: helmVersion, GitCommit: '', GitTreeState: 'clean', GoVersion: 'go1.24.9' }),
  })
}
