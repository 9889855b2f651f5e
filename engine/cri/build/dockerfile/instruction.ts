/** One line of a Dockerfile taken apart: keyword, flags, and arguments in the form that the keyword has. */
import { DockerfileError, type SourceLine } from './lines'
import { pairsOf, splitWords } from './words'

export interface Instruction {
  /** Upper case. */
  readonly keyword: string
  readonly flags: ReadonlyMap<string, string>
  /** What follows keyword and flags, as it stands. */
  readonly rest: string
  /** Words of the line, or the strings of a JSON array. */
  readonly args: readonly string[]
  readonly json: boolean
  /** Of ENV, LABEL and ARG. */
  readonly pairs: readonly (readonly [string, string | undefined])[]
  readonly original: string
  readonly line: number
}

/** Flags that an instruction knows. */
const flags: Readonly<Record<string, readonly string[]>> = {
  FROM: ['platform'], ADD: ['chown', 'chmod', 'link', 'keep-git-dir', 'checksum'], COPY: ['from', 'chown', 'chmod', 'link'], RUN: ['mount', 'network', 'security'], HEALTHCHECK: ['interval', 'timeout', 'start-period', 'retries', 'start-interval'],
}

export const keywords = ['ADD', 'ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'FROM', 'HEALTHCHECK', 'LABEL', 'MAINTAINER', 'ONBUILD', 'RUN', 'SHELL', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR']

const jsonForms = new Set(['ADD', 'CMD', 'COPY', 'ENTRYPOINT', 'RUN', 'SHELL', 'VOLUME'])

export function instructionOf(source: SourceLine, escape: string): Instruction {
  const [, word = '', after = ''] = /^(\S+)\s*([\s\S]*)$/.exec(source.text) ?? []
  const keyword = word.toUpperCase()
  const known = keywords.includes(keyword)
  const { flags: found, rest } = known ? flagsOf(keyword, after, source.line) : { flags: new Map<string, string>(), rest: after }
  const json = jsonForms.has(keyword) ? jsonArray(rest) : undefined
  const pairs = keyword === 'ENV' || keyword === 'LABEL' || keyword === 'ARG' ? pairsOf(keyword, rest, escape, source.line) : []
  return { keyword, flags: found, rest, args: json ?? splitWords(rest, escape), json: json !== undefined, pairs, original: source.text, line: source.line }
}

function flagsOf(keyword: string, text: string, line: number): { flags: Map<string, string>; rest: string } {
  const found = new Map<string, string>()
  let rest = text
  for (;;) {
    const match = /^--(\S*)\s*/.exec(rest)
    if (!match) return { flags: found, rest }
    rest = rest.slice(match[0].length)
    if (match[1] === '') return { flags: found, rest }
    const [name = '', ...value] = (match[1] ?? '').split('=')
    if (!(flags[keyword] ?? []).includes(name)) throw new DockerfileError(`Unknown flag: ${name}`, line)
    if (value.length === 0 && name !== 'link') throw new DockerfileError(`Missing a value on flag: ${name}`, line)
    found.set(name, value.join('='))
  }
}

/** A JSON array of strings; anything else is the shell form. */
export function jsonArray(text: string): string[] | undefined {
  if (!text.trimStart().startsWith('[')) return undefined
  try {
    const value = JSON.parse(text) as unknown
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined
  } catch {
    return undefined
  }
}
