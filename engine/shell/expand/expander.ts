/** What words become: tilde, parameters, substitutions and arithmetic, then splitting and pathnames. */
import type { Word } from 'unbash'
import { arithmetic } from '#engine/shell/state/access'
import { ExpansionError } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'
import { expandBraces } from '#engine/shell/expand/braces'
import { FieldBuilder, fieldHasGlob, patternOf, type Piece, splitFields, textOf } from '#engine/shell/expand/fields'
import { expandParameter } from '#engine/shell/expand/parameter'
import { expandPathname } from '#engine/shell/expand/pathname'
import { ifsOf } from '#engine/shell/expand/separators'
import { withTilde } from '#engine/shell/expand/tilde'
import { type Part, parseWord, type WordMode } from '#engine/shell/syntax/words'
import { escapeRegExp } from '#engine/shell/patterns/classes'
import type { WordHooks } from '#engine/shell/state/shell'

const maxWords = 2_000_000

/** Fields of several words, as arguments of a command. */
export async function expandWords(shell: Shell, words: readonly (Word | string)[]): Promise<string[]> {
  const out: string[] = []
  for (const word of words) {
    const text = typeof word === 'string' ? word : word.text
    if (isPlain(text)) {
      out.push(text)
      continue
    }
    for (const piece of shell.options.on('braceexpand') && !shell.posixShell ? expandBraces(text) : [text]) {
      for (const field of await expandFields(shell, piece)) out.push(field)
      if (out.length > maxWords) throw new ExpansionError('cannot allocate memory: argument list too long')
    }
  }
  return out
}

function isPlain(text: string): boolean {
  return /^[\w./:,%+@-]+$/.test(text) && !/[@+]\(/.test(text)
}

async function expandFields(shell: Shell, text: string): Promise<string[]> {
  const builder = new FieldBuilder()
  await expandParts(shell, withTilde(shell, parseWord(text), /^[A-Za-z_]\w*\+?=/.test(text)), builder, false)
  const fields = splitFields(builder.runs, ifsOf(shell))
  const out: string[] = []
  for (const field of fields) out.push(...globField(shell, field))
  return out
}

function globField(shell: Shell, field: readonly Piece[]): string[] {
  const { options } = shell
  const extglob = options.shopt.get('extglob') ?? false
  if (options.on('noglob') || !fieldHasGlob(field, extglob)) return [textOf(field)]
  const pattern = patternOf(field)
  const found = expandPathname(shell.process, pattern, { extglob, dotglob: (options.shopt.get('dotglob') ?? false) || Boolean(shell.vars.find('GLOBIGNORE')?.scalar()), globstar: options.shopt.get('globstar') ?? false, ignoreCase: options.shopt.get('nocaseglob') ?? false })
  if (found.length > 0) return withoutIgnored(shell, found, textOf(field))
  if (options.shopt.get('failglob')) throw new ExpansionError(`no match: ${textOf(field)}`)
  return options.shopt.get('nullglob') ? [] : [textOf(field)]
}

function withoutIgnored(shell: Shell, found: string[], literal: string): string[] {
  const ignore = shell.vars.find('GLOBIGNORE')?.scalar()
  if (!ignore) return found
  const patterns = ignore.split(':').map((pattern) => new RegExp(`^${escapeRegExp(pattern).replace(/\\\*/g, '[^/]*').replace(/\\\?/g, '[^/]')}$`))
  const kept = found.filter((name) => !patterns.some((pattern) => pattern.test(name)))
  return kept.length > 0 ? kept : [literal]
}

/** One text without splitting: assignments, here-strings, case words. */
export async function expandText(shell: Shell, text: string, mode: WordMode = 'word', assignment = false): Promise<string> {
  if (mode === 'word' && isPlain(text) && !(assignment && text.includes(':~'))) return text
  const builder = new FieldBuilder()
  const parts = parseWord(text, mode)
  await expandParts(shell, mode === 'word' ? withTilde(shell, parts, assignment, assignment) : parts, builder, mode !== 'word', true)
  return builder.text(' ')
}

/** A pattern: quoted text is escaped. */
export async function expandPattern(shell: Shell, text: string, mode: WordMode = 'word'): Promise<string> {
  const builder = new FieldBuilder()
  await expandParts(shell, withTilde(shell, parseWord(text, mode), false), builder, false, true)
  return builder.pattern()
}

/** A regular expression: quoted text stands for itself. */
export async function expandRegex(shell: Shell, text: string): Promise<string> {
  const builder = new FieldBuilder()
  await expandParts(shell, regexParts(text), builder, false, true)
  return builder.runs.map((run) => run.map((piece) => (piece.quoted ? piece.text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : piece.text)).join('')).join(' ')
}

/** Inside brackets of a regular expression quotes do not escape: `[[:space:]]`, `["']`. */
function regexParts(text: string): readonly Part[] {
  return parseWord(text)
}

/** Pieces of a replacement, quoted ones marked. */
export async function expandPieces(shell: Shell, text: string, mode: WordMode): Promise<readonly Piece[]> {
  const builder = new FieldBuilder()
  await expandParts(shell, parseWord(text, mode), builder, false, true)
  return builder.runs.flat()
}

export async function expandHereDocument(shell: Shell, body: string): Promise<string> {
  return expandText(shell, body, 'document')
}

/** Arithmetic text: expanded like a double-quoted string, then evaluated. */
export async function expandArithmetic(shell: Shell, text: string): Promise<bigint> {
  return arithmetic(shell, await expandArithmeticText(shell, text))
}

export async function expandArithmeticText(shell: Shell, text: string): Promise<string> {
  return /[$`"'\\]/.test(text) ? (await expandText(shell, text, 'operand')).replace(/"/g, '') : text
}

/**
 * Adds the parts' text to the builder. `quoted`: inside double quotes. `joined`: the result will not be split, so `$*`
 * joins with IFS.
 */
export async function expandParts(shell: Shell, parts: readonly Part[], builder: FieldBuilder, quoted: boolean, joined = false, splitLiterals = false): Promise<void> {
  for (const part of parts) {
    switch (part.kind) {
      case 'literal':
        builder.add(part.text, quoted || part.quoted, splitLiterals && !quoted && !part.quoted)
        break
      case 'double':
        await expandDouble(shell, part.parts, builder, joined)
        break
      case 'parameter':
        await expandParameter(shell, part, builder, { quoted, joined })
        break
      case 'command': {
        const output = await shell.hooks.substitute(shell, part.script, part.backquoted)
        builder.add(output, quoted, !quoted)
        break
      }
      case 'arithmetic':
        builder.add((await expandArithmetic(shell, part.text)).toString(), quoted, !quoted)
        break
      case 'process':
        builder.add(await shell.hooks.processSubstitution(shell, part.script, part.writes), true, false)
        break
    }
  }
}

/** Double quotes make a field even when empty, except around nothing but an empty `$@`. */
async function expandDouble(shell: Shell, parts: readonly Part[], builder: FieldBuilder, joined: boolean): Promise<void> {
  const inner = new FieldBuilder()
  await expandParts(shell, parts, inner, true, joined)
  const empty = inner.runs.length === 1 && (inner.runs[0] as Piece[]).length === 0
  if (empty && parts.some((part) => part.kind === 'parameter' && isList(part))) return
  inner.runs.forEach((run, index) => {
    if (index > 0) builder.break()
    builder.add(textOf(run), true, false)
  })
}

function isList(part: Part & { kind: 'parameter' }): boolean {
  return !part.length && (part.name === '@' || part.index === '@' || (part.names === '@'))
}

export const wordHooks: WordHooks = {
  fields: expandWords,
  text: expandText,
  pattern: expandPattern,
  regex: expandRegex,
  pieces: expandPieces,
  arithmetic: expandArithmetic,
  arithmeticText: expandArithmeticText,
  parts: expandParts,
}
