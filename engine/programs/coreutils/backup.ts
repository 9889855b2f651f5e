/** --backup: what would be overwritten is kept under another name. */
import type { Process } from '#engine/linux/abi/process'
import { choice } from '#engine/linux/abi/choices'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { isPresent } from '#engine/programs/coreutils/paths'

export const backupFlags = {
  backup: flag('-b'), backupControl: choice(optional('--backup'), [['none', 'off'], ['simple', 'never'], ['existing', 'nil'], ['numbered', 't']], { context: 'backup type', bare: 'existing' }), suffix: option('-S', '--suffix'),
} as const

interface Given {
  readonly backup: boolean
  readonly backupControl: string | undefined
  readonly suffix: string | undefined
}

export interface BackupPlan {
  readonly control: string
  readonly suffix: string
}

/** Undefined where no backups are wanted; a suffix alone asks for them. */
export function backupPlan(process: Process, o: Given): BackupPlan | undefined {
  if (!o.backup && o.backupControl === undefined && o.suffix === undefined) return undefined
  const control = o.backupControl ?? process.env.get('VERSION_CONTROL') ?? 'existing'
  return control === 'none' ? undefined : { control, suffix: o.suffix || process.env.get('SIMPLE_BACKUP_SUFFIX') || '~' }
}

/** Moves the file out of the way; returns its new name. */
export function makeBackup(process: Process, path: string, { control, suffix }: BackupPlan): string {
  const last = lastNumber(process, path)
  const numbered = control === 'numbered' || (control === 'existing' && last > 0)
  const name = numbered ? `${path}.~${last + 1}~` : path + suffix
  process.files.rename(path, name)
  return name
}

function lastNumber(process: Process, path: string): number {
  let number = 0
  while (isPresent(process, `${path}.~${number + 1}~`)) number++
  return number
}
