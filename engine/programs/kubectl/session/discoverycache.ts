/** What kubectl keeps of discovery under ~/.kube/cache: one file of groups, and one of resources for each version. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { type GroupInfo, type Mapping, type PlainResource, plainResources } from '#engine/programs/common/kube/discovery'

const lifetimeMs = 6 * 3_600_000

interface GroupFile {
  readonly groups?: readonly { readonly name: string; readonly versions: readonly { readonly version: string }[] }[]
}

/** What files of resources were read to mean: kubectl reads some thirty of them for most of what it does. */
const read = new Map<string, { readonly group: string; readonly version: string; readonly resources: readonly Mapping[] }>()
const mostRead = 500

export class DiscoveryCache {
  private readonly folder: string

  constructor(
    private readonly process: Process,
    cacheDirectory: string,
    server: string,
  ) {
    const address = server.replace(/^[a-z]+:\/\//, '').replace(/[^A-Za-z0-9_.)(-]/g, '_')
    this.folder = `${cacheDirectory}/discovery/${address}`
  }

  /** Undefined where anything is missing, too old or unreadable. */
  read(): GroupInfo[] | undefined {
    try {
      const { groups = [] } = this.json<GroupFile>(`${this.folder}/servergroups.json`)
      return groups.map(({ name, versions }) => ({ name, versions: versions.map(({ version }) => ({ version, stale: false, resources: this.resources(name, version) })) }))
    } catch {
      // As client-go: what cannot be read is asked for again.
      return undefined
    }
  }

  private resources(group: string, version: string): readonly Mapping[] {
    const text = this.text(`${this.folder}/${groupVersion(group, version)}/serverresources.json`)
    const known = read.get(text)
    if (known?.group === group && known.version === version) return known.resources
    const resources = plainResources(group, version, (JSON.parse(text) as { resources?: PlainResource[] }).resources ?? [])
    if (read.size >= mostRead) read.clear()
    read.set(text, { group, version, resources })
    return resources
  }

  private json<T>(path: string): T {
    return JSON.parse(this.text(path)) as T
  }

  private text(path: string): string {
    const { files, clock } = this.process
    if (clock.now() - files.stat(path).mtimeMs > lifetimeMs) throw new Error('too old')
    return files.readText(path)
  }

  write(groups: readonly GroupInfo[]): void {
    try {
      for (const group of groups) for (const { version, resources, stale } of group.versions) if (!stale) this.save(groupVersion(group.name, version), 'serverresources.json', resourceList(group.name, version, resources))
      this.save('', 'servergroups.json', groupList(groups))
    } catch (error) {
      // A home that cannot be written to has no cache.
      if (!isErrno(error)) throw error
    }
  }

  private save(folder: string, name: string, value: unknown): void {
    const path = folder === '' ? this.folder : `${this.folder}/${folder}`
    this.process.files.mkdirAll(path, 0o750)
    this.process.files.replaceFile(`${path}/${name}`, JSON.stringify(value), 0o660)
  }
}

function groupVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`
}

function groupList(groups: readonly GroupInfo[]): unknown {
  const entry = (group: string, version: string): object => ({ groupVersion: groupVersion(group, version), version })
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(({ name, versions }) => ({ name, versions: versions.map(({ version }) => entry(name, version)), preferredVersion: entry(name, versions[0]?.version ?? '') })) }
}

function resourceList(group: string, version: string, resources: readonly Mapping[]): unknown {
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: groupVersion(group, version), resources: resources.flatMap((mapping) => resourceEntries(group, version, mapping)) }
}

function resourceEntries(group: string, version: string, mapping: Mapping): object[] {
  const { resource, singular, namespaced, kind, verbs, shortNames, categories, subresources } = mapping
  const own = { name: resource, singularName: singular, namespaced, kind, verbs, ...(shortNames.length > 0 ? { shortNames } : {}), ...(categories.length > 0 ? { categories } : {}) }
  const below = subresources.map((sub) => ({ name: `${resource}/${sub.name}`, singularName: singular, namespaced, ...foreign(sub.responseKind, group, version), kind: sub.responseKind?.kind ?? kind, verbs: sub.verbs }))
  return [own, ...below]
}

/** Group and version of a subresource that is of another one (a Scale). */
function foreign(kind: Mapping['subresources'][number]['responseKind'], group: string, version: string): object {
  return kind && (kind.group !== group || kind.version !== version) ? { group: kind.group, version: kind.version } : {}
}
