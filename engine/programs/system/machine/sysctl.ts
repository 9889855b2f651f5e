/** `sysctl`, and what applies its files at boot. */
import { flag, option, optional, parseFlags } from '#engine/linux/abi/flags'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { fail, simple } from './identity'

export const sysctl = simple('sysctl', async (process, args) => {
  const { values, operands } = parseFlags({ all: flag('-a', '-A', '--all', '-X'), write: flag('-w', '--write'), values: flag('-n', '--values'), names: flag('-N', '--names'), quiet: flag('-q', '--quiet'), ignore: flag('-e', '--ignore'), load: optional('-p', '--load'), system: flag('--system'), binary: flag('-b', '--binary'), pattern: option('-r', '--pattern') }, args, false)
  if (values.system || values.load !== undefined) return loadSettings(process, values.system ? undefined : values.load || operands[0] || '/etc/sysctl.conf', values.quiet)
  if (values.all) {
    for (const name of settingNames(process, '/proc/sys')) await process.stdout.write(`${name} = ${readSetting(process, name) ?? ''}\n`)
    return 0
  }
  if (operands.length === 0) return fail(process, `\nUsage:\n sysctl [options] [variable[=value] ...]\n\nFor more details see sysctl(8).\n`)
  let code = 0
  for (const operand of operands) code = (await oneSetting(process, operand, values)) || code
  return code
})

function pathOfSetting(name: string): string {
  return `/proc/sys/${name.includes('/') ? name : name.replace(/\./g, '/')}`
}

function settingNames(process: Process, directory: string): string[] {
  return process.files.readDirectory(directory).flatMap((entry) => (entry.type === 'directory' ? settingNames(process, `${directory}/${entry.name}`) : [`${directory}/${entry.name}`.slice('/proc/sys/'.length).replace(/\//g, '.')]))
}

function readSetting(process: Process, name: string): string | undefined {
  const path = pathOfSetting(name)
  return process.files.exists(path)?.type === 'file' ? process.files.readText(path).replace(/\n$/, '') : undefined
}

async function oneSetting(process: Process, operand: string, values: { values: boolean; names: boolean; quiet: boolean; ignore: boolean }): Promise<number> {
  const equals = operand.indexOf('=')
  const name = (equals < 0 ? operand : operand.slice(0, equals)).trim().replace(/\//g, '.')
  if (equals >= 0) return writeSetting(process, name, operand.slice(equals + 1).trim(), values.quiet)
  if (process.files.exists(pathOfSetting(name))?.type === 'directory') {
    for (const each of settingNames(process, pathOfSetting(name))) await process.stdout.write(`${each} = ${readSetting(process, each) ?? ''}\n`)
    return 0
  }
  const value = readSetting(process, name)
  if (value === undefined) return values.ignore ? 0 : fail(process, `sysctl: cannot stat ${pathOfSetting(name)}: No such file or directory\n`)
  await process.stdout.write(values.values ? `${value}\n` : values.names ? `${name}\n` : `${name} = ${value}\n`)
  return 0
}

async function writeSetting(process: Process, name: string, value: string, quiet: boolean): Promise<number> {
  const path = pathOfSetting(name)
  if (!process.files.exists(path)) return fail(process, `sysctl: cannot stat ${path}: No such file or directory\n`)
  try {
    process.files.writeFile(path, `${value}\n`)
  } catch (error) {
    if (!isErrno(error)) throw error
    return fail(process, error.code === 'EACCES' || error.code === 'EPERM' ? `sysctl: permission denied on key "${name}"${process.credentials.euid === 0 ? '' : ', ignoring'}\n` : `sysctl: setting key "${name}": ${error.message}\n`)
  }
  if (!quiet) await process.stdout.write(`${name} = ${value}\n`)
  return 0
}

async function loadSettings(process: Process, path: string | undefined, quiet: boolean): Promise<number> {
  const { files } = process
  const directories = ['/usr/lib/sysctl.d', '/run/sysctl.d', '/etc/sysctl.d'].filter((directory) => files.exists(directory))
  const paths = path === undefined ? [...directories.flatMap((directory) => files.readDirectory(directory).filter((entry) => entry.name.endsWith('.conf')).map((entry) => `${directory}/${entry.name}`)).sort((a, b) => ((a.split('/').pop() ?? '') < (b.split('/').pop() ?? '') ? -1 : 1)), '/etc/sysctl.conf'] : [path]
  let code = 0
  for (const each of paths) {
    if (!files.exists(each)) {
      if (path !== undefined) code = await fail(process, `sysctl: cannot open "${each}": No such file or directory\n`, 255)
      continue
    }
    if (path === undefined && !quiet) await process.stdout.write(`* Applying ${each} ...\n`)
    for (const [index, raw] of files.readText(each).split('\n').entries()) {
      const line = raw.trim()
      const match = /^-?([^#;=\s][^=]*?)\s*=\s*(.*)$/.exec(line)
      if (match) code = (await writeSetting(process, (match[1] as string).replace(/\//g, '.'), match[2] as string, quiet)) || code
      else if (line !== '' && !/^[#;]/.test(line)) await process.stderr.write(`sysctl: ${each}(${index + 1}): invalid syntax, continuing...\n`)
    }
  }
  return code
}

/** `systemd-sysctl.service`: the files of sysctl.d, quietly; what cannot be set is logged and forgiven. */
export const systemdSysctl = simple('systemd-sysctl', async (process) => {
  await loadSettings(process, undefined, true)
  return 0
}, 'prefixes and patterns')
