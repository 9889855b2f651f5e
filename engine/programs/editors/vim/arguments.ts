/** vim's command line. */
export interface Arguments {
  readonly files: readonly string[]
  /** Run before and after the first file is read. */
  readonly before: readonly string[]
  readonly commands: readonly string[]
  readonly scripts: readonly string[]
  readonly ex: boolean
  readonly silent: boolean
  readonly readonly: boolean
  readonly rc: string | undefined
  /** What to print instead of editing. */
  readonly answer: string | undefined
  /** An option that there is not. */
  readonly unknown: string | undefined
}

export const version = 'VIM - Vi IMproved 9.0 (2022 Jun 28, compiled May 04 2023 10:24:44)\n'

export function readArguments(args: readonly string[], called: string): Arguments {
  return new Reader(args, called).read()
}

class Reader {
  private at = 0
  private plain = false
  private readonly out

  constructor(
    private readonly args: readonly string[],
    called: string,
  ) {
    this.out = { files: [] as string[], before: [] as string[], commands: [] as string[], scripts: [] as string[], ex: called === 'ex', silent: false, readonly: called === 'view', rc: undefined as string | undefined, answer: undefined as string | undefined, unknown: undefined as string | undefined }
  }

  read(): Arguments {
    while (this.at < this.args.length) {
      const arg = this.args[this.at++] as string
      if (this.plain || !/^[-+]./.test(arg)) this.out.files.push(arg)
      else if (arg.startsWith('+')) this.out.commands.push(arg === '+' ? '$' : arg.slice(1))
      else if (Object.hasOwn(this.whole, arg)) this.whole[arg]?.()
      else if (!/^-[no]\d*$/.test(arg)) this.letters(arg)
    }
    return this.out
  }

  private value(otherwise = ''): string {
    return this.args[this.at++] ?? otherwise
  }

  private readonly whole: Readonly<Record<string, () => void>> = {
    '--': () => (this.plain = true),
    '--version': () => (this.out.answer = version),
    '--help': () => (this.out.answer = help),
    '-h': () => (this.out.answer = help),
    '--cmd': () => this.out.before.push(this.value()),
    '-c': () => this.out.commands.push(this.value()),
    '-S': () => this.out.scripts.push(this.value('Session.vim')),
    '-u': () => (this.out.rc = this.value('NONE')),
    '-i': () => this.value(),
    '-T': () => this.value(),
    '--clean': () => (this.out.rc = 'NONE'),
    '--noplugin': () => undefined,
    '-N': () => undefined,
  }

  /** Letters together: `-es`, `-Rc cmd`. */
  private letters(arg: string): void {
    for (let at = 1; at < arg.length; at++) {
      const letter = arg.charAt(at)
      if (letter === 'e' || letter === 'E') this.out.ex = true
      else if (letter === 's') this.out.silent = true
      else if (letter === 'R' || letter === 'M') this.out.readonly = true
      else if (letter === 'c' || letter === 'u') return this.attached(letter, arg.slice(at + 1))
      else if (!'AbCdDfFgHilLmMnNoOpPrStTUvVwWxXyYZ0123456789'.includes(letter)) this.out.unknown ??= arg
    }
  }

  private attached(letter: string, text: string): void {
    if (letter === 'c') this.out.commands.push(text || this.value())
    else this.out.rc = text || this.value('NONE')
  }
}

const help = `${version}\nUsage: vim [arguments] [file ..]       edit specified file(s)\n`
