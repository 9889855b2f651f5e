/** What Tab offers: a command's own completion where one is declared, else commands, variables, users and files. */
import { actionWords, type CompletionContext, fileNames, generate, isDirectory } from '#engine/shell/builtins/completion-actions'
import { isExecutable } from '#engine/shell/interpreter/lookup'
import type { CompletionSpec } from '#engine/shell/state/completion'
import type { Shell } from '#engine/shell/state/shell'

export interface Offer {
  /** Where the word begins that is completed. */
  readonly from: number
  readonly candidates: readonly string[]
  /** What of the candidates is shown in a list: file names without their folder. */
  readonly shown: readonly string[]
  /** A space follows a single candidate. */
  readonly space: boolean
}

const mostCandidates = 2000

export async function complete(shell: Shell, text: string, cursor: number): Promise<Offer> {
  const before = text.slice(0, cursor)
  const segment = /[^|&;()]*$/.exec(before)?.[0] ?? ''
  const words = splitWords(segment)
  const word = words.at(-1) ?? ''
  const from = cursor - word.length
  const isCommand = words.filter((one) => !/^\w+=/.test(one)).length <= 1
  if (/^\$\{?\w*$/.test(word)) return variables(shell, word, from)
  if (/^['"]/.test(word)) return quoted(shell, word, from)
  if (/^~[^/]*$/.test(word)) return users(shell, word, from)
  if (isCommand && word.includes('/')) return files(shell, word, from, runnable)
  if (isCommand) return offer(from, [...new Set(actionWords(shell, 'command', word))].sort())
  const spec = isCommand ? undefined : specOf(shell, words[0] ?? '')
  if (!spec) return files(shell, word, from)
  return declared(shell, spec, { word, previous: words.at(-2) ?? '', words, index: words.length - 1, line: before, point: cursor })
}

/** What the command's own completion generates; files where it finds nothing and says so. */
async function declared(shell: Shell, spec: CompletionSpec, context: CompletionContext): Promise<Offer> {
  const from = context.point - context.word.length
  shell.currentCompletion = new Set(spec.options)
  try {
    const found = await generate(shell, spec, context)
    const options = shell.currentCompletion
    if (found.length === 0 && (options.has('default') || options.has('bashdefault'))) return files(shell, context.word, from)
    return { ...offer(from, [...new Set(found.map((one) => one.trimEnd()))].sort()), space: !options.has('nospace') }
  } finally {
    shell.currentCompletion = undefined
  }
}

function specOf(shell: Shell, command: string): CompletionSpec | undefined {
  return shell.completions.get(command) ?? shell.completions.get(command.split('/').pop() ?? '')
}

function runnable(shell: Shell, path: string): boolean {
  return isDirectory(shell, path) || isExecutable(shell, path)
}

function files(shell: Shell, word: string, from: number, wanted: (shell: Shell, path: string) => boolean = () => true): Offer & { readonly names: readonly string[] } {
  const home = shell.vars.find('HOME')?.scalar() ?? '/root'
  const real = word.startsWith('~/') ? `${home}${word.slice(1)}` : word
  const found = fileNames(shell, real, false).filter((path) => wanted(shell, path)).map((path) => (isDirectory(shell, path) ? `${path}/` : path))
  const candidates = word.startsWith('~/') ? found.map((path) => `~${path.slice(home.length)}`) : found
  const only = candidates.length === 1 && candidates[0]?.endsWith('/')
  return { from, names: candidates, candidates: candidates.map(quoteName), shown: candidates.map((path) => path.replace(/\/$/, '').split('/').pop() + (path.endsWith('/') ? '/' : '')), space: !only }
}

/** `$HO` and `${HO`; one that names a folder goes on with a slash. */
function variables(shell: Shell, word: string, from: number): Offer {
  const [open, close] = word.startsWith('${') ? ['${', '}'] : ['$', '']
  const names = actionWords(shell, 'variable', word.slice(open.length))
  const [only] = names
  const folder = names.length === 1 && isDirectory(shell, shell.vars.find(only as string)?.scalar() ?? '')
  return { ...offer(from, names.map((name) => `${open}${name}${close}${folder ? '/' : ''}`)), space: !folder }
}

/** A file's name in an open quote, which is closed where only one is meant. */
function quoted(shell: Shell, word: string, from: number): Offer {
  const quote = word.charAt(0)
  const found = files(shell, word.slice(1), from)
  const { names } = found
  const close = names.length === 1 && found.space ? quote : ''
  return { ...found, candidates: names.map((name) => `${quote}${name}${close}`) }
}

/** `~ro`: a home that a name stands for. */
function users(shell: Shell, word: string, from: number): Offer {
  const found = offer(from, actionWords(shell, 'user', word.slice(1)).sort().map((name) => `~${name}/`))
  return { ...found, space: false }
}

function offer(from: number, candidates: readonly string[]): Offer {
  const kept = candidates.slice(0, mostCandidates)
  return { from, candidates: kept, shown: kept, space: true }
}

function quoteName(path: string): string {
  return path.replace(/[ '"\\$&|;()<>*?[\]!#`]/g, '\\$&')
}

/** Words up to the cursor; an unfinished quote keeps its word together; a last blank begins an empty word. */
function splitWords(text: string): string[] {
  const words = text.trimStart().match(/(?:\\.|'[^']*'?|"(?:\\.|[^"])*"?|[^\s'"\\])+/g) ?? []
  return /\s$/.test(text) || text.trim() === '' ? [...words, ''] : [...words]
}

/** The longest beginning that all share. */
export function commonStart(candidates: readonly string[]): string {
  const [first = '', ...rest] = candidates
  let length = first.length
  for (const other of rest) while (!other.startsWith(first.slice(0, length))) length--
  return first.slice(0, length)
}

/** Candidates in columns, down then across, as readline prints them. */
export function inColumns(shown: readonly string[], width: number): string {
  const cell = Math.max(...shown.map((name) => name.length)) + 2
  const columns = Math.max(1, Math.floor(width / cell))
  const rows = Math.ceil(shown.length / columns)
  const lines = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_unused, column) => shown[column * rows + row] ?? '').map((name, column) => (column < columns - 1 && name !== '' ? name.padEnd(cell) : name)).join(''),
  )
  return lines.join('\r\n')
}
