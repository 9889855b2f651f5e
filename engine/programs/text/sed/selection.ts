/** Whether a command is for the line at hand. A range remembers in its command whether it is open. */
import type { Address, Command } from '#engine/programs/text/sed/commands'
import type { LineSource } from '#engine/programs/text/sed/lines'

export interface Position {
  readonly line: number
  readonly source: LineSource
  matches(address: Extract<Address, { kind: 'regex' }>): boolean
}

export async function isSelected(command: Command, position: Position): Promise<boolean> {
  const { from, to } = command
  if (!from) return !command.negated
  const matched = to ? await inRange(command, from, to, position) : await matches(from, position)
  return matched !== command.negated
}

async function matches(address: Address, position: Position): Promise<boolean> {
  switch (address.kind) {
    case 'line': return position.line === address.line
    case 'last': return position.source.isLast()
    case 'step': return address.step <= 0 ? position.line === address.first : position.line >= address.first && (position.line - address.first) % address.step === 0
    case 'regex': return position.matches(address)
    default: return false
  }
}

async function inRange(command: Command, from: Address, to: Address, position: Position): Promise<boolean> {
  if (command.active) return goesOn(command, to, position)
  if (from.kind === 'zero') {
    if (position.line !== 1) return false
    command.active = !(await matches(to, position))
    return true
  }
  if (!(await matches(from, position))) return false
  command.endLine = lastLine(to, position.line)
  command.active = to.kind === 'last' ? !(await position.source.isLast()) : command.endLine > position.line
  return true
}

/** The line a range ends at; none is known where a pattern ends it. */
function lastLine(to: Address, line: number): number {
  switch (to.kind) {
    case 'line': return to.line
    case 'plus': return line + to.count
    case 'multiple': return to.of <= 0 ? line : line + to.of - (line % to.of)
    default: return Infinity
  }
}

async function goesOn(command: Command, to: Address, position: Position): Promise<boolean> {
  if (command.endLine === Infinity) {
    command.active = !(await matches(to, position))
    return true
  }
  command.active = position.line < command.endLine
  return position.line <= command.endLine
}
