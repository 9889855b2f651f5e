/** systemctl's flags: the same for all verbs, anywhere on the line. */
import { count, flag, list, option, optional, parseFlags, type FlagValues } from '#engine/linux/abi/flags'

export const systemctlFlags = {
  type: list('-t', '--type'),
  state: list('--state'),
  failed: flag('--failed'),
  property: list('-p', '--property'),
  propertyValue: list('-P'),
  value: flag('--value'),
  all: flag('-a', '--all'),
  full: flag('-l', '--full'),
  recursive: flag('-r', '--recursive'),
  reverse: flag('--reverse'),
  noLegend: flag('--no-legend'),
  legend: option('--legend'),
  plain: flag('--plain'),
  now: flag('--now'),
  noReload: flag('--no-reload'),
  noBlock: flag('--no-block'),
  wait: flag('--wait'),
  noPager: flag('--no-pager'),
  noAskPassword: flag('--no-ask-password'),
  noWall: flag('--no-wall'),
  noWarn: flag('--no-warn'),
  quiet: flag('-q', '--quiet'),
  verbose: flag('-v', '--verbose'),
  force: count('-f', '--force'),
  lines: option('-n', '--lines'),
  output: option('-o', '--output'),
  signal: option('-s', '--signal'),
  killWho: option('--kill-who', '--kill-whom'),
  system: flag('--system'),
  user: flag('--user'),
  global: flag('--global'),
  runtime: flag('--runtime'),
  host: option('-H', '--host'),
  machine: option('-M', '--machine'),
  root: option('--root'),
  jobMode: option('--job-mode'),
  showTypes: flag('-T', '--show-transaction'),
  dropIn: option('--drop-in'),
  before: flag('--before'),
  after: flag('--after'),
  check: option('--check-inhibitors'),
  ignoreInhibitors: flag('-i', '--ignore-inhibitors'),
  timestamp: option('--timestamp'),
  preset: option('--preset-mode'),
  what: list('--what'),
  mkdir: flag('--mkdir'),
  readOnly: flag('--read-only'),
  firmware: optional('--firmware-setup'),
}

export type SystemctlOptions = FlagValues<typeof systemctlFlags>

export function parseSystemctl(args: readonly string[]): { options: SystemctlOptions; operands: readonly string[]; help: boolean; version: boolean } {
  const parsed = parseFlags(systemctlFlags, args, false)
  return { options: parsed.values, operands: parsed.operands, help: parsed.help || args.includes('-h'), version: parsed.version }
}
