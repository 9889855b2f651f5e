/** Checks on machines: commands, files and units. */
import type { CommandCheck, FileCheck, Lab, UnitCheck } from '../schema'
import type { CommandResult, World } from '../world'
import { match, type Finding } from './matcher'
import { said } from './said'

export async function checkCommand(world: World, lab: Lab, check: CommandCheck): Promise<Finding> {
  const result = await world.run(check.on ?? lab.host, check.run)
  const exit = check.exit ?? 0
  if (result.code !== exit) return { holds: false, expected: `exit code ${exit} of: ${brief(check.run)}`, actual: ended(result) }
  for (const name of ['stdout', 'stderr'] as const) {
    const wanted = check[name]
    const finding = wanted ? match(wanted, [result[name].replace(/\n$/, '')]) : undefined
    if (finding && !finding.holds) return finding
  }
  return { holds: true, expected: `exit code ${exit}`, actual: 'as wanted' }
}

/** How a command ended, with what it said last. */
function ended(result: CommandResult): string {
  const words = said(result)
  return `exit code ${result.code}${words ? `: ${words}` : ''}`
}

function brief(command: string): string {
  const [first = '', ...more] = command.trim().split('\n')
  return more.length > 0 ? `${first} ...` : first
}

export async function checkFile(world: World, lab: Lab, check: FileCheck): Promise<Finding> {
  const host = check.on ?? lab.host
  const stat = await world.run(host, `stat -c '%a %U:%G' '${check.path}'`)
  const there = stat.code === 0
  if (check.absent) return { holds: !there, expected: `no ${check.path} on ${host}`, actual: there ? 'it is there' : 'none' }
  if (!there) return { holds: false, expected: `${check.path} on ${host}`, actual: 'there is none' }
  const [mode = '', owner = ''] = stat.stdout.trim().split(' ')
  if (check.mode && mode !== check.mode.replace(/^0/, '')) return { holds: false, expected: `mode ${check.mode}`, actual: `mode ${mode}` }
  if (check.owner && owner !== check.owner) return { holds: false, expected: `owner ${check.owner}`, actual: `owner ${owner}` }
  if (!check.content) return { holds: true, expected: check.path, actual: 'as wanted' }
  return match(check.content, [(await world.run(host, `cat '${check.path}'`)).stdout.replace(/\n$/, '')])
}

export async function checkUnit(world: World, lab: Lab, check: UnitCheck): Promise<Finding> {
  const host = check.on ?? lab.host
  if (check.active !== undefined) {
    const state = (await world.run(host, `systemctl is-active '${check.name}'`)).stdout.trim()
    if ((state === 'active') !== check.active) return { holds: false, expected: `${check.name} ${check.active ? 'active' : 'not active'} on ${host}`, actual: state }
  }
  if (check.enabled !== undefined) {
    const state = (await world.run(host, `systemctl is-enabled '${check.name}'`)).stdout.trim()
    if ((state === 'enabled') !== check.enabled) return { holds: false, expected: `${check.name} ${check.enabled ? 'enabled' : 'not enabled'} on ${host}`, actual: state }
  }
  return { holds: true, expected: check.name, actual: 'as wanted' }
}
