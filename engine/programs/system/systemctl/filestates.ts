/** enable, disable, mask and the like. */
import type { Process } from '#engine/linux/abi/process'
import { callManager } from '#engine/linux/systemd/bus'
import { disable, enable, type InstallOutcome, mask, unmask } from '#engine/linux/systemd/install'
import { findFragment } from '#engine/linux/systemd/unitfile'
import type { SystemctlOptions } from './options'

export type FileVerb = 'enable' | 'disable' | 'reenable' | 'mask' | 'unmask' | 'preset' | 'link' | 'revert'

const noInstall = `The unit files have no installation config (WantedBy=, RequiredBy=, Also=,
Alias= settings in the [Install] section, and DefaultInstance= for template
units). This means they are not meant to be enabled or disabled using systemctl.
 
Possible reasons for having this kind of units are:
• A unit may be statically enabled by being symlinked from another unit's
  .wants/ or .requires/ directory.
• A unit's purpose may be to act as a helper for some other unit which has
  a requirement dependency on it.
• A unit may be started when needed via activation (socket, path, timer,
  D-Bus, udev, scripted systemctl call, ...).
• In case of template units, the unit is meant to be enabled with some
  instance name specified.
`

export async function changeFiles(process: Process, verb: FileVerb, names: readonly string[], options: SystemctlOptions): Promise<number> {
  if (process.credentials.euid !== 0) {
    await process.stderr.write(`Failed to ${verb} unit: Interactive authentication required.\n`)
    return 1
  }
  const outcomes = names.map((name) => apply(process, verb, name))
  if (!(await report(process, verb, outcomes, options.quiet))) return 1
  if (!options.noReload) await callManager(process, 'reload', {})
  if (!options.now) return 0
  const kind = ['enable', 'unmask', 'reenable'].includes(verb) ? 'start' : 'stop'
  const answers = await callManager(process, 'job', { kind, units: names, wait: !options.noBlock })
  return answers.some((answer) => answer.result === 'failed') ? 1 : 0
}

/** Says what was done; false at the first failure. */
async function report(process: Process, verb: FileVerb, outcomes: readonly InstallOutcome[], quiet: boolean): Promise<boolean> {
  for (const outcome of outcomes) {
    for (const change of outcome.changes) if (!quiet) await process.stderr.write(`${change}\n`)
    if (outcome.error === undefined) continue
    await process.stderr.write(`Failed to ${verb} unit: ${outcome.error}\n`)
    return false
  }
  const nothing = outcomes.every((outcome) => !outcome.hasInstallSection && outcome.changes.length === 0)
  if (nothing && ['enable', 'disable'].includes(verb)) await process.stderr.write(noInstall)
  return true
}

function apply(process: Process, verb: FileVerb, name: string): InstallOutcome {
  const { files } = process
  switch (verb) {
    case 'enable':
    case 'preset':
      return enable(files, name)
    case 'disable':
      return disable(files, name)
    case 'reenable': {
      const off = disable(files, name)
      const on = enable(files, name)
      return { ...on, changes: [...off.changes, ...on.changes] }
    }
    case 'mask':
      return mask(files, name)
    case 'unmask':
      return unmask(files, name)
    case 'link':
      return link(process, name)
    case 'revert':
      return revert(process, name)
  }
}

function link(process: Process, path: string): InstallOutcome {
  if (!process.files.exists(path)) return { changes: [], error: `File ${path}: No such file or directory`, hasInstallSection: true }
  const at = `/etc/systemd/system/${path.split('/').pop() ?? ''}`
  process.files.symlink(path, at)
  return { changes: [`Created symlink ${at} → ${path}.`], hasInstallSection: true }
}

/** Drops what an administrator put over a vendor's unit. */
function revert(process: Process, name: string): InstallOutcome {
  const changes: string[] = []
  const remove = (path: string): void => {
    if (!process.files.exists(path)) return
    process.files.removeAll(path)
    changes.push(`Removed "${path}".`)
  }
  remove(`/etc/systemd/system/${name}.d`)
  const vendor = process.files.exists(`/lib/systemd/system/${name}`)
  if (vendor && findFragment(process.files, name)?.path.startsWith('/etc/')) remove(`/etc/systemd/system/${name}`)
  return { changes, hasInstallSection: true }
}
