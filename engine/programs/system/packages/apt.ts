/** `apt`, `apt-get`, `apt-cache`, `apt-mark`. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { catalogue, type PackageFacts } from './catalogue.table'
import { findInstalled, findPackage, heldNames, installed, installVersion, removePackage, setHolds } from './database'

const version = 'apt 2.6.1 (amd64)\n'
const markUsage = `${version}Usage: apt-mark [options] {auto|manual} pkg1 [pkg2 ...]

apt-mark is a simple command line interface for marking packages
as manually or automatically installed. It can also be used to
manipulate the dpkg(1) selection states of packages, and to list
all packages with or without a certain marking.

Most used commands:
  auto - Mark the given packages as automatically installed
  manual - Mark the given packages as manually installed
  minimize-manual - Mark all dependencies of meta packages as automatically installed.
  hold - Mark a package as held back
  unhold - Unset a package set as held back
  showauto - Print the list of automatically installed packages
  showmanual - Print the list of manually installed packages
  showhold - Print the list of packages on hold

See apt-mark(8) for more information about the available commands.
Configuration options and syntax is detailed in apt.conf(5).
Information about how to configure sources can be found in sources.list(5).
Package and version choices can be expressed via apt_preferences(5).
Security details are available in apt-secure(8).
`
const lists = 'Reading package lists...\nBuilding dependency tree...\nReading state information...\n'

async function fail(process: Process, text: string, code = 100): Promise<number> {
  await process.stderr.write(text)
  return code
}

async function say(process: Process, text: string): Promise<number> {
  await process.stdout.write(text)
  return 0
}

export const aptMark: Program = {
  name: 'apt-mark',
  async run(process) {
    const [action, ...names] = process.argv.slice(1).filter((arg) => !arg.startsWith('-'))
    if (action === undefined) {
      await process.stdout.write(markUsage)
      return 1
    }
    if (action === 'showhold') return say(process, [...heldNames(process.files)].sort().map((name) => `${name}\n`).join(''))
    if (action === 'showmanual' || action === 'showauto') return say(process, action === 'showauto' ? '' : installed(process.files).map((each) => `${each.facts.name}\n`).join(''))
    if (action === 'auto' || action === 'manual') return say(process, names.map((name) => `${name} set to ${action === 'auto' ? 'automatically' : 'manually'} installed.\n`).join(''))
    if (action !== 'hold' && action !== 'unhold') return fail(process, `E: Invalid operation ${action}\n`)
    return hold(process, action, names)
  },
}

async function hold(process: Process, action: 'hold' | 'unhold', names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !findPackage(name))
  if (unknown.length > 0) return fail(process, `${unknown.map((name) => `E: Unable to locate package ${name}\n`).join('')}${unknown.length === names.length ? 'E: No packages found\n' : ''}`)
  if (process.credentials.euid !== 0) return fail(process, 'E: Could not create temporary file for /var/lib/dpkg/status - mkstemp (13: Permission denied)\n')
  const holds = heldNames(process.files)
  for (const name of names) {
    const was = holds.has(name)
    if (action === 'hold') holds.add(name)
    else holds.delete(name)
    await process.stdout.write(action === 'hold' ? `${name} ${was ? 'was already set on hold' : 'set on hold'}.\n` : was ? `Canceled hold on ${name}.\n` : `${name} was already not on hold.\n`)
  }
  setHolds(process.files, holds)
  return 0
}

/** Versions that the machine's sources offer. */
function offered(process: Process, facts: PackageFacts): string[] {
  if (facts.versions.length < 2) return [...facts.versions]
  const directory = '/etc/apt/sources.list.d'
  const sources = process.files.exists(directory) ? process.files.readDirectory(directory).map((entry) => process.files.readText(`${directory}/${entry.name}`)).join('\n') : ''
  const minors = [...sources.matchAll(/\/v(1\.\d+)\//g)].map((match) => match[1] as string)
  const found = facts.versions.filter((each) => minors.length === 0 || minors.some((minor) => each.startsWith(`${minor}.`)))
  const own = findInstalled(process.files, facts.name)?.version
  return own === undefined || found.includes(own) ? found : [own, ...found]
}

function repositoryOf(facts: PackageFacts, each: string): string {
  return facts.versions.length < 2 ? 'http://deb.debian.org/debian bookworm/main amd64 Packages' : `https://pkgs.k8s.io/core:/stable:/v${each.split('.').slice(0, 2).join('.')}/deb  Packages`
}

export const aptCache: Program = {
  name: 'apt-cache',
  unsupported: 'dependencies',
  run(process) {
    const [action = '', ...names] = process.argv.slice(1).filter((arg) => !arg.startsWith('-'))
    return cache(process, action, names)
  },
}

async function cache(process: Process, action: string, names: readonly string[]): Promise<number> {
  if (action === 'search') return say(process, catalogue.filter((facts) => names.every((name) => new RegExp(name).test(facts.name) || new RegExp(name, 'i').test(facts.summary))).map((facts) => `${facts.name} - ${facts.summary}\n`).join(''))
  const known = names.map((name) => findPackage(name)).filter((facts) => facts !== undefined)
  if (action === 'madison') return say(process, known.flatMap((facts) => offered(process, facts).reverse().map((each) => `${facts.name.padStart(10)} | ${each} | ${repositoryOf(facts, each)}\n`)).join(''))
  if (action === 'policy') return say(process, known.map((facts) => policy(process, facts)).join(''))
  if (action === 'show') return known.length === 0 ? fail(process, `N: Unable to locate package ${names[0] ?? ''}\nE: No packages found\n`) : say(process, known.map((facts) => `Package: ${facts.name}\nVersion: ${offered(process, facts).at(-1) ?? ''}\nPriority: ${facts.priority}\nSection: ${facts.section}\nArchitecture: amd64\nDescription: ${facts.summary}\n\n`).join(''))
  return fail(process, ['depends', 'rdepends', 'showpkg', 'stats', 'dump', 'pkgnames'].includes(action) ? `apt-cache: ${action} is not supported in this simulation\n` : `E: Invalid operation ${action}\n`)
}

function policy(process: Process, facts: PackageFacts): string {
  const own = findInstalled(process.files, facts.name)?.version
  const versions = offered(process, facts).reverse()
  return `${facts.name}:\n  Installed: ${own ?? '(none)'}\n  Candidate: ${versions[0] ?? '(none)'}\n  Version table:\n${versions.map((each) => ` ${each === own ? '***' : '   '} ${each} 500\n        500 ${repositoryOf(facts, each)}\n${each === own ? '        100 /var/lib/dpkg/status\n' : ''}`).join('')}`
}

function aptProgram(name: 'apt' | 'apt-get'): Program {
  return {
    name,
    unsupported: 'packages beyond a small catalogue, dependencies, build-dep, source',
    async run(process) {
      const args = process.argv.slice(1)
      const operands: string[] = []
      for (let index = 0; index < args.length; index++) {
        const arg = args[index] as string
        if (arg === '-o' || arg === '-t' || arg === '-c') index++
        else if (!arg.startsWith('-')) operands.push(arg)
      }
      const [action, ...names] = operands
      if (args.includes('--version') || args.includes('-v')) return say(process, version)
      if (action === undefined) return say(process, `${version}Usage: ${name} [options] command\n`)
      if (name === 'apt' && !process.descriptors().get(1)?.tty) await process.stderr.write('\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n')
      return perform(process, name, action, names, args)
    },
  }
}

export const apt = aptProgram('apt')
export const aptGet = aptProgram('apt-get')

async function perform(process: Process, name: string, action: string, names: readonly string[], args: readonly string[]): Promise<number> {
  const simulate = args.some((arg) => ['-s', '--simulate', '--dry-run', '--just-print'].includes(arg))
  const needsRoot = !simulate && ['update', 'install', 'remove', 'purge', 'upgrade', 'dist-upgrade', 'full-upgrade', 'autoremove', 'clean'].includes(action)
  if (needsRoot && process.credentials.euid !== 0) return fail(process, 'E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n')
  if (name === 'apt' && ['show', 'search', 'policy'].includes(action)) return cache(process, action, names)
  const run = operations[action]
  return run ? run(process, names, args, simulate) : fail(process, `E: Invalid operation ${action}\n`)
}

type Operation = (process: Process, names: readonly string[], args: readonly string[], simulate: boolean) => Promise<number>

const unchanged = '0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n'
const upgrade: Operation = (process) => say(process, `${lists}Calculating upgrade...\n${unchanged}`)
const clean: Operation = async () => 0
const operations: Readonly<Record<string, Operation>> = {
  update, install, reinstall: install, upgrade, 'dist-upgrade': upgrade, 'full-upgrade': upgrade, clean, autoclean: clean, list: listPackages,
  remove: (process, names, _args, simulate) => remove(process, names, simulate),
  purge: (process, names, _args, simulate) => remove(process, names, simulate),
  autoremove: (process) => say(process, lists + unchanged),
  check: (process) => say(process, lists),
}

async function update(process: Process): Promise<number> {
  const directory = '/etc/apt/sources.list.d'
  const extra = process.files.exists(directory) ? process.files.readDirectory(directory).map((entry) => process.files.readText(`${directory}/${entry.name}`)) : []
  const urls = extra.join('\n').split('\n').filter((line) => line.startsWith('deb ')).map((line) => /https?:\/\/\S+/.exec(line)?.[0] ?? '')
  const all = ['http://deb.debian.org/debian bookworm', 'http://deb.debian.org/debian-security bookworm-security', 'http://deb.debian.org/debian bookworm-updates', ...urls]
  return say(process, `${all.map((url, index) => `Hit:${index + 1} ${url} InRelease\n`).join('')}Reading package lists...\n`)
}

async function install(process: Process, wanted: readonly string[], args: readonly string[], simulate: boolean): Promise<number> {
  await process.stdout.write(lists)
  const plan: { facts: PackageFacts; version: string; from: string | undefined }[] = []
  for (const text of wanted) {
    const [name = '', asked] = text.split('=')
    const facts = findPackage(name)
    if (!facts) return fail(process, `E: Unable to locate package ${name}\n`)
    const chosen = pick(offered(process, facts), asked)
    if (chosen === undefined) return fail(process, `E: Version '${asked ?? ''}' for '${name}' was not found\n`)
    const from = findInstalled(process.files, name)?.version
    if (asked !== undefined && chosen !== asked) await process.stdout.write(`Selected version '${chosen}' (isv:kubernetes:core:stable:v${chosen.split('.').slice(0, 2).join('.')}:pkgs.k8s.io [amd64]) for '${name}'\n`)
    if (from === chosen) await process.stdout.write(`${name} is already the newest version (${chosen}).\n`)
    else plan.push({ facts, version: chosen, from })
  }
  const held = plan.filter((each) => each.from !== undefined && heldNames(process.files).has(each.facts.name))
  if (held.length > 0 && !args.includes('--allow-change-held-packages')) return fail(process, `The following held packages will be changed:\n  ${held.map((each) => each.facts.name).join(' ')}\nE: Held packages were changed and -y was used without --allow-change-held-packages.\n`)
  return carryOut(process, plan, simulate)
}

/** The newest version, or the newest of those that `1.35.*` names. */
function pick(versions: readonly string[], asked: string | undefined): string | undefined {
  const pattern = new RegExp(`^${(asked ?? '*').replace(/[.+]/g, '\\$&').replace(/\*/g, '.*')}$`)
  return versions.filter((each) => pattern.test(each)).at(-1)
}

async function carryOut(process: Process, plan: readonly { facts: PackageFacts; version: string; from: string | undefined }[], simulate: boolean): Promise<number> {
  const fresh = plan.filter((each) => each.from === undefined)
  const upgraded = plan.filter((each) => each.from !== undefined && isNewer(each.version, each.from))
  const downgraded = plan.filter((each) => each.from !== undefined && !isNewer(each.version, each.from))
  const group = (title: string, items: typeof plan): string => (items.length === 0 ? '' : `The following ${title}:\n  ${items.map((each) => each.facts.name).join(' ')}\n`)
  await process.stdout.write(`${group('NEW packages will be installed', fresh)}${group('packages will be upgraded', upgraded)}${group('packages will be DOWNGRADED', downgraded)}${upgraded.length} upgraded, ${fresh.length} newly installed, ${downgraded.length > 0 ? `${downgraded.length} downgraded, ` : ''}0 to remove and 0 not upgraded.\n`)
  for (const { facts, version: next, from } of plan) {
    if (simulate) {
      await process.stdout.write(`Inst ${facts.name} ${from === undefined ? '' : `[${from}] `}(${next} [amd64])\nConf ${facts.name} (${next} [amd64])\n`)
      continue
    }
    installVersion(process.files, facts, next)
    await process.stdout.write(`${from === undefined ? `Selecting previously unselected package ${facts.name}.\n` : ''}Preparing to unpack .../${facts.name}_${next}_amd64.deb ...\nUnpacking ${facts.name} (${next})${from === undefined ? '' : ` over (${from})`} ...\nSetting up ${facts.name} (${next}) ...\n`)
  }
  if (!simulate && plan.length > 0) setHolds(process.files, heldNames(process.files))
  return 0
}

function isNewer(a: string, b: string): boolean {
  const numbers = (text: string): number[] => text.split(/[^0-9]+/).filter(Boolean).map(Number)
  const [x, y] = [numbers(a), numbers(b)]
  for (let index = 0; index < Math.max(x.length, y.length); index++) if ((x[index] ?? 0) !== (y[index] ?? 0)) return (x[index] ?? 0) > (y[index] ?? 0)
  return false
}

async function remove(process: Process, names: readonly string[], simulate: boolean): Promise<number> {
  await process.stdout.write(lists)
  const found: PackageFacts[] = []
  for (const name of names) {
    const facts = findPackage(name)
    if (!facts) return fail(process, `E: Unable to locate package ${name}\n`)
    if (findInstalled(process.files, name)) found.push(facts)
    else await process.stdout.write(`Package '${name}' is not installed, so not removed\n`)
  }
  if (found.some((facts) => facts.essential)) return fail(process, `WARNING: The following essential packages will be removed.\nThis should NOT be done unless you know exactly what you are doing!\n  ${found.map((facts) => facts.name).join(' ')}\nE: Essential packages were removed and -y was used without --allow-remove-essential.\n`)
  await process.stdout.write(`${found.length > 0 ? `The following packages will be REMOVED:\n  ${found.map((facts) => facts.name).join(' ')}\n` : ''}0 upgraded, 0 newly installed, ${found.length} to remove and 0 not upgraded.\n`)
  if (!simulate)
    for (const facts of found) {
      await process.stdout.write(`Removing ${facts.name} (${findInstalled(process.files, facts.name)?.version ?? ''}) ...\n`)
      removePackage(process.files, facts)
    }
  return 0
}

async function listPackages(process: Process, names: readonly string[], args: readonly string[]): Promise<number> {
  const onlyInstalled = args.includes('--installed')
  const upgradable = args.some((arg) => ['--upgradable', '--upgradeable', '-u'].includes(arg))
  await process.stdout.write('Listing...\n')
  for (const facts of catalogue) {
    if (!isNamed(facts.name, names)) continue
    const own = findInstalled(process.files, facts.name)?.version
    const newest = offered(process, facts).at(-1) ?? ''
    if (own === undefined && (onlyInstalled || upgradable)) continue
    if (upgradable && own === newest) continue
    await process.stdout.write(listLine(facts, own, newest, upgradable))
  }
  return 0
}

function isNamed(name: string, patterns: readonly string[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => new RegExp(`^${pattern.replace(/\*/g, '.*')}$`).test(name))
}

function listLine(facts: PackageFacts, own: string | undefined, newest: string, upgradable: boolean): string {
  const repository = facts.versions.length < 2 ? 'stable' : 'unknown'
  if (own === undefined) return `${facts.name}/${repository} ${newest} amd64\n`
  return upgradable ? `${facts.name}/${repository} ${newest} amd64 [upgradable from: ${own}]\n` : `${facts.name}/${repository},now ${own} amd64 [installed]\n`
}
