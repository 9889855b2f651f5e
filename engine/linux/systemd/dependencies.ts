/** What units pull in and wait for: from their files, from .wants and .requires directories, and by default. */
import type { UnitManager } from '#engine/linux/systemd/context'
import type { Unit } from '#engine/linux/systemd/unit'
import { isTrue, setting, unitDirectories } from '#engine/linux/systemd/unitfile'

export interface Requirements {
  /** Their failure is this unit's failure. */
  readonly strong: readonly string[]
  readonly weak: readonly string[]
}

export function requirementsOf(manager: UnitManager, unit: Unit): Requirements {
  const strong = [...unit.list('Requires'), ...unit.list('BindsTo'), ...unit.list('Requisite'), ...linked(manager, unit.name, 'requires')]
  const weak = [...unit.list('Wants'), ...unit.list('Upholds'), ...linked(manager, unit.name, 'wants')]
  if (unit.file.type === 'service' && hasDefaults(unit)) strong.push('sysinit.target', unit.slice)
  if (unit.file.type === 'timer' || unit.file.type === 'socket' || unit.file.type === 'path') strong.push('sysinit.target')
  const exists = (name: string): boolean => manager.unit(name).file.loadState === 'loaded'
  return { strong: [...new Set(strong)].filter((name) => unit.list('Requires').includes(name) || exists(name)), weak: [...new Set(weak)] }
}

/** Units that this one waits for, where both are being started. */
export function afterOf(manager: UnitManager, unit: Unit): Unit[] {
  const names = new Set(unit.list('After'))
  for (const other of manager.units.values()) if (other.list('Before').includes(unit.name)) names.add(other.name)
  if (unit.file.type === 'target' && hasDefaults(unit)) {
    const { strong, weak } = requirementsOf(manager, unit)
    for (const name of [...strong, ...weak]) if (!manager.units.get(name)?.list('After').includes(unit.name)) names.add(name)
  }
  if (unit.file.type === 'service' && hasDefaults(unit)) for (const name of ['sysinit.target', 'basic.target', unit.slice]) names.add(name)
  names.delete(unit.name)
  return [...names].flatMap((name) => manager.units.get(name) ?? [])
}

function hasDefaults(unit: Unit): boolean {
  return isTrue(setting(unit.file, 'Unit', 'DefaultDependencies'), true)
}

function linked(manager: UnitManager, name: string, kind: 'wants' | 'requires'): string[] {
  const { files } = manager.process
  const out: string[] = []
  for (const directory of unitDirectories) {
    const path = `${directory}/${name}.${kind}`
    if (files.exists(path)?.type !== 'directory') continue
    for (const entry of files.readDirectory(path)) out.push(entry.name)
  }
  return [...new Set(out)]
}
