/** `dpkg` and `dpkg-query`: asking what is installed. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { findInstalled, installed, type InstalledPackage, stanza } from './database'

async function fail(process: Process, text: string, code = 1): Promise<number> {
  await process.stderr.write(text)
  return code
}

function dpkgProgram(name: 'dpkg' | 'dpkg-query'): Program {
  return {
    name,
    unsupported: 'installing .deb files',
    async run(process) {
      const [action = '', ...rest] = process.argv.slice(1)
      const operands = rest.filter((arg) => !arg.startsWith('-'))
      const known = actions[action]
      if (known) return known(process, action === '-W' || action === '--show' ? rest : operands)
      if (['-i', '--install', '-r', '--remove', '-P', '--purge', '--configure'].includes(action)) return fail(process, `${name}: ${action} is not supported in this simulation: use apt-get\n`, 2)
      return fail(process, `${name}: error: ${action === '' ? 'need an action option' : `unknown option ${action}`}\n\nType dpkg --help for help about installing and deinstalling packages [*];\n`, 2)
    },
  }
}

const actions: Readonly<Record<string, (process: Process, operands: readonly string[]) => Promise<number>>> = {
  '-l': list, '--list': list, '-s': status, '--status': status, '-L': listFiles, '--listfiles': listFiles, '-S': search, '--search': search, '-W': show, '--show': show,
  '--get-selections': (process) => say(process, installed(process.files).map((each) => `${each.facts.name}\t\t\t\t\t\t${each.held ? 'hold' : 'install'}\n`).join('')),
  '--print-architecture': (process) => say(process, 'amd64\n'),
  '--version': (process) => say(process, "Debian 'dpkg' package management program version 1.21.22 (amd64).\n"),
}

async function say(process: Process, text: string): Promise<number> {
  await process.stdout.write(text)
  return 0
}

export const dpkg = dpkgProgram('dpkg')
export const dpkgQuery = dpkgProgram('dpkg-query')

async function list(process: Process, patterns: readonly string[]): Promise<number> {
  const all = installed(process.files)
  const matches = (name: string, pattern: string): boolean => new RegExp(`^${pattern.replace(/[.+^${}()|\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`).test(name)
  const chosen = patterns.length === 0 ? all : all.filter((each) => patterns.some((pattern) => matches(each.facts.name, pattern)))
  if (chosen.length > 0) await process.stdout.write(table(chosen))
  const missing = patterns.filter((pattern) => !all.some((each) => matches(each.facts.name, pattern)))
  for (const pattern of missing) await process.stderr.write(`dpkg-query: no packages found matching ${pattern}\n`)
  return missing.length > 0 ? 1 : 0
}

function table(chosen: readonly InstalledPackage[]): string {
  const width = (least: number, texts: readonly string[]): number => Math.max(least, ...texts.map((text) => text.length))
  const widths = [width(14, chosen.map((each) => each.facts.name)), width(12, chosen.map((each) => each.version)), 12, Math.max(33, ...chosen.map((each) => each.facts.summary.length))] as const
  const rule = chosen.length === 1 && (chosen[0]?.facts.summary.length ?? 0) <= 33 ? 33 : widths[3]
  const row = (cells: readonly string[]): string => `${(cells[0] ?? '').padEnd(widths[0])} ${(cells[1] ?? '').padEnd(widths[1])} ${(cells[2] ?? '').padEnd(12)} ${cells[3] ?? ''}`
  return `Desired=Unknown/Install/Remove/Purge/Hold\n| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n||/ ${row(['Name', 'Version', 'Architecture', 'Description'])}\n+++-${'='.repeat(widths[0])}-${'='.repeat(widths[1])}-${'='.repeat(12)}-${'='.repeat(rule)}\n${chosen.map((each) => `${each.held ? 'hi' : 'ii'}  ${row([each.facts.name, each.version, 'amd64', each.facts.summary])}\n`).join('')}`
}

async function status(process: Process, names: readonly string[]): Promise<number> {
  let code = 0
  for (const name of names) {
    const found = findInstalled(process.files, name)
    if (found) await process.stdout.write(`${stanza(found)}\n`)
    else code = await fail(process, `dpkg-query: package '${name}' is not installed and no information is available\nUse dpkg --info (= dpkg-deb --info) to examine archive files.\n`)
  }
  return code
}

async function listFiles(process: Process, names: readonly string[]): Promise<number> {
  let code = 0
  for (const name of names) {
    const found = findInstalled(process.files, name)
    if (found) await process.stdout.write(`/.\n${found.facts.programs.map((path) => `${path}\n`).join('')}`)
    else code = await fail(process, `dpkg-query: package '${name}' is not installed\nUse dpkg --contents (= dpkg-deb --contents) to list archive files contents.\n`)
  }
  return code
}

async function search(process: Process, patterns: readonly string[]): Promise<number> {
  let code = 0
  for (const pattern of patterns) {
    const owner = installed(process.files).filter((each) => each.facts.programs.some((path) => path === pattern || (!pattern.startsWith('/') && path.includes(pattern))))
    if (owner.length > 0) for (const each of owner) for (const path of each.facts.programs.filter((one) => one === pattern || (!pattern.startsWith('/') && one.includes(pattern)))) await process.stdout.write(`${each.facts.name}: ${path}\n`)
    else code = await fail(process, `dpkg-query: no path found matching pattern ${pattern}\n`)
  }
  return code
}

async function show(process: Process, args: readonly string[]): Promise<number> {
  let format = '${Package}\\t${Version}\\n'
  const names: string[] = []
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string
    if (arg === '-f' || arg === '--showformat') format = args[++index] ?? format
    else if (arg.startsWith('-f=') || arg.startsWith('--showformat=')) format = arg.slice(arg.indexOf('=') + 1)
    else names.push(arg)
  }
  const all = installed(process.files)
  const chosen = names.length === 0 ? all : all.filter((each) => names.includes(each.facts.name))
  const value = (each: InstalledPackage, field: string): string => ({ package: each.facts.name, 'binary:package': each.facts.name, version: each.version, architecture: 'amd64', status: `${each.held ? 'hold' : 'install'} ok installed`, 'db:status-abbrev': each.held ? 'hi ' : 'ii ', priority: each.facts.priority, section: each.facts.section, 'binary:summary': each.facts.summary, description: each.facts.summary })[field.toLowerCase()] ?? ''
  await process.stdout.write(chosen.map((each) => format.replace(/\$\{([^};]+)(?:;-?\d+)?\}/g, (_, field: string) => value(each, field)).replace(/\\n/g, '\n').replace(/\\t/g, '\t')).join(''))
  const missing = names.filter((name) => !chosen.some((each) => each.facts.name === name))
  for (const name of missing) await process.stderr.write(`dpkg-query: no packages found matching ${name}\n`)
  return missing.length > 0 ? 1 : 0
}
