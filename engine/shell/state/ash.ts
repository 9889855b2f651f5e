/** busybox's shell: dash's words, said its own way. Compared with ash of busybox 1.35. */
import type { Process } from '#engine/linux/abi/process'

export function isAsh(process: Process): boolean {
  return process.executable.attributes['flavor'] === 'busybox'
}

/** `sh: 1: cannot create x: ...` as ash says it: `sh: can't create x: ...`; its builtins tell a line, counted from 0 in `sh -c`. */
export function inAsh(text: string, counted: boolean): string {
  const match = /^([^:\n]+): (\d+): (.*)$/s.exec(text)
  if (!match) return text
  const [, name = '', line = '', message = ''] = match
  const said = words.reduce((known, [pattern, replacement]) => known.replace(pattern, replacement), message)
  const builtin = /^(?:cd|exit|\.|source|export|unset|readonly|local|set|trap|umask|getopts|fg|bg|exec|eval|shift|return): /.exec(said)
  return builtin ? `${name}: ${builtin[0]}line ${counted ? line : '0'}: ${said.slice(builtin[0].length)}` : `${name}: ${said}`
}

const words: readonly (readonly [RegExp, string])[] = [
  [/^cannot create (.+): Directory nonexistent$/, "can't create $1: nonexistent directory"],
  [/^cannot create /, "can't create "],
  [/^cannot open (.+): No such file$/, "can't open $1: no such file"],
  [/^cannot open /, "can't open "],
  [/^\.: cannot open (.+): No such file$/, ".: can't open '$1': No such file or directory"],
  [/^(eval: )?Syntax error: (.+) unexpected( \(expecting .*\))?$/, '$1syntax error: unexpected $2$3'],
  [/^(eval: )?Syntax error: (.)(.*)$/, '$1syntax error: $2$3'],
  [/^syntax error: Unterminated/, 'syntax error: unterminated'],
  [/^syntax error: Bad/, 'syntax error: bad'],
  [/^Bad substitution$/, 'syntax error: bad substitution'],
  [/^kill: (?:\((\d+)\) - )?(?:.*)No such process$/, "can't kill pid $1: No such process"],
  [/^(?:test|\[): Illegal number: (.+)$/, '$1: bad number'],
  [/^\[: missing `?\]'?$/, 'missing ]'],
  [/^(exit|return|shift): (.+): numeric argument required$/, '$1: Illegal number: $2'],
  [/^(export|readonly|unset|local): `([^=']+)(?:=.*)?': not a valid identifier$/, '$1: $2: bad variable name'],
  [/^local: can only be used in a function$/, 'local: not in a function'],
  [/^(?:echo|printf): write error: /, 'write error: '],
  [/^printf: (.+): invalid number$/, "invalid number '$1'"],
  [/^arithmetic expression: division by zero.*$/, 'divide by zero'],
  [/^arithmetic expression: .*$/, 'arithmetic syntax error'],
  [/: Illegal option /, ': illegal option '],
  [/^umask: Illegal mode: /, 'umask: illegal mode: '],
]
