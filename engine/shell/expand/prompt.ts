/** Prompt strings: backslash escapes, then expansion as in double quotes. */
import { isErrno } from '#engine/linux/abi/errno'
import { tilde } from '#engine/shell/expand/tilde'
import type { Shell } from '#engine/shell/state/shell'

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (value: number): string => String(value).padStart(2, '0')

export async function expandPrompt(shell: Shell, text: string): Promise<string> {
  let out = ''
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\\' || i + 1 >= text.length) {
      out += text[i]
      continue
    }
    const octal = /^[0-7]{3}/.exec(text.slice(i + 1))
    if (octal) {
      out += String.fromCharCode(Number.parseInt(octal[0], 8))
      i += 3
      continue
    }
    out += escape(shell, text[++i] as string)
  }
  return shell.options.shopt.get('promptvars') ? shell.hooks.words.text(shell, out, 'document') : out
}

interface EscapeInput {
  readonly shell: Shell
}

/** What a backslash and a letter stand for; dates are apart. */
const escapes: Readonly<Record<string, (input: EscapeInput) => string>> = {
  u: ({ shell }) => userName(shell),
  h: ({ shell }) => shell.process.uname().nodename.split('.')[0] ?? '',
  H: ({ shell }) => shell.process.uname().nodename,
  w: ({ shell }) => quoted(shortDirectory(shell)),
  W: ({ shell }) => quoted(lastDirectory(shell)),
  '$': ({ shell }) => shell.process.credentials.euid === 0 ? '#' : '\\$',
  n: () => '\n',
  r: () => '\r',
  a: () => '\x07',
  e: () => '\x1b',
  '[': () => '\x01',
  ']': () => '\x02',
  '\\': () => '\\\\',
  s: ({ shell }) => shell.name.split('/').pop() ?? 'bash',
  v: () => '5.2',
  V: () => '5.2.15',
  j: ({ shell }) => String(shell.jobs.all().length),
  '!': ({ shell }) => String(shell.historyStart + shell.history.length),
  '#': ({ shell }) => String(shell.historyStart + shell.history.length),
  l: ({ shell }) => shell.process.terminal()?.name.split('/').pop() ?? '',
}

function escape(shell: Shell, c: string): string {
  const date = new Date(shell.process.clock.now())
  const entry = Object.hasOwn(escapes, c) ? escapes[c] : undefined
  return entry ? entry({ shell }) : dateEscape(c, date)
}

function dateEscape(c: string, date: Date): string {
  const hour12 = date.getUTCHours() % 12 || 12
  switch (c) {
    case 't': return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
    case 'T': return `${two(hour12)}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
    case 'A': return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`
    case '@': return `${two(hour12)}:${two(date.getUTCMinutes())} ${date.getUTCHours() < 12 ? 'AM' : 'PM'}`
    case 'd': return `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${two(date.getUTCDate())}`
    default: return `\\${c}`
  }
}

function quoted(text: string): string {
  return text.replace(/[\\$`]/g, '\\$&')
}

function shortDirectory(shell: Shell): string {
  const directory = shell.vars.find('PWD')?.scalar() ?? shell.process.cwd()
  const home = shell.vars.find('HOME')?.scalar() ?? tilde(shell, '') ?? ''
  if (home !== '' && home !== '/' && (directory === home || directory.startsWith(`${home}/`))) return `~${directory.slice(home.length)}`
  return directory
}

function lastDirectory(shell: Shell): string {
  const short = shortDirectory(shell)
  return short === '/' || short === '~' ? short : (short.split('/').pop() ?? '')
}

export function userName(shell: Shell): string {
  const { euid } = shell.process.credentials
  try {
    const line = shell.files.readText('/etc/passwd').split('\n').find((entry) => Number(entry.split(':')[2]) === euid && entry.includes(':'))
    return line?.split(':')[0] ?? 'I have no name!'
  } catch (error) {
    if (isErrno(error)) return euid === 0 ? 'root' : 'I have no name!'
    throw error
  }
}
