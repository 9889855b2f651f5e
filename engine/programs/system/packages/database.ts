/** What is installed, in which version, and what is held: /var/lib/dpkg/status, once anything was changed. */
import { decodeExecutable, encodeExecutable } from '#engine/linux/abi/executable'
import type { Files } from '#engine/linux/abi/files'
import { catalogue, type PackageFacts } from './catalogue.table'

export interface InstalledPackage {
  readonly facts: PackageFacts
  readonly version: string
  readonly held: boolean
}

const statusPath = '/var/lib/dpkg/status'
const holdsPath = '/var/lib/dpkg/holds'

export function installed(files: Files): InstalledPackage[] {
  const holds = heldNames(files)
  return catalogue.filter((facts) => files.exists(facts.programs[0] ?? '')).map((facts) => ({ facts, version: versionOnDisk(files, facts), held: holds.has(facts.name) }))
}

export function findInstalled(files: Files, name: string): InstalledPackage | undefined {
  return installed(files).find((each) => each.facts.name === name)
}

export function findPackage(name: string): PackageFacts | undefined {
  return catalogue.find((each) => each.name === name.replace(/:amd64$/, ''))
}

/** A Kubernetes program says its version itself. */
function versionOnDisk(files: Files, facts: PackageFacts): string {
  const newest = facts.versions.at(-1) ?? ''
  if (facts.versions.length < 2) return newest
  const path = facts.programs[0] ?? ''
  const given = decodeExecutable(files.readFile(path).subarray(0, 4096))?.attributes['version']?.replace(/^v/, '')
  return facts.versions.find((version) => version.split('-')[0] === given) ?? newest
}

/** Puts another version of a package's programs on disk. */
export function installVersion(files: Files, facts: PackageFacts, version: string): void {
  for (const path of facts.programs) {
    const name = path.split('/').pop() ?? path
    const before = files.exists(path)
    const program = before ? (decodeExecutable(files.readFile(path).subarray(0, 4096))?.program ?? name) : name
    files.writeFile(path, encodeExecutable(program, { version: `v${version.split('-')[0] ?? ''}` }), 0o755)
    if (before && before.size > 4096) files.truncate(path, before.size)
  }
}

export function removePackage(files: Files, facts: PackageFacts): void {
  for (const path of facts.programs) if (files.exists(path)?.type === 'file') files.unlink(path)
}

export function heldNames(files: Files): Set<string> {
  return new Set(files.exists(holdsPath) ? files.readText(holdsPath).split('\n').filter(Boolean) : [])
}

export function setHolds(files: Files, names: ReadonlySet<string>): void {
  files.mkdirAll('/var/lib/dpkg')
  files.writeFile(holdsPath, [...names].sort().map((name) => `${name}\n`).join(''))
  files.writeFile(statusPath, installed(files).map((each) => `${stanza(each)}\n`).join(''))
}

/** The paragraph of `dpkg -s`. */
export function stanza({ facts, version, held }: InstalledPackage): string {
  return `Package: ${facts.name}\n${facts.essential ? 'Essential: yes\n' : ''}Status: ${held ? 'hold' : 'install'} ok installed\nPriority: ${facts.priority}\nSection: ${facts.section}\nInstalled-Size: 7164\nMaintainer: Debian Maintainers <debian-devel@lists.debian.org>\nArchitecture: amd64\nVersion: ${version}\nDescription: ${facts.summary}\n`
}
