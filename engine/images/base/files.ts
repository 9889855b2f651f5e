/** Helpers to write root file systems as tables. */
import type { ImageFile, ImageFiles } from '#engine/cri/images/definition'

export function text(content: string, mode?: number): ImageFile {
  return { kind: 'file', content, ...(mode === undefined ? {} : { mode }) }
}

export function program(name: string, attributes?: Readonly<Record<string, string>>): ImageFile {
  return { kind: 'program', program: name, ...(attributes ? { attributes } : {}) }
}

export function link(target: string): ImageFile {
  return { kind: 'symlink', target }
}

export function directory(mode?: number): ImageFile {
  return { kind: 'directory', ...(mode === undefined ? {} : { mode }) }
}

/** Executables named as their programs, below a directory. */
export function commands(below: string, names: readonly string[], attributes?: Readonly<Record<string, string>>): ImageFiles {
  return Object.fromEntries(names.map((name) => [`${below}/${name}`, program(name, attributes)]))
}

/** Executables whose program has another name: `{ wget: 'busybox-wget' }`. */
export function aliased(below: string, names: Readonly<Record<string, string>>, attributes?: Readonly<Record<string, string>>): ImageFiles {
  return Object.fromEntries(Object.entries(names).map(([name, target]) => [`${below}/${name}`, program(target, attributes)]))
}

export const commonDirectories: ImageFiles = {
  '/dev': directory(), '/proc': directory(), '/sys': directory(), '/run': directory(), '/tmp': directory(0o1777), '/root': directory(0o700), '/home': directory(), '/mnt': directory(), '/opt': directory(), '/srv': directory(), '/var/log': directory(), '/var/tmp': directory(0o1777), '/usr/local/bin': directory(),
}
