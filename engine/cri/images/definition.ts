/**
 * An image as data: its names, its configuration, and its root file system as layers of files. A registry serves
 * definitions; the content store lays them on a machine's disk.
 */
export type ImageFile =
  | { readonly kind: 'file'; readonly content: string | Uint8Array; readonly mode?: number; readonly uid?: number; readonly gid?: number }
  /** An executable: the name of a program of the simulation, and data of its build such as `{ version: '1.27.5' }`. */
  | { readonly kind: 'program'; readonly program: string; readonly attributes?: Readonly<Record<string, string>>; readonly mode?: number }
  | { readonly kind: 'directory'; readonly mode?: number; readonly uid?: number; readonly gid?: number }
  | { readonly kind: 'symlink'; readonly target: string }
  /** Removes what a lower layer has there. */
  | { readonly kind: 'whiteout' }

/** By absolute path. Missing parents are made with mode 0755. */
export type ImageFiles = Readonly<Record<string, ImageFile>>

/** A layer is shared by identity: images made from the same layer object share one snapshot on disk. */
export interface ImageLayer {
  readonly files: ImageFiles
  /** The layer as a tar archive, compressed or not, instead of files. */
  readonly archive?: Uint8Array
  /** Compressed size as the registry tells it; default: what the files hold. */
  readonly sizeBytes?: number
  readonly createdBy?: string
}

/** The fields of the OCI image configuration that a runtime reads. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Env?: readonly string[]
  readonly WorkingDir?: string
  readonly User?: string
  readonly ExposedPorts?: Readonly<Record<string, object>>
  readonly Volumes?: Readonly<Record<string, object>>
  readonly Labels?: Readonly<Record<string, string>>
  readonly StopSignal?: string
  readonly Healthcheck?: ImageHealthcheck
  readonly OnBuild?: readonly string[]
  readonly Shell?: readonly string[]
}

/** How a container of the image is asked whether it is well. Durations in nanoseconds. */
export interface ImageHealthcheck {
  readonly Test: readonly string[]
  readonly Interval?: number
  readonly Timeout?: number
  readonly StartPeriod?: number
  readonly Retries?: number
}

export interface ImageDefinition {
  /** Fully qualified repository without tag: `docker.io/library/nginx`, `registry.k8s.io/etcd`. */
  readonly repository: string
  readonly tags: readonly string[]
  /** Bottom first. */
  readonly layers: readonly ImageLayer[]
  readonly config: ImageConfig
  /** Total compressed size, as `crictl images` shows; default: the sum of the layers. */
  readonly sizeBytes?: number
  /** RFC 3339. */
  readonly created?: string
  /** Manifest digest `sha256:...`, where the real one is known; default: computed from the content. */
  readonly digest?: string
  /** Digest of the configuration, the image's id; default: computed. */
  readonly imageId?: string
}

/** Where the registries' images come from. Asked at every pull, so a lab may add its own. */
export interface ImageCatalogue {
  /** All definitions of a repository; undefined where there is no such repository. */
  repository(name: string): readonly ImageDefinition[] | undefined
  /** Every repository's name, for catalogues (`/v2/_catalog`). */
  names(): readonly string[]
}

export function catalogueOf(definitions: readonly ImageDefinition[]): ImageCatalogue {
  const byName = new Map<string, ImageDefinition[]>()
  for (const definition of definitions) {
    const known = byName.get(definition.repository)
    if (known) known.push(definition)
    else byName.set(definition.repository, [definition])
  }
  return { repository: (name) => byName.get(name), names: () => [...byName.keys()] }
}
