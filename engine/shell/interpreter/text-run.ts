/** Runs shell text: eval, sourced files, traps, substitutions, scripts. */
import { guardInnerLine, guardLine } from '#engine/shell/interpreter/flow'
import { syntaxErrorLines } from '#engine/shell/interpreter/syntax-error'
import { runTrap } from '#engine/shell/interpreter/trap-run'
import { DiscardLine, ExitShell, ReturnFunction } from '#engine/shell/state/signals'
import type { Shell, TextKind } from '#engine/shell/state/shell'
import { expandAliases } from '#engine/shell/syntax/aliases'
import { type Chunk, ScriptReader, type SyntaxFault } from '#engine/shell/syntax/source'

export interface TextOptions {
  readonly firstLine?: number
  readonly file?: string
}

export function readerFor(shell: Shell, text: string, firstLine = 1): ScriptReader {
  return new ScriptReader(text, {
    extglob: () => shell.options.shopt.get('extglob') ?? false,
    posix: shell.posixShell,
    get expandAliases() {
      return shell.aliases.size > 0 && (shell.options.shopt.get('expand_aliases') ?? false) ? (part: string) => expandAliases(part, shell.aliases) : undefined
    },
  }, firstLine)
}

/** All of a text, as part of the running command: an error in an expansion passes on to the outer line. */
export async function runText(shell: Shell, text: string, kind: TextKind, options: TextOptions = {}): Promise<number> {
  const { source, line } = shell
  if (kind === 'eval' || kind === 'trap') shell.traceLevel += kind === 'eval' ? 1 : 0
  try {
    if (kind !== 'source') return await runChunks(shell, text, kind, options)
    return await runSourced(shell, text, options)
  } finally {
    if (kind === 'eval') shell.traceLevel--
    shell.source = source
    shell.line = line
  }
}

async function runSourced(shell: Shell, text: string, options: TextOptions): Promise<number> {
  shell.frames.push({ name: 'source', file: options.file ?? '', callLine: shell.line, arguments: [], kind: 'source' })
  try {
    const status = await runChunks(shell, text, 'source', options)
    const trap = shell.traps.get('RETURN')
    if (trap) await runTrap(shell, trap)
    return status
  } catch (error) {
    if (error instanceof ReturnFunction) return (shell.status = error.status)
    throw error
  } finally {
    shell.frames.pop()
  }
}

async function runChunks(shell: Shell, text: string, kind: TextKind, options: TextOptions): Promise<number> {
  const first = options.firstLine ?? (kind === 'eval' || kind === 'trap' ? shell.line : 1)
  const reader = readerFor(shell, text, first)
  const mayExec = shell.mayExec
  shell.mayExec = false
  let ran = false
  for (;;) {
    const next = reader.next()
    if (!next) break
    if ('fault' in next) return faultInText(shell, next.fault, kind)
    ran = true
    await hereDocumentWarning(shell, next.chunk)
    shell.mayExec = mayExec && isWholeCommand(next.chunk)
    if (kind === 'eval' || kind === 'source') await guardInnerLine(shell, () => runChunk(shell, next.chunk))
    else await runChunk(shell, next.chunk)
  }
  if (!ran && kind !== 'trap') shell.status = 0
  return shell.status
}

async function faultInText(shell: Shell, fault: SyntaxFault, kind: TextKind): Promise<number> {
  for (const message of syntaxErrorLines(shell, fault, kind)) await shell.complain(message)
  shell.status = fault.verdict.kind === 'incomplete' && kind === 'backquote' ? 0 : syntaxStatus(fault.verdict)
  if (kind === 'substitution' || kind === 'backquote') throw new ExitShell(shell.status)
  return shell.status
}

/** One simple command is all there is: it may take the process over. */
function isWholeCommand({ statements, source, raw }: Chunk): boolean {
  const [first] = statements
  return statements.length === 1 && first?.command.type === 'Command' && !first.background && source.text.trim().length === raw.trim().length
}

export function syntaxStatus(verdict: { kind: string; status?: number; inArray?: boolean; looking?: string }): number {
  if (verdict.kind === 'message') return verdict.status ?? 2
  return verdict.inArray ? 1 : 2
}

export async function hereDocumentWarning(shell: Shell, chunk: Chunk): Promise<void> {
  const open = chunk.openHereDocument
  if (!open) return
  const line = shell.line
  shell.line = open.endLine
  await shell.error(`warning: here-document at line ${open.line} delimited by end-of-file (wanted \`${open.delimiter}')`)
  shell.line = line
}

export async function runChunk(shell: Shell, chunk: Chunk): Promise<number> {
  if (shell.options.on('verbose')) await shell.complain(chunk.raw.replace(/\n$/, ''))
  shell.source = chunk.source
  return shell.hooks.list(shell, chunk.statements)
}

/** A script's main loop: each line for itself. */
export async function runScript(shell: Shell, text: string, firstLine = 1): Promise<number> {
  const reader = readerFor(shell, text, firstLine)
  for (;;) {
    const next = reader.next()
    if (!next) return shell.status
    if ('fault' in next) {
      for (const message of syntaxErrorLines(shell, next.fault, 'script')) await shell.complain(message)
      shell.status = syntaxStatus(next.fault.verdict)
      if (next.fault.verdict.kind === 'unexpected' && next.fault.verdict.inArray) continue
      return shell.status
    }
    await hereDocumentWarning(shell, next.chunk)
    shell.mayExec = false
    await guardLine(shell, () => runChunk(shell, next.chunk))
  }
}

export { DiscardLine }
