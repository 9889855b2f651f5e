/** An interactive shell: prompt, line, run; until the end of input or exit. */
import { runInput } from '#engine/shell/interpreter/input-run'
import { guardLine } from '#engine/shell/interpreter/flow'
import { notifyJobs } from '#engine/shell/interpreter/processes'
import { runPendingTraps, runTrap } from '#engine/shell/interpreter/trap-run'
import { syntaxErrorLines } from '#engine/shell/interpreter/syntax-error'
import { hereDocumentWarning, readerFor, runChunk, syntaxStatus } from '#engine/shell/interpreter/text-run'
import { expandPrompt } from '#engine/shell/expand/prompt'
import type { Shell } from '#engine/shell/state/shell'
import { DiscardLine } from '#engine/shell/state/signals'
import { expandAliases } from '#engine/shell/syntax/aliases'
import { check } from '#engine/shell/syntax/checker'
import { LineEditor } from './editor'
import { addHistory, loadHistory, saveHistory } from './history'
import { expandHistory } from './history-expansion'

export async function runInteractive(shell: Shell): Promise<number> {
  const input = shell.process.descriptor(0)
  if (!input.tty) return runInput(shell)
  takeTerminal(shell)
  loadHistory(shell)
  const loaded = shell.history.length
  const editor = new LineEditor(shell, input, input.tty)
  try {
    return await new Session(shell, editor).run()
  } finally {
    saveHistory(shell, loaded)
  }
}

/** Leads a process group in the foreground of its terminal; keys that stop or quit are not for the shell. */
function takeTerminal(shell: Shell): void {
  const { process } = shell
  if (process.processGroup !== process.pid && process.session !== process.pid) process.setProcessGroup(0, 0)
  process.terminal()?.setForeground(process.processGroup)
  // Handlers, not 'ignore': children must have the default again.
  for (const signal of ['SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGTERM', 'SIGQUIT'] as const) process.handle(signal, () => undefined)
  process.handle('SIGINT', () => shell.traps.interrupt?.())
  shell.options.put('monitor', true)
}

class Session {
  private pending = ''
  /** Of the here-document that is being typed. */
  private delimiter: string | undefined

  constructor(
    private readonly shell: Shell,
    private readonly editor: LineEditor,
  ) {}

  async run(): Promise<number> {
    const { shell, editor } = this
    for (;;) {
      await this.beforePrompt()
      const result = await editor.read(await expandPrompt(shell, this.variable(this.pending === '' ? 'PS1' : 'PS2', this.pending === '' ? '\\s-\\v\\$ ' : '> ')))
      if (result.kind === 'interrupt') {
        this.pending = ''
        this.delimiter = undefined
        shell.status = 130
        if (shell.traps.get('SIGINT')) await guardLine(shell, () => runTrap(shell, shell.traps.get('SIGINT') as string).then(() => shell.status))
      } else if (result.kind === 'end') {
        if (await this.leave()) return shell.status
      } else await this.line(result.text)
    }
  }

  private async beforePrompt(): Promise<void> {
    const { shell } = this
    await notifyJobs(shell)
    await runPendingTraps(shell)
    const command = this.variable('PROMPT_COMMAND', '')
    if (command === '' || this.pending !== '') return
    const { status } = shell
    await guardLine(shell, () => shell.hooks.runText(shell, command, 'eval'))
    shell.status = status
  }

  /** `checkwinsize`: COLUMNS and LINES are those of the terminal. */
  private windowSize(): void {
    const { shell } = this
    const terminal = shell.process.descriptor(0).tty
    if (!terminal || !shell.options.shopt.get('checkwinsize')) return
    shell.vars.obtain('COLUMNS').value = String(terminal.columns)
    shell.vars.obtain('LINES').value = String(terminal.rows)
  }

  private async line(typed: string): Promise<void> {
    const { shell } = this
    const expanded = shell.options.on('histexpand') ? expandHistory(typed, shell.history, shell.historyStart) : { text: typed }
    if (expanded.missing !== undefined) return shell.complain(`${shell.errorName()}: ${expanded.missing}`)
    if (expanded.text !== typed) await shell.complain(expanded.text)
    this.pending += `${expanded.text}\n`
    if (!expanded.printOnly && (this.inDocument(expanded.text) || this.continues(this.pending))) return
    const text = this.pending
    this.pending = ''
    this.delimiter = undefined
    addHistory(shell, text.replace(/\n$/, ''))
    if (!expanded.printOnly) await this.runText(text)
  }

  /** Inside a here-document nothing has to be looked at until its last line: long ones are pasted line by line. */
  private inDocument(line: string): boolean {
    return this.delimiter !== undefined && line.replace(/^\t+/, '') !== this.delimiter
  }

  /** Whether the command goes on: an open quote, an unfinished loop, a here-document, a backslash at the line's end. */
  private continues(text: string): boolean {
    const { shell } = this
    if (/(?:^|[^\\])(?:\\\\)*\\\n$/.test(text)) return true
    const aliased = shell.options.shopt.get('expand_aliases') && shell.aliases.size > 0 ? expandAliases(text, shell.aliases) : text
    const verdict = check(aliased, shell.options.shopt.get('extglob') ?? false, shell.posixShell)
    this.delimiter = verdict.kind === 'complete' ? verdict.openHereDocument?.delimiter : undefined
    return verdict.kind === 'incomplete' || (verdict.kind === 'complete' && verdict.openHereDocument !== undefined)
  }

  private async runText(text: string): Promise<void> {
    const { shell } = this
    this.windowSize()
    const reader = readerFor(shell, text, 1)
    for (let next = reader.next(); next; next = reader.next()) {
      if ('fault' in next) {
        for (const message of syntaxErrorLines(shell, next.fault, 'script')) await shell.complain(message)
        shell.status = syntaxStatus(next.fault.verdict)
        return
      }
      const { chunk } = next
      await hereDocumentWarning(shell, chunk)
      await this.interruptible(() => runChunk(shell, chunk))
    }
  }

  /** ^C ends what the shell itself runs: loops and builtins; its children get the signal from the terminal. */
  private async interruptible(run: () => Promise<number>): Promise<void> {
    const { shell } = this
    shell.traps.interrupted = false
    shell.traps.interrupt = () => {
      shell.traps.interrupted = true
      shell.traps.onInterrupt?.()
    }
    try {
      await guardLine(shell, run)
    } catch (error) {
      if (!(error instanceof DiscardLine)) throw error
    } finally {
      if (shell.traps.interrupted) await shell.complain('')
      shell.traps.interrupted = false
      shell.traps.interrupt = undefined
      shell.process.terminal()?.setForeground(shell.process.processGroup)
    }
  }

  /** The end of input: with stopped jobs the first time is a warning. */
  private async leave(): Promise<boolean> {
    const { shell } = this
    const stopped = shell.jobs.all().some((job) => job.stopped !== undefined)
    await shell.complain(shell.login ? 'logout' : 'exit')
    if (!stopped || shell.exitWarned) return true
    shell.exitWarned = true
    await shell.complain('There are stopped jobs.')
    return false
  }

  private variable(name: string, fallback: string): string {
    return this.shell.vars.find(name)?.scalar() ?? fallback
  }
}
