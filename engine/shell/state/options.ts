/** `set -o` and `shopt` options, with the order and letters in which bash lists them. */
export const setOptions: readonly (readonly [name: string, letter: string])[] = [
  ['allexport', 'a'], ['braceexpand', 'B'], ['emacs', ''], ['errexit', 'e'], ['errtrace', 'E'], ['functrace', 'T'], ['hashall', 'h'],
  ['histexpand', 'H'], ['history', ''], ['ignoreeof', ''], ['interactive-comments', ''], ['keyword', 'k'], ['monitor', 'm'],
  ['noclobber', 'C'], ['noexec', 'n'], ['noglob', 'f'], ['nolog', ''], ['notify', 'b'], ['nounset', 'u'], ['onecmd', 't'],
  ['physical', 'P'], ['pipefail', ''], ['posix', ''], ['privileged', 'p'], ['verbose', 'v'], ['vi', ''], ['xtrace', 'x'],
]

export const shoptNames = [
  'autocd', 'assoc_expand_once', 'cdable_vars', 'cdspell', 'checkhash', 'checkjobs', 'checkwinsize', 'cmdhist', 'compat31', 'compat32',
  'compat40', 'compat41', 'compat42', 'compat43', 'compat44', 'complete_fullquote', 'direxpand', 'dirspell', 'dotglob', 'execfail',
  'expand_aliases', 'extdebug', 'extglob', 'extquote', 'failglob', 'force_fignore', 'globasciiranges', 'globskipdots', 'globstar',
  'gnu_errfmt', 'histappend', 'histreedit', 'histverify', 'hostcomplete', 'huponexit', 'inherit_errexit', 'interactive_comments',
  'lastpipe', 'lithist', 'localvar_inherit', 'localvar_unset', 'login_shell', 'mailwarn', 'no_empty_cmd_completion', 'nocaseglob',
  'nocasematch', 'noexpand_translation', 'nullglob', 'patsub_replacement', 'progcomp', 'progcomp_alias', 'promptvars', 'restricted_shell',
  'shift_verbose', 'sourcepath', 'varredir_close', 'xpg_echo',
] as const

const shoptOnByDefault = [
  'checkwinsize', 'cmdhist', 'complete_fullquote', 'extquote', 'force_fignore', 'globasciiranges', 'globskipdots', 'hostcomplete', 'interactive_comments',
  'patsub_replacement', 'progcomp', 'promptvars', 'sourcepath',
]

export class Options {
  private readonly set: Map<string, boolean>
  readonly shopt: Map<string, boolean>

  constructor(from?: Options) {
    this.set = new Map(from?.set ?? setOptions.map(([name]) => [name, name === 'braceexpand' || name === 'hashall' || name === 'interactive-comments'] as const))
    this.shopt = new Map(from?.shopt ?? shoptNames.map((name) => [name, shoptOnByDefault.includes(name)] as const))
  }

  on(name: string): boolean {
    return this.set.get(name) ?? false
  }

  has(name: string): boolean {
    return this.set.has(name)
  }

  put(name: string, value: boolean): void {
    this.set.set(name, value)
    if (value && name === 'vi') this.set.set('emacs', false)
    if (value && name === 'emacs') this.set.set('vi', false)
  }

  /** The `set -o` options of another. */
  takeSet(from: Options): void {
    for (const [name, value] of from.set) this.set.set(name, value)
  }

  nameOf(letter: string): string | undefined {
    return setOptions.find(([, l]) => l === letter)?.[0]
  }

  shellopts(): string {
    return setOptions.filter(([name]) => this.on(name)).map(([name]) => name).sort().join(':')
  }

  bashopts(): string {
    return [...this.shopt].filter(([, value]) => value).map(([name]) => name).sort().join(':')
  }

  /** `$-`. */
  flags(extra: { interactive: boolean; commandString: boolean; standardInput: boolean }): string {
    const order = 'abefhkmnptuvxBCEHPT'
    let letters = [...order].filter((letter) => this.on(this.nameOf(letter) ?? '')).join('')
    if (extra.interactive) letters = insertAfter(letters, 'i')
    if (extra.commandString) letters += 'c'
    if (extra.standardInput) letters += 's'
    return letters
  }
}

function insertAfter(letters: string, letter: string): string {
  const at = letters.search(/[kmnptuvxBCEHPT]/)
  const where = letters.indexOf('h') >= 0 ? letters.indexOf('h') + 1 : at < 0 ? letters.length : at
  const before = letters.slice(0, where)
  return before.includes('h') ? `${before.slice(0, -1)}${letter === 'i' ? 'hi' : letter}${letters.slice(where)}`.replace('hhi', 'hi') : `${before}${letter}${letters.slice(where)}`
}
