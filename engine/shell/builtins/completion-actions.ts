/** Candidates of a completion: word lists, files, names, functions. */
import { isErrno } from '#engine/linux/abi/errno'
import { builtinHelp } from '#engine/shell/builtins/help.table'
import { keywords } from '#engine/shell/builtins/type'
import { expandPathname } from '#engine/shell/expand/pathname'
import { escapeGlob, matchesGlob } from '#engine/shell/patterns/glob'
import type { CompletionSpec } from '#engine/shell/state/completion'
import { setOptions } from '#engine/shell/state/options'
import type { Shell } from '#engine/shell/state/shell'
import { signalNumbers } from '#engine/linux/abi/signals'
import { IndexedArray, Variable } from '#engine/shell/state/variables'

export interface CompletionContext {
  /** The word up to the cursor. */
  readonly word: string
  readonly previous: string
  readonly words: readonly string[]
  readonly index: number
  readonly line: string
  readonly point: number
}

export async function generate(shell: Shell, spec: CompletionSpec, context: CompletionContext): Promise<string[]> {
  let found: string[] = []
  for (const action of spec.actions) found.push(...actionWords(shell, action, context.word))
  if (spec.glob !== undefined) found.push(...expandPathname(shell.process, spec.glob, { extglob: true, dotglob: false, globstar: false, ignoreCase: false }))
  if (spec.words !== undefined) found.push(...(await wordList(shell, spec.words)).filter((word) => word.startsWith(context.word)))
  if (spec.function !== undefined && shell.functions.has(spec.function)) found.push(...(await callCompletion(shell, spec.function, context)))
  if (spec.command !== undefined) found.push(...(await shell.hooks.substitute(shell, `${spec.command} ${[context.words[0] ?? '', context.word, context.previous].map((word) => `'${word.replace(/'/g, "'\\''")}'`).join(' ')}`, false)).split('\n').filter((line) => line !== ''))
  if (spec.filter !== undefined) {
    const negated = spec.filter.startsWith('!')
    const pattern = (negated ? spec.filter.slice(1) : spec.filter).replace(/&/g, context.word)
    found = found.filter((word) => matchesGlob(pattern, word, { extglob: true }) === negated)
  }
  return found.map((word) => `${spec.prefix ?? ''}${word}${spec.suffix ?? ''}`)
}

async function wordList(shell: Shell, text: string): Promise<string[]> {
  const ifs = shell.vars.find('IFS')?.scalar() ?? ' \t\n'
  const expanded = /[$`"'\\]/.test(text) ? await shell.hooks.words.text(shell, text, 'document') : text
  return expanded.split(new RegExp(`[${ifs.replace(/[\\\]^-]/g, '\\$&')}]+`)).filter((word) => word !== '')
}

async function callCompletion(shell: Shell, name: string, context: CompletionContext): Promise<string[]> {
  const definition = shell.functions.get(name)
  if (!definition) return []
  const set = (variable: string, value: string | IndexedArray): void => {
    shell.vars.obtain(variable).value = value
  }
  set('COMP_WORDS', new IndexedArray(context.words))
  set('COMP_CWORD', String(context.index))
  set('COMP_LINE', context.line)
  set('COMP_POINT', String(context.point))
  set('COMP_TYPE', '9')
  set('COMP_KEY', '9')
  set('COMPREPLY', new IndexedArray())
  await shell.hooks.callFunction(shell, definition, [name, context.words[0] ?? '', context.word, context.previous])
  const { value } = shell.vars.find('COMPREPLY') ?? new Variable()
  for (const variable of ['COMP_WORDS', 'COMP_CWORD', 'COMP_LINE', 'COMP_POINT', 'COMP_TYPE', 'COMP_KEY', 'COMPREPLY']) shell.vars.unset(variable)
  return value instanceof IndexedArray ? value.values() : typeof value === 'string' ? [value] : []
}

interface ActionInput {
  readonly shell: Shell
  readonly word: string
  readonly starting: (names: Iterable<string>) => string[]
}

/** What each action of `compgen -A` lists. */
const actions: Readonly<Record<string, (input: ActionInput) => string[]>> = {
  alias: ({ shell, starting }) => starting(shell.aliases.keys()).sort(),
  arrayvar: ({ shell, starting }) => starting(shell.vars.names().filter((name) => typeof shell.vars.find(name)?.value === 'object')),
  builtin: ({ starting }) => starting(Object.keys(builtinHelp)),
  enabled: ({ starting }) => starting(Object.keys(builtinHelp)),
  command: ({ shell, word, starting }) => [...starting([...keywords, ...shell.aliases.keys(), ...shell.functions.keys(), ...Object.keys(builtinHelp)]), ...executables(shell, word)],
  directory: ({ shell, word }) => fileNames(shell, word, true),
  export: ({ shell, starting }) => starting(shell.vars.exported().keys()),
  file: ({ shell, word }) => fileNames(shell, word, false),
  function: ({ shell, starting }) => starting(shell.functions.keys()).sort(),
  group: ({ shell, starting }) => starting(databaseNames(shell, '/etc/group')),
  helptopic: ({ starting }) => starting(Object.keys(builtinHelp)),
  hostname: ({ shell, starting }) => starting(hostNames(shell)),
  job: ({ shell, starting }) => starting(shell.jobs.all().map((job) => job.text.split(' ')[0] ?? '')),
  keyword: ({ starting }) => starting(keywords),
  setopt: ({ starting }) => starting(setOptions.map(([name]) => name)),
  shopt: ({ shell, starting }) => starting(shell.options.shopt.keys()),
  signal: ({ starting }) => starting(Object.keys(signalNumbers)),
  user: ({ shell, starting }) => starting(databaseNames(shell, '/etc/passwd')),
  variable: ({ shell, starting }) => starting(shell.vars.names().filter((name) => shell.vars.find(name)?.isSet)),
}

export function actionWords(shell: Shell, action: string, word: string): string[] {
  const starting = (names: Iterable<string>): string[] => [...new Set(names)].filter((name) => name.startsWith(word))
  const entry = Object.hasOwn(actions, action) ? actions[action] : undefined
  return entry ? entry({ shell, word, starting }) : []
}

export function fileNames(shell: Shell, word: string, directoriesOnly: boolean): string[] {
  const pattern = `${escapeGlob(word)}*`
  const found = expandPathname(shell.process, pattern, { extglob: false, dotglob: word.split('/').pop()?.startsWith('.') ?? false, globstar: false, ignoreCase: false })
  return directoriesOnly ? found.filter((path) => isDirectory(shell, path)) : found
}

export function isDirectory(shell: Shell, path: string): boolean {
  try {
    return shell.files.exists(path)?.type === 'directory'
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

function executables(shell: Shell, word: string): string[] {
  if (word.includes('/')) return fileNames(shell, word, false)
  const names = new Set<string>()
  for (const directory of (shell.vars.find('PATH')?.scalar() ?? '').split(':')) {
    try {
      for (const entry of shell.files.readDirectory(directory || '.')) if (entry.name.startsWith(word) && entry.type !== 'directory') names.add(entry.name)
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }
  return [...names]
}

function databaseNames(shell: Shell, path: string): string[] {
  try {
    return shell.files.readText(path).split('\n').map((line) => line.split(':')[0] ?? '').filter((name) => name !== '')
  } catch (error) {
    if (isErrno(error)) return []
    throw error
  }
}

function hostNames(shell: Shell): string[] {
  try {
    return shell.files.readText('/etc/hosts').split('\n').flatMap((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1))
  } catch (error) {
    if (isErrno(error)) return []
    throw error
  }
}
