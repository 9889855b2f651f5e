/** What enable, disable, mask and their kin do to the links on disk, in systemctl's words. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'
import { findFragment, loadUnitFile, settings, unitDirectories, words } from '#engine/linux/systemd/unitfile'

const home = '/etc/systemd/system'

export type FileState = 'enabled' | 'disabled' | 'static' | 'masked' | 'alias' | 'indirect' | 'linked' | 'generated' | 'transient' | 'enabled-runtime'

export interface InstallOutcome {
  /** `Created symlink A → B.` and `Removed "A".` */
  readonly changes: readonly string[]
  readonly error?: string
  readonly hasInstallSection: boolean
}

/** Undefined where there is no such file. */
export function fileState(files: Files, name: string): FileState | undefined {
  const fragment = findFragment(files, name) ?? findFragment(files, name.replace(/@.+\./, '@.'))
  if (!fragment) return undefined
  if (fragment.masked) return 'masked'
  if (fragment.path.startsWith('/run/systemd/transient')) return 'transient'
  const own = linkTarget(files, `${home}/${name}`)
  if (own && !own.endsWith(`/${name}`) && own.split('/').pop() !== name) return 'alias'
  if (linksTo(files, name).length > 0) return 'enabled'
  const unit = loadUnitFile(files, name, '')
  const wants = [...words(unit, 'Install', 'WantedBy'), ...words(unit, 'Install', 'RequiredBy'), ...words(unit, 'Install', 'Alias')]
  if (wants.length > 0) return 'disabled'
  return settings(unit, 'Install', 'Also').length > 0 ? 'indirect' : 'static'
}

export function enable(files: Files, name: string): InstallOutcome {
  const fragment = findFragment(files, name) ?? findFragment(files, name.replace(/@.+\./, '@.'))
  if (!fragment) return { changes: [], error: `Unit file ${name} does not exist.`, hasInstallSection: false }
  if (fragment.masked) return { changes: [], error: `Unit file ${fragment.path} is masked.`, hasInstallSection: false }
  const unit = loadUnitFile(files, name, '')
  const changes: string[] = []
  const link = (path: string): void => {
    if (linkTarget(files, path) === fragment.path) return
    files.mkdirAll(path.slice(0, path.lastIndexOf('/')))
    remove(files, path)
    files.symlink(fragment.path, path)
    changes.push(`Created symlink ${path} → ${fragment.path}.`)
  }
  for (const alias of words(unit, 'Install', 'Alias')) link(`${home}/${alias}`)
  for (const target of words(unit, 'Install', 'WantedBy')) link(`${home}/${target}.wants/${name}`)
  for (const target of words(unit, 'Install', 'RequiredBy')) link(`${home}/${target}.requires/${name}`)
  const also = words(unit, 'Install', 'Also').filter((each) => each !== name && findFragment(files, each))
  for (const each of also) if (fileState(files, each) !== 'enabled') changes.push(...enable(files, each).changes)
  return { changes, hasInstallSection: unit.sections.has('Install') && (unit.sections.get('Install')?.size ?? 0) > 0 }
}

export function disable(files: Files, name: string): InstallOutcome {
  if (!findFragment(files, name) && !findFragment(files, name.replace(/@.+\./, '@.')) && linksTo(files, name).length === 0) return { changes: [], error: `Unit file ${name} does not exist.`, hasInstallSection: false }
  const changes: string[] = []
  for (const path of linksTo(files, name)) {
    files.unlink(path)
    changes.push(`Removed "${path}".`)
  }
  const unit = loadUnitFile(files, name, '')
  for (const each of words(unit, 'Install', 'Also')) if (each !== name && findFragment(files, each)) changes.push(...disable(files, each).changes)
  return { changes, hasInstallSection: unit.sections.has('Install') && (unit.sections.get('Install')?.size ?? 0) > 0 }
}

export function mask(files: Files, name: string): InstallOutcome {
  const path = `${home}/${name}`
  if (linkTarget(files, path) === '/dev/null') return { changes: [], hasInstallSection: true }
  if (exists(files, path)) return { changes: [], error: `File ${path} already exists.`, hasInstallSection: true }
  files.symlink('/dev/null', path)
  return { changes: [`Created symlink ${path} → /dev/null.`], hasInstallSection: true }
}

export function unmask(files: Files, name: string): InstallOutcome {
  const path = `${home}/${name}`
  if (linkTarget(files, path) !== '/dev/null') return { changes: [], hasInstallSection: true }
  files.unlink(path)
  return { changes: [`Removed "${path}".`], hasInstallSection: true }
}

/** Links in .wants and .requires directories, and aliases, that lead to a unit. */
export function linksTo(files: Files, name: string): string[] {
  const found: string[] = []
  if (!files.exists(home)) return found
  for (const entry of files.readDirectory(home)) {
    const path = `${home}/${entry.name}`
    if (entry.type === 'symlink' && entry.name !== name && linkTarget(files, path)?.split('/').pop() === name) found.push(path)
    if (entry.type !== 'directory' || !/\.(wants|requires|upholds)$/.test(entry.name)) continue
    if (exists(files, `${path}/${name}`)) found.push(`${path}/${name}`)
  }
  return found.sort()
}

/** Every unit file there is, by name. */
export function allUnitFiles(files: Files): string[] {
  const names = new Set<string>()
  for (const directory of unitDirectories) {
    if (files.exists(directory)?.type !== 'directory') continue
    for (const entry of files.readDirectory(directory)) if (entry.type !== 'directory' && /\.(service|target|timer|socket|slice|mount|path|swap|automount)$/.test(entry.name)) names.add(entry.name)
  }
  return [...names].sort()
}

function linkTarget(files: Files, path: string): string | undefined {
  try {
    return files.readlink(path)
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

function exists(files: Files, path: string): boolean {
  try {
    return files.lstat(path) !== undefined
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

function remove(files: Files, path: string): void {
  if (exists(files, path)) files.unlink(path)
}
