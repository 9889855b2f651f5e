/** What is wrong with an instruction before anything runs, in BuildKit's parser's words. */
import { type Instruction, keywords } from './instruction'
import { DockerfileError } from './lines'

const exactlyOne = new Set(['MAINTAINER', 'WORKDIR', 'USER', 'STOPSIGNAL'])
const atLeastOne = new Set(['ENV', 'LABEL', 'ARG', 'EXPOSE', 'VOLUME', 'ONBUILD', 'HEALTHCHECK'])

type Check = (step: Instruction) => string | undefined

/** The complaint, or undefined. */
export function complaintOf(step: Instruction): string | undefined {
  if (!keywords.includes(step.keyword)) return `unknown instruction: ${step.keyword}`
  return count(step) ?? checks[step.keyword]?.(step)
}

function count(step: Instruction): string | undefined {
  const { keyword, args } = step
  if (exactlyOne.has(keyword) && (keyword === 'MAINTAINER' ? step.rest === '' : args.length !== 1)) return `${keyword} requires exactly one argument`
  return atLeastOne.has(keyword) && args.length === 0 ? `${keyword} requires at least one argument` : undefined
}

const checks: Readonly<Record<string, Check>> = {
  FROM: ({ args }) => (args.length === 1 || (args.length === 3 && args[1]?.toLowerCase() === 'as') ? stageName(args[2]) : 'FROM requires either one or three arguments'),
  ADD: (step) => copying(step),
  COPY: (step) => copying(step),
  SHELL: ({ json, args }) => (!json ? 'SHELL requires the arguments to be in JSON form' : args.length === 0 ? 'SHELL requires at least one argument' : undefined),
  ONBUILD: ({ args }) => trigger(args[0] ?? ''),
  HEALTHCHECK: (step) => health(step),
  ENV: (step) => names(step),
  LABEL: (step) => names(step),
  ARG: (step) => names(step),
}

function stageName(name: string | undefined): string | undefined {
  if (name === undefined || /^[a-z][a-z0-9-_.]*$/.test(name.toLowerCase())) return undefined
  return `invalid name for build stage: ${JSON.stringify(name)}, name can't start with a number or contain symbols`
}

function copying(step: Instruction): string | undefined {
  return step.args.length < 2 ? `${step.keyword} requires at least two arguments, but only one was provided. Destination could not be determined.` : undefined
}

function trigger(word: string): string | undefined {
  const keyword = word.toUpperCase()
  if (keyword === 'ONBUILD') return "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"
  return keyword === 'MAINTAINER' || keyword === 'FROM' ? `${keyword} isn't allowed as an ONBUILD trigger` : undefined
}

function health(step: Instruction): string | undefined {
  const kind = (step.args[0] ?? '').toUpperCase()
  if (kind === 'NONE') return step.args.length === 1 ? undefined : 'HEALTHCHECK NONE takes no arguments'
  if (kind !== 'CMD') return `Unknown type ${JSON.stringify(kind)} in HEALTHCHECK (try CMD)`
  return step.args.length === 1 ? 'Missing command after HEALTHCHECK CMD' : undefined
}

function names(step: Instruction): string | undefined {
  if (!step.pairs.some(([name]) => name === '')) return undefined
  return step.keyword === 'ARG' ? 'ARG names can not be blank' : `${step.keyword} names can not be blank`
}

export function checked(step: Instruction): Instruction {
  const complaint = complaintOf(step)
  if (complaint !== undefined) throw new DockerfileError(complaint, step.line)
  return step
}
