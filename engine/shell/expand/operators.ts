/** The operators of `${...}` that change a value: removal, replacement, case, `@X`. */
import { globRegExp, globSource, hasExtendedGlob } from '#engine/shell/patterns/glob'
import { lookup, resolve } from '#engine/shell/state/access'
import type { Shell } from '#engine/shell/state/shell'
import { AssociativeArray, IndexedArray } from '#engine/shell/state/variables'
import { attributeLetters, declarationOf } from '#engine/shell/state/describe'
import type { Found } from '#engine/shell/expand/parameter'
import { expandPrompt } from '#engine/shell/expand/prompt'
import { doubleQuote, quoteAt } from '#engine/shell/expand/quote'
import { decodeAnsi } from '#engine/shell/syntax/ansi'
import type { ParameterPart } from '#engine/shell/syntax/words'

/** Patterns in `${...}` always know extended globs. */
const extended = { extglob: true }

export async function removePattern(shell: Shell, part: ParameterPart): Promise<(text: string) => string> {
  const pattern = await shell.hooks.words.pattern(shell, part.operand ?? '')
  const operator = part.operator as string
  const longest = operator.length === 2
  if (operator.startsWith('#')) {
    if (hasExtendedGlob(pattern)) return (text) => byLength(text, pattern, longest, true)
    const regex = new RegExp(`^${globSource(pattern, extended, !longest)}`, 'u')
    return (text) => text.replace(regex, '')
  }
  if (hasExtendedGlob(pattern)) return (text) => byLength(text, pattern, longest, false)
  const regex = new RegExp(`^([^]*${longest ? '?' : ''})${globSource(pattern, extended)}$`, 'u')
  return (text) => regex.exec(text)?.[1] ?? text
}

function byLength(text: string, pattern: string, longest: boolean, atStart: boolean): string {
  const regex = globRegExp(pattern, extended)
  for (let i = 0; i <= text.length; i++) {
    const length = longest ? text.length - i : i
    const piece = atStart ? text.slice(0, length) : text.slice(text.length - length)
    if (regex.test(piece)) return atStart ? text.slice(length) : text.slice(0, text.length - length)
  }
  return text
}

export async function replacePattern(shell: Shell, part: ParameterPart, quoted: boolean): Promise<(text: string) => string> {
  const pattern = await shell.hooks.words.pattern(shell, part.operand ?? '')
  const operator = part.operator as string
  const replacement = await replacer(shell, part.second ?? '', quoted)
  if (pattern === '' && operator !== '/#' && operator !== '/%') return (text) => text
  const source = globSource(pattern, extended)
  const ignoreCase = shell.options.shopt.get('nocasematch') ? 'i' : ''
  const regex = new RegExp(operator === '/#' ? `^${source}` : operator === '/%' ? `${source}$` : source, `u${ignoreCase}${operator === '//' ? 'g' : ''}`)
  return (text) => replaceWith(text, regex, replacement)
}

function replaceWith(text: string, regex: RegExp, replacement: (match: string) => string): string {
  if (!regex.global) return text.replace(regex, (match: string) => replacement(match))
  return text.replace(regex, (match: string) => (match === '' ? '' : replacement(match)))
}

/** `&` in the replacement is the match, unless quoted (patsub_replacement). */
async function replacer(shell: Shell, text: string, quoted: boolean): Promise<(match: string) => string> {
  const pieces = await shell.hooks.words.pieces(shell, text, quoted ? 'operand' : 'word')
  const plain = pieces.map((piece) => piece.text).join('')
  if (!shell.options.shopt.get('patsub_replacement') || !plain.includes('&')) return () => plain
  return (match) => pieces.map((piece) => (piece.quoted ? piece.text : piece.text.replace(/\\([\\&])|&/g, (_, escaped?: string) => escaped ?? match))).join('')
}

export async function changeCase(shell: Shell, part: ParameterPart): Promise<(text: string) => string> {
  const operator = part.operator as string
  const pattern = await shell.hooks.words.pattern(shell, part.operand ?? '')
  const regex = pattern === '' ? undefined : globRegExp(pattern, extended)
  const change = (c: string): string => {
    if (regex && !regex.test(c)) return c
    if (operator.startsWith('^')) return single(c, c.toUpperCase())
    if (operator.startsWith(',')) return single(c, c.toLowerCase())
    return c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase()
  }
  if (operator.length === 2) return (text) => [...text].map(change).join('')
  return (text) => {
    const first = String.fromCodePoint(text.codePointAt(0) ?? 0)
    return text === '' ? '' : change(first) + text.slice(first.length)
  }
}

/** libc changes one character into one: `ß` stays. */
function single(before: string, after: string): string {
  return [...after].length === 1 ? after : before
}

export async function transform(shell: Shell, part: ParameterPart, found: Found): Promise<Found> {
  const kind = part.operand ?? ''
  if (kind === 'A') return assignmentForm(shell, part, found)
  if (kind === 'K' || kind === 'k') return keyForm(shell, part, found, kind === 'k')
  if (kind === 'a') {
    const letters = attributeLetters(lookup(shell, resolve(shell, part.name).name))
    return found.list ? { ...found, values: found.values.map(() => letters) } : { list: false, value: letters === '' && found.value === undefined ? undefined : letters }
  }
  if (found.list) {
    const values: string[] = []
    for (const value of found.values) values.push(await transformed(shell, kind, value))
    return { ...found, values }
  }
  return { list: false, value: found.value === undefined ? undefined : await transformed(shell, kind, found.value) }
}

async function transformed(shell: Shell, kind: string, text: string): Promise<string> {
  switch (kind) {
    case 'Q': return quoteAt(text)
    case 'E': return decodeAnsi(text)
    case 'P': return expandPrompt(shell, text)
    case 'U': return text.toUpperCase()
    case 'u': return text.charAt(0).toUpperCase() + text.slice(1)
    default: return text.toLowerCase()
  }
}

function assignmentForm(shell: Shell, part: ParameterPart, found: Found): Found {
  const name = resolve(shell, part.name).name
  const variable = lookup(shell, name)
  if (part.name === '@' || part.name === '*') return { list: false, value: `set -- ${shell.positional.map(quoteAt).join(' ')}` }
  if (!variable?.isSet) return { list: false, value: undefined }
  if (found.list) return { list: false, value: declarationOf(name, variable) }
  const letters = attributeLetters(variable)
  return { list: false, value: `${letters === '' ? '' : `declare -${letters} `}${name}=${quoteAt(found.value ?? '')}` }
}

function keyForm(shell: Shell, part: ParameterPart, found: Found, separate: boolean): Found {
  const value = lookup(shell, resolve(shell, part.name).name)?.value
  if (!found.list || !(value instanceof IndexedArray || value instanceof AssociativeArray)) {
    return found.list ? { ...found, values: found.values.map(quoteAt) } : { list: false, value: found.value === undefined ? undefined : quoteAt(found.value) }
  }
  const pairs = value.keys().map((key) => [String(key), (value instanceof IndexedArray ? value.get(Number(key)) : value.get(String(key))) ?? ''] as const)
  if (separate) return { list: true, values: pairs.flat(), star: found.star }
  return { list: false, value: pairs.map(([key, text]) => `${key} ${doubleQuote(text)}`).join(' ') + (value instanceof AssociativeArray ? ' ' : '') }
}
