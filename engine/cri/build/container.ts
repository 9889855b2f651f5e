/** A container's OCI configuration from an image's and what was asked for: for build steps, podman and whoever else starts one. */
import type { Files } from '#engine/linux/abi/files'
import type { ImageConfig } from '../images/definition'
import { defaultCapabilities, allCapabilities, defaultPath, type OciMount, type OciNamespace, type OciResources, type OciSpec } from '../containerd/oci'
import { baseMounts } from '../containerd/spec'
import { resolveUser } from '../containerd/user'

export interface ContainerRequest {
  readonly rootPath: string
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly cwd: string
  readonly user: string
  readonly groups?: readonly number[]
  readonly hostname: string
  readonly namespaces: OciSpec['linux']['namespaces']
  readonly mounts: readonly OciMount[]
  readonly cgroupsPath: string
  readonly terminal?: boolean
  readonly privileged?: boolean
  readonly capAdd?: readonly string[]
  readonly capDrop?: readonly string[]
  readonly readonly?: boolean
  readonly resources?: OciResources
  readonly sysctl?: Readonly<Record<string, string>>
  readonly noNewPrivileges?: boolean
}

export interface UserFiles { readonly passwd: string; readonly group: string }

export function containerConfiguration(request: ContainerRequest, users: UserFiles, capabilities: readonly string[] = defaultCapabilities): OciSpec {
  const taken = new Set(request.mounts.map((mount) => mount.destination))
  const mounts = [...baseMounts(request.privileged ?? false).filter((mount) => !taken.has(mount.destination)), ...[...request.mounts].sort((a, b) => depth(a) - depth(b))]
  return {
    ociVersion: '1.0.2',
    process: {
      ...(request.terminal ? { terminal: true } : {}),
      user: resolveUser(users, { image: request.user, supplementalGroups: [...(request.groups ?? [])], strict: false }),
      args: request.args, env: request.env, cwd: request.cwd === '' ? '/' : request.cwd,
      capabilities: request.privileged ? allCapabilities : changedCapabilities(capabilities, request.capAdd ?? [], request.capDrop ?? []),
      noNewPrivileges: request.noNewPrivileges ?? false, oomScoreAdj: 0,
    },
    root: { path: request.rootPath, readonly: request.readonly ?? false },
    hostname: request.hostname, mounts, annotations: {},
    linux: { namespaces: request.namespaces, cgroupsPath: request.cgroupsPath, resources: request.resources ?? {}, sysctl: request.sysctl ?? {}, seccomp: !request.privileged, maskedPaths: [], readonlyPaths: [] },
  }
}

function depth(mount: OciMount): number {
  return mount.destination.split('/').filter((part) => part !== '').length
}

export function changedCapabilities(base: readonly string[], add: readonly string[], drop: readonly string[]): string[] {
  const plain = (names: readonly string[]): string[] => names.map((name) => name.toUpperCase().replace(/^CAP_/, ''))
  const dropped = new Set(plain(drop))
  const added = plain(add)
  const from = added.includes('ALL') ? allCapabilities : dropped.has('ALL') ? [] : base
  return [...new Set([...from.filter((name) => !dropped.has(name)), ...added.filter((name) => name !== 'ALL')])]
}

/** The image's environment, the path it lacks, and what was asked for on top. */
export function environmentOf(config: ImageConfig, more: readonly string[]): string[] {
  const env = new Map<string, string>()
  for (const entry of [...(config.Env?.some((one) => one.startsWith('PATH=')) ? [] : [defaultPath]), ...(config.Env ?? []), ...more]) env.set(entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1))
  return [...env].map(([name, value]) => `${name}=${value}`)
}

/** Users of a root file system. */
export function userFilesOf(files: Files, root: string): UserFiles {
  const read = (path: string): string => (files.exists(`${root}${path}`)?.type === 'file' ? files.readText(`${root}${path}`) : '')
  return { passwd: read('/etc/passwd'), group: read('/etc/group') }
}

export const ownNamespaces = (network: OciNamespace | undefined): OciSpec['linux']['namespaces'] => ({ pid: 'new', ipc: 'new', uts: 'new', ...(network === undefined ? {} : { network }) })
