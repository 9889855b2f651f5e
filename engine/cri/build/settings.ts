/** What an instruction changes of an image's configuration, and how the history tells it. */
import type { ImageConfig, ImageHealthcheck } from '../images/definition'
import type { Instruction } from './dockerfile/instruction'
import { DockerfileError } from './dockerfile/lines'

export interface Change {
  readonly config: ImageConfig
  /** What docker's history says after `#(nop) `. */
  readonly comment: string
  /** CMD was set here: an ENTRYPOINT after it leaves it alone. */
  readonly setsCommand?: boolean
}

export type ExpandWord = (text: string) => string

export const defaultShell = ['/bin/sh', '-c']

/** Undefined for instructions that change files: ADD, COPY, RUN, WORKDIR. */
export function changeOf(step: Instruction, config: ImageConfig, word: ExpandWord, commandWasSet: boolean): Change | undefined {
  const make = changes[step.keyword]
  return make?.(step, config, word, commandWasSet)
}

const changes: Readonly<Record<string, (step: Instruction, config: ImageConfig, word: ExpandWord, commandWasSet: boolean) => Change>> = {
  ENV: (step, config, word) => {
    const pairs = step.pairs.map(([name, value]) => [word(name), word(value ?? '')] as const)
    return { config: { ...config, Env: withVariables(config.Env ?? [], pairs) }, comment: `ENV ${pairs.map(([name, value]) => `${name}=${value}`).join(' ')}` }
  },
  LABEL: (step, config, word) => {
    const pairs = step.pairs.map(([name, value]) => [word(name), word(value ?? '')] as const)
    return { config: { ...config, Labels: { ...config.Labels, ...Object.fromEntries(pairs) } }, comment: `LABEL ${pairs.map(([name, value]) => `${name}=${value}`).join(' ')}` }
  },
  MAINTAINER: (step, config) => ({ config, comment: `MAINTAINER ${step.rest}` }),
  ARG: (step, config) => ({ config, comment: `ARG ${step.rest}` }),
  EXPOSE: (step, config, word) => {
    const ports = step.args.flatMap((arg) => word(arg).split(/\s+/).filter((port) => port !== ''))
    return { config: { ...config, ExposedPorts: { ...config.ExposedPorts, ...Object.fromEntries(ports.flatMap(portsOf).map((port) => [port, {}])) } }, comment: `EXPOSE ${ports.join(' ')}` }
  },
  USER: (step, config, word) => ({ config: { ...config, User: word(step.args[0] ?? '') }, comment: `USER ${word(step.args[0] ?? '')}` }),
  VOLUME: (step, config, word) => {
    const paths = step.args.map(word)
    return { config: { ...config, Volumes: { ...config.Volumes, ...Object.fromEntries(paths.map((path) => [path, {}])) } }, comment: `VOLUME [${paths.join(' ')}]` }
  },
  STOPSIGNAL: (step, config, word) => ({ config: { ...config, StopSignal: word(step.args[0] ?? '') }, comment: `STOPSIGNAL ${word(step.args[0] ?? '')}` }),
  SHELL: (step, config) => ({ config: { ...config, Shell: step.args }, comment: `SHELL [${step.args.join(' ')}]` }),
  ONBUILD: (step, config) => ({ config: { ...config, OnBuild: [...(config.OnBuild ?? []), step.rest] }, comment: `ONBUILD ${step.rest}` }),
  CMD: (step, config) => {
    const command = commandLine(step, config)
    return { config: withoutEmpty({ ...config, Cmd: command }), comment: `CMD ${quotedList(command)}`, setsCommand: command.length > 0 }
  },
  ENTRYPOINT: (step, config, _word, commandWasSet) => {
    const command = commandLine(step, config)
    const { Cmd, ...rest } = config
    return { config: withoutEmpty({ ...rest, ...(commandWasSet && Cmd ? { Cmd } : {}), Entrypoint: command }), comment: `ENTRYPOINT ${quotedList(command)}` }
  },
  HEALTHCHECK: (step, config) => {
    const check = healthcheck(step)
    return { config: { ...config, Healthcheck: check }, comment: `HEALTHCHECK &{${quotedList(check.Test)} "${goDuration(check.Interval)}" "${goDuration(check.Timeout)}" "${goDuration(check.StartPeriod)}" '\\x${(check.Retries ?? 0).toString(16).padStart(2, '0')}'}` }
  },
}

function withoutEmpty(config: ImageConfig): ImageConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => !(Array.isArray(value) && value.length === 0)))
}

/** Shell form goes through the shell. */
export function commandLine(step: Instruction, config: ImageConfig): string[] {
  if (step.json) return [...step.args]
  return step.rest === '' ? [] : [...(config.Shell ?? defaultShell), step.rest]
}

/** Go's %q of a slice. */
function quotedList(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(' ')}]`
}

export function withVariables(env: readonly string[], pairs: readonly (readonly [string, string])[]): string[] {
  const out = [...env]
  for (const [name, value] of pairs) {
    const at = out.findIndex((entry) => entry.startsWith(`${name}=`))
    if (at < 0) out.push(`${name}=${value}`)
    else out[at] = `${name}=${value}`
  }
  return out
}

function portsOf(text: string): string[] {
  const match = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i.exec(text)
  const from = Number(match?.[1])
  const to = Number(match?.[2] ?? match?.[1])
  if (!match || from > 65_535 || to > 65_535) throw new DockerfileError(`Invalid containerPort: ${text.split('/')[0] ?? text}`)
  return Array.from({ length: Math.max(0, to - from) + 1 }, (_, index) => `${from + index}/${(match[3] ?? 'tcp').toLowerCase()}`)
}

function healthcheck(step: Instruction): ImageHealthcheck {
  if ((step.args[0] ?? '').toUpperCase() === 'NONE') return { Test: ['NONE'] }
  const text = step.rest.replace(/^\S+\s*/, '')
  const json = text.startsWith('[') ? (JSON.parse(text) as string[]) : undefined
  const nanoseconds = (name: string): number | undefined => durationOf(step.flags.get(name), name, step)
  const retries = step.flags.get('retries')
  return {
    Test: json ? ['CMD', ...json] : ['CMD-SHELL', text],
    ...optional('Interval', nanoseconds('interval')), ...optional('Timeout', nanoseconds('timeout')), ...optional('StartPeriod', nanoseconds('start-period')),
    ...(retries === undefined ? {} : { Retries: Number(retries) }),
  }
}

function optional(name: string, value: number | undefined): object {
  return value === undefined ? {} : { [name]: value }
}

const units: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12 }

function durationOf(text: string | undefined, flag: string, step: Instruction): number | undefined {
  if (text === undefined) return undefined
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/g)]
  if (parts.map((part) => part[0]).join('') !== text || text === '') throw new DockerfileError(`time: ${/^\d+$/.test(text) ? 'missing unit in' : 'invalid'} duration ${JSON.stringify(text)}`, step.line)
  const sum = parts.reduce((total, [, amount = '', unit = '']) => total + Number(amount) * (units[unit] ?? 0), 0)
  if (sum > 0 && sum < 1e6) throw new DockerfileError(`Interval ${JSON.stringify(flag)} cannot be less than 1ms`, step.line)
  return sum
}

function goDuration(nanoseconds = 0): string {
  const seconds = nanoseconds / 1e9
  if (seconds === 0) return '0s'
  if (seconds < 1) return `${seconds * 1000}ms`
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds % 60}s`
}
