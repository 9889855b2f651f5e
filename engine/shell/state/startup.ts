/** The variables a shell starts with. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Shell } from '#engine/shell/state/shell'
import { IndexedArray } from '#engine/shell/state/variables'
import { parse } from 'unbash'
import { SourceText } from '#engine/shell/syntax/source'
import { printFunction } from '#engine/shell/syntax/printer'

export function initializeVariables(shell: Shell): void {
  const { vars, process } = shell
  for (const [name, value] of process.env) {
    const exported = /^BASH_FUNC_(.+)%%$/.exec(name)
    if (exported) importFunction(shell, exported[1] as string, value)
    else if (/^[A-Za-z_]\w*$/.test(name)) {
      const variable = vars.obtain(name)
      variable.value = value
      variable.exported = true
    }
  }
  const put = (name: string, value: string, onlyIfMissing = false): void => {
    if (!onlyIfMissing || vars.find(name)?.value === undefined) vars.obtain(name).value = value
  }
  put('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', true)
  shell.lastArgument = process.env.get('_') ?? process.argv[0] ?? ''
  put('IFS', ' \t\n')
  put('PS4', '+ ', true)
  put('OPTIND', '1')
  setDirectory(shell)
  if (shell.posixShell) return
  put('BASH', process.executable.path)
  put('BASH_VERSION', '5.2.15(1)-release')
  vars.obtain('BASH_VERSINFO').value = new IndexedArray(['5', '2', '15', '1', 'release', 'x86_64-pc-linux-gnu'])
  vars.obtain('BASH_VERSINFO').readonly = true
  put('HOSTNAME', process.uname().nodename, true)
  put('HOSTTYPE', 'x86_64')
  put('MACHTYPE', 'x86_64-pc-linux-gnu')
  put('OSTYPE', 'linux-gnu')
  put('OPTERR', '1')
  put('TERM', 'dumb', true)
  for (const [name, value] of [['UID', process.credentials.uid], ['EUID', process.credentials.euid], ['PPID', process.ppid]] as const) {
    const variable = vars.obtain(name)
    variable.value = String(value)
    variable.readonly = true
    variable.integer = true
  }
  const level = Number(vars.find('SHLVL')?.scalar() ?? 0)
  put('SHLVL', String((Number.isInteger(level) ? level : 0) + 1))
  vars.obtain('SHLVL').exported = true
  if (shell.interactive) interactiveVariables(shell, put)
}

function interactiveVariables(shell: Shell, put: (name: string, value: string, onlyIfMissing?: boolean) => void): void {
  put('PS1', '\\s-\\v\\$ ', true)
  put('PS2', '> ', true)
  put('HISTFILE', `${shell.vars.find('HOME')?.scalar() ?? ''}/.bash_history`, true)
  put('HISTSIZE', '500', true)
  put('HISTFILESIZE', '500', true)
}

/** PWD from the environment is kept where it names the same directory. */
function setDirectory(shell: Shell): void {
  const given = shell.vars.find('PWD')?.scalar()
  let actual = '/'
  try {
    actual = shell.process.cwd()
    if (given?.startsWith('/')) {
      const a = shell.files.stat(given)
      const b = shell.files.stat('.')
      if (a.ino === b.ino && a.dev === b.dev) actual = given
    }
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  shell.vars.obtain('PWD').value = actual
  shell.vars.obtain('PWD').exported = true
  if (!shell.vars.find('OLDPWD')) shell.vars.obtain('OLDPWD').exported = true
}

function importFunction(shell: Shell, name: string, value: string): void {
  const text = `${name} ${value}`
  const script = parse(text)
  const node = script.commands[0]?.command
  if (script.errors?.length || node?.type !== 'Function') return
  shell.functions.set(name, { name, body: node.body, source: new SourceText(text, 1), file: 'environment', line: 1, text: printFunction(name, node.body, text) })
  shell.exportedFunctionNames.add(name)
}
