/** One shell: its variables, functions, options and jobs, over one process. A subshell is a copy over a forked process. */
import { inAsh, isAsh } from '#engine/shell/state/ash'
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import type { AndOr, CompoundCommand, CompoundList, PipelineNode, Redirected, Statement, Word } from 'unbash'
import type { FieldBuilder, Piece } from '#engine/shell/expand/fields'
import type { CompletionSpec } from '#engine/shell/state/completion'
import { JobTable } from '#engine/shell/state/jobs'
import { Options } from '#engine/shell/state/options'
import { Variables } from '#engine/shell/state/variables'
import { Traps } from '#engine/shell/state/traps'
import type { SourceText } from '#engine/shell/syntax/source'
import type { Part, WordMode } from '#engine/shell/syntax/words'

export interface FunctionDefinition {
  readonly name: string
  readonly body: CompoundCommand | Redirected | CompoundList
  readonly source: SourceText
  /** The file it was read from; `environment` for those of `bash -c`. */
  readonly file: string
  readonly line: number
  readonly text: string
}

/** A function call or a sourced file. */
export interface Frame {
  readonly name: string
  readonly file: string
  /** The line of the call. */
  readonly callLine: number
  readonly arguments: readonly string[]
  readonly kind: 'function' | 'source'
  /** `local -`: the options that come back with the function's end. */
  options?: Options
}

export interface ShellSetup {
  readonly name: string
  readonly positional?: readonly string[]
  readonly interactive?: boolean
  readonly login?: boolean
  /** dash's words and restrictions. */
  readonly posixShell?: boolean
}

/** Where text that is run comes from: it is named in syntax errors. */
export type TextKind = 'eval' | 'source' | 'trap' | 'substitution' | 'backquote'

export interface WordHooks {
  fields(shell: Shell, words: readonly (Word | string)[]): Promise<string[]>
  /** `assignment`: tildes after colons count. */
  text(shell: Shell, text: string, mode?: WordMode, assignment?: boolean): Promise<string>
  pattern(shell: Shell, text: string, mode?: WordMode): Promise<string>
  regex(shell: Shell, text: string): Promise<string>
  pieces(shell: Shell, text: string, mode: WordMode): Promise<readonly Piece[]>
  arithmetic(shell: Shell, text: string): Promise<bigint>
  arithmeticText(shell: Shell, text: string): Promise<string>
  parts(shell: Shell, parts: readonly Part[], builder: FieldBuilder, quoted: boolean, joined?: boolean, splitLiterals?: boolean): Promise<void>
}

/** What other modules of the shell do for those below them: joined once, in main.ts. */
export interface ShellHooks {
  readonly words: WordHooks
  /** Runs a node of the tree; returns its status. */
  node(shell: Shell, node: PipelineNode | AndOr | CompoundList): Promise<number>
  list(shell: Shell, statements: readonly Statement[]): Promise<number>
  /** Output of a command substitution. */
  substitute(shell: Shell, script: string, backquoted: boolean): Promise<string>
  /** The path under which a process substitution's pipe is reached. */
  processSubstitution(shell: Shell, script: string, writes: boolean): Promise<string>
  runText(shell: Shell, text: string, kind: TextKind, options?: { firstLine?: number; file?: string }): Promise<number>
  runWords(shell: Shell, words: readonly string[], options?: { skipFunctions?: boolean; standardPath?: boolean; builtinOnly?: boolean }): Promise<number>
  callFunction(shell: Shell, definition: FunctionDefinition, words: readonly string[]): Promise<number>
  /** Reads a file as a script in a process of its own: a file without `#!`. */
  interpretFile(process: Process, path: string, args: readonly string[]): Promise<number>
}

export const maxFunctionDepth = 900

export class Shell {
  vars = new Variables()
  functions = new Map<string, FunctionDefinition>()
  readonlyFunctions = new Set<string>()
  exportedFunctionNames = new Set<string>()
  aliases = new Map<string, string>()
  options: Options
  traps = new Traps()
  jobs = new JobTable()
  hashed = new Map<string, { path: string; hits: number }>()
  completions = new Map<string, CompletionSpec>()
  /** Shared with the editor: commands as typed. */
  history: string[] = []
  historyStart = 1
  /** The last one that `coproc` started. */
  coprocess: { readonly pid: number; readonly name: string } | undefined
  /** When each of the history's lines was added, in milliseconds. */
  historyTimes: number[] = []
  /** How many of them the history file has. */
  historySaved = 0
  directories: string[] = []
  positional: string[]
  frames: Frame[] = []
  name: string
  /** `$$`: also in subshells the first shell's pid. */
  shellPid: number
  status = 0
  pipeStatus: number[] = [0]
  /** The line that runs now. */
  line = 1
  /** The text that runs now. */
  source: SourceText | undefined
  /** `bash -c`, a script, or standard input. */
  origin: 'command' | 'script' | 'input' | 'interactive' = 'command'
  scriptFile: string | undefined
  interactive: boolean
  /** It, or the shell it is a copy of, talks with a person. */
  interactiveShell: boolean
  login: boolean
  posixShell: boolean
  /** busybox's shell: dash's grammar with some of bash's commands, and words of its own. */
  readonly ash: boolean
  subshellLevel = 0
  lastArgument = ''
  /** How many `+` a trace has beyond the first. */
  traceLevel = 0
  /** errexit does not count inside conditions; above zero there. */
  conditionDepth = 0
  loopDepth = 0
  nesting = 0
  /** Descriptors that hold what a redirection has put aside. */
  private readonly saved = new Set<number>()
  startedMs: number
  getopts = { index: 1, offset: 0 }
  /** What `RANDOM=` has set; a subshell begins anew. */
  randomSeed: number | undefined
  disabledBuiltins = new Set<string>()
  /** ulimit's changes; nothing enforces them. */
  limits = new Map<string, string>()
  /** Options of the completion whose function runs. */
  currentCompletion: Set<string> | undefined
  /** What runs now, as jobs and messages show it. */
  commandText = ''
  /** The same without the commands of traps, for BASH_COMMAND. */
  bashCommand = ''
  tracedFunctions = new Set<string>()
  /** `exit` has told of stopped jobs once. */
  exitWarned = false
  /** Words of `bash -c`'s text, for BASH_EXECUTION_STRING. */
  executionString: string | undefined
  lastSubstitutionStatus: number | undefined
  /** The next external command may take this process's place: nothing is left to do after it. */
  mayExec = false
  /** Pieces of work to undo after a command: process substitutions' descriptors. */
  afterCommand: (() => void)[] = []
  private ticks = 0

  constructor(
    public process: Process,
    readonly hooks: ShellHooks,
    setup: ShellSetup,
  ) {
    this.name = setup.name
    this.shellPid = process.pid
    this.positional = [...(setup.positional ?? [])]
    this.interactive = setup.interactive ?? false
    this.interactiveShell = this.interactive
    this.login = setup.login ?? false
    this.posixShell = setup.posixShell ?? false
    this.ash = this.posixShell && isAsh(process)
    this.options = new Options()
    this.startedMs = process.clock.now()
  }

  /** dash's echo: escapes always count, `-n` is its only flag. */
  get hasPlainEcho(): boolean {
    return this.posixShell && !this.ash
  }

  /** The copy that runs in a forked child. */
  forked(child: Process): Shell {
    const copy = new Shell(child, this.hooks, { name: this.name, positional: this.positional, posixShell: this.posixShell })
    copy.vars = this.vars.copy()
    copy.functions = new Map(this.functions)
    copy.readonlyFunctions = new Set(this.readonlyFunctions)
    copy.exportedFunctionNames = new Set(this.exportedFunctionNames)
    copy.tracedFunctions = new Set(this.tracedFunctions)
    copy.aliases = new Map(this.aliases)
    copy.options = new Options(this.options)
    copy.options.put('monitor', false)
    copy.traps = this.traps.forSubshell()
    copy.jobs = this.jobs.forSubshell()
    copy.hashed = new Map(this.hashed)
    copy.completions = this.completions
    copy.history = this.history
    copy.historyTimes = this.historyTimes
    copy.directories = [...this.directories]
    copy.frames = [...this.frames]
    copy.getopts = { ...this.getopts }
    copy.subshellLevel = this.subshellLevel + 1
    copy.disabledBuiltins = new Set(this.disabledBuiltins)
    copy.limits = new Map(this.limits)
    copy.inherit(this)
    for (const fd of this.saved) closeQuietly(child, fd)
    return copy
  }

  private inherit(parent: Shell): void {
    this.shellPid = parent.shellPid
    this.status = parent.status
    this.pipeStatus = parent.pipeStatus
    this.line = parent.line
    this.source = parent.source
    this.origin = parent.origin
    this.interactiveShell = parent.interactiveShell
    this.scriptFile = parent.scriptFile
    this.lastArgument = parent.lastArgument
    this.conditionDepth = parent.conditionDepth
    this.nesting = parent.nesting
    this.traceLevel = parent.traceLevel
    this.startedMs = parent.startedMs
    this.executionString = parent.executionString
    this.bashCommand = parent.bashCommand
  }

  /** Exported functions as the environment holds them: the text after the name. */
  get exportedFunctions(): Map<string, string> {
    const out = new Map<string, string>()
    for (const name of this.exportedFunctionNames) {
      const text = this.functions.get(name)?.text
      if (text !== undefined) out.set(name, text.slice(name.length + 1).replace(/^\(\) \n\{ \n/, '() {  '))
    }
    return out
  }

  get files(): Process['files'] {
    return this.process.files
  }

  async write(fd: number, text: string): Promise<void> {
    if (text === '') return
    await this.process.descriptor(fd).write(encodeLossless(text))
  }

  /** Standard error, where nobody may be listening. */
  async complain(text: string): Promise<void> {
    try {
      await this.write(2, `${this.ash ? inAsh(text, this.origin === 'script') : text}\n`)
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }

  /** `bash: line 3: ` in front, as bash does for its own errors. */
  async error(message: string): Promise<void> {
    await this.complain(`${this.prefix()}${message}`)
  }

  prefix(): string {
    if (this.posixShell) return `${this.name}: ${this.line}: ${this.sourcedFile()}`
    return this.interactiveShell ? `${this.errorName()}: ` : `${this.errorName()}: line ${this.line}: `
  }

  /** dash names a file that is read by `.` after the line. */
  private sourcedFile(): string {
    const frame = this.frames.findLast((one) => one.kind === 'source')
    return frame ? `${frame.file}: ` : ''
  }

  errorName(): string {
    const file = this.frames[this.frames.length - 1]?.file
    return file && !this.interactiveShell ? file : this.name
  }

  descriptorOrUndefined(fd: number): OpenFile | undefined {
    return this.process.descriptors().get(fd)
  }

  /** Puts a descriptor aside at 10 or above; returns how to restore it. */
  saveDescriptor(fd: number): () => void {
    const file = this.descriptorOrUndefined(fd)
    const process = this.process
    if (!file) return () => closeQuietly(process, fd)
    const at = this.freeDescriptor()
    process.install(file, at)
    this.saved.add(at)
    return () => {
      process.install(file, fd)
      this.saved.delete(at)
      closeQuietly(process, at)
    }
  }

  /** Makes descriptors that `exec` replaced stay: nothing to restore. */
  freeDescriptor(): number {
    const open = this.process.descriptors()
    let at = 10
    while (open.has(at)) at++
    return at
  }

  /** Descriptors that a program started from here inherits. */
  inheritable(): Map<number, OpenFile> {
    const out = new Map<number, OpenFile>()
    for (const [fd, file] of this.process.descriptors()) if (!this.saved.has(fd)) out.set(fd, file)
    return out
  }

  setCommand(text: string): void {
    this.commandText = text
    if (this.traps.running === 0) this.bashCommand = text
  }

  /** Called once per simple command: busy loops use the processor, so that others run and time passes. */
  async tick(leastMs = 0): Promise<void> {
    await this.process.compute(Math.max(leastMs, ++this.ticks > manyTicks ? 0.05 : 0.005))
  }
}

/** A shell that has run this many commands does nothing but burn time: it burns it in larger pieces, which costs the host less. */
const manyTicks = 2_000_000

function closeQuietly(process: Process, fd: number): void {
  try {
    process.closeDescriptor(fd)
  } catch (error) {
    if (!isErrno(error, 'EBADF')) throw error
  }
}
