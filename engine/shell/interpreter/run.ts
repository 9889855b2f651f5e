/** Runs the tree: lists, pipelines and every kind of command. */
import type { AndOr, Command, CommandNode, CompoundList, Coproc, Function as FunctionNode, Pipeline, PipelineNode, Redirected, Statement, Subshell } from 'unbash'
import { runArithmetic, runArithmeticFor, runCase, runFor, runIf, runSelect, runWhile } from '#engine/shell/interpreter/compound'
import { runCondition } from '#engine/shell/interpreter/condition'
import { guardExpansion, releaseAfterCommand, reportRedirect } from '#engine/shell/interpreter/flow'
import { defineFunction } from '#engine/shell/interpreter/functions'
import { addBackground, forkShell, giveTerminal, monitoring, notifyJobs, waitForeground } from '#engine/shell/interpreter/processes'
import { redirect, type Undo } from '#engine/shell/interpreter/redirect'
import { runSimple } from '#engine/shell/interpreter/simple'
import { reportTime, startTime } from '#engine/shell/interpreter/timing'
import { runErrTrap, runPendingTraps } from '#engine/shell/interpreter/trap-run'
import { MemoryFile } from '#engine/shell/interpreter/memory-file'
import { DiscardLine, ExitShell } from '#engine/shell/state/signals'
import type { OpenFile } from '#engine/linux/abi/files'
import { isDone, type JobProcess } from '#engine/shell/state/jobs'
import type { Shell } from '#engine/shell/state/shell'
import { IndexedArray } from '#engine/shell/state/variables'
import { printNode } from '#engine/shell/syntax/printer'

const maxNesting = 2500

export async function runList(shell: Shell, statements: readonly Statement[]): Promise<number> {
  for (const statement of statements) {
    if (shell.options.on('noexec') && !shell.interactive) continue
    const held = shell.afterCommand.length
    if (statement.background) await runBackground(shell, statement)
    else await runChecked(shell, statement.command)
    releaseAfterCommand(shell, held)
    if (monitoring(shell) && !shell.interactive) await notifyJobs(shell)
    if (shell.traps.pending.length > 0 || shell.traps.dying) await runPendingTraps(shell)
    if (shell.traps.interrupted) throw new DiscardLine(130)
  }
  return shell.status
}

/** Runs a pipeline or list and acts on failure: ERR trap, errexit. */
async function runChecked(shell: Shell, node: PipelineNode | AndOr): Promise<void> {
  if (node.type === 'AndOr') return runAndOr(shell, node)
  const status = await runNode(shell, node)
  if (status !== 0) await failed(shell, node, status)
}

async function failed(shell: Shell, node: PipelineNode, status: number): Promise<void> {
  if (shell.conditionDepth > 0 || !countsAsFailure(node)) return
  await runErrTrap(shell)
  if (shell.options.on('errexit')) throw new ExitShell(status)
}

function countsAsFailure(node: PipelineNode): boolean {
  if (node.type === 'Pipeline') return !node.prefixes.some((prefix) => prefix.type === 'Negation')
  if (node.type === 'Redirected') return countsAsFailure(node.command)
  return node.type === 'Command' || node.type === 'Subshell' || node.type === 'TestCommand' || node.type === 'ArithmeticCommand'
}

async function runAndOr(shell: Shell, node: AndOr): Promise<void> {
  let status = 0
  for (let i = 0; i < node.commands.length; i++) {
    const operator = node.operators[i - 1]
    if (operator !== undefined && (operator === '&&') !== (status === 0)) continue
    const last = i === node.commands.length - 1
    if (last) return runChecked(shell, node.commands[i] as PipelineNode)
    shell.conditionDepth++
    try {
      status = await runNode(shell, node.commands[i] as PipelineNode)
    } finally {
      shell.conditionDepth--
    }
  }
}

export async function runNode(shell: Shell, node: PipelineNode | AndOr | CompoundList): Promise<number> {
  if (++shell.nesting > maxNesting) {
    shell.nesting = 0
    await shell.error('maximum nesting level exceeded')
    throw new DiscardLine(1)
  }
  try {
    return await runKind(shell, node)
  } finally {
    shell.nesting--
  }
}

function setLine(shell: Shell, pos: number): void {
  if (shell.source) shell.line = shell.source.lineAt(pos)
}

type Kind = Exclude<PipelineNode | AndOr | CompoundList, Command>
type Runner<N extends Kind> = (shell: Shell, node: N) => Promise<number>

/** What runs each kind of node. */
const runners: { readonly [T in Kind['type']]: Runner<Extract<Kind, { type: T }>> } = {
  AndOr: (shell, node) => runAndOr(shell, node).then(() => shell.status),
  Pipeline: runPipeline,
  CompoundList: (shell, node) => runList(shell, node.commands),
  If: runIf,
  For: runFor,
  ArithmeticFor: runArithmeticFor,
  While: runWhile,
  Case: runCase,
  Select: runSelect,
  BraceGroup: (shell, node) => runList(shell, node.body.commands),
  Subshell: runSubshell,
  TestCommand: (shell, node) => {
    setLine(shell, node.pos)
    return runCondition(shell, node)
  },
  ArithmeticCommand: (shell, node) => {
    setLine(shell, node.pos)
    return runArithmetic(shell, node)
  },
  Redirected: runRedirected,
  Function: (shell, node) => defineFunction(shell, node as FunctionNode),
  Coproc: runCoproc,
}

function runKind(shell: Shell, node: PipelineNode | AndOr | CompoundList): Promise<number> {
  if (node.type === 'Command') return runSimple(shell, node)
  shell.mayExec = false
  return (runners[node.type] as Runner<Kind>)(shell, node)
}

async function runRedirected(shell: Shell, node: Redirected): Promise<number> {
  setLine(shell, node.redirects[0]?.pos ?? node.pos)
  let undo: Undo
  try {
    undo = await guardExpansion(shell, () => redirect(shell, node.redirects))
  } catch (error) {
    return (shell.status = await reportRedirect(shell, error))
  }
  try {
    return await runNode(shell, node.command)
  } finally {
    undo()
  }
}

async function runSubshell(shell: Shell, node: Subshell): Promise<number> {
  setLine(shell, node.pos)
  const text = printNode(node, shell.source?.text ?? '')
  const child = await forkShell(shell, (copy) => runBody(copy, node.body), monitoring(shell) ? { processGroup: 'new' } : {})
  const statuses = await waitForeground(shell, [{ pid: child.pid, child, status: undefined }], text, child.pid)
  shell.setCommand(text)
  shell.status = statuses === 'stopped' ? 148 : (statuses[0] as number)
  shell.pipeStatus = [shell.status]
  return shell.status
}

/** A subshell's list: where it is one command, that may take the process over. */
export async function runBody(shell: Shell, body: CompoundList): Promise<number> {
  shell.mayExec = body.commands.length === 1 && !body.commands[0]?.background && body.commands[0]?.command.type === 'Command'
  return runList(shell, body.commands)
}

async function runPipeline(shell: Shell, node: Pipeline): Promise<number> {
  const negated = node.prefixes.filter((prefix) => prefix.type === 'Negation').length % 2 === 1
  const time = node.prefixes.find((prefix) => prefix.type === 'Time')
  const started = time ? startTime(shell) : undefined
  if (negated) shell.conditionDepth++
  try {
    if (node.commands.length === 0) shell.status = 0
    else if (node.commands.length === 1) await runNode(shell, node.commands[0] as CommandNode)
    else await runStages(shell, node)
  } finally {
    if (negated) shell.conditionDepth--
  }
  if (negated) shell.status = shell.status === 0 ? 1 : 0
  if (time && started) await reportTime(shell, started, time.posix !== undefined)
  return shell.status
}

async function runStages(shell: Shell, node: Pipeline): Promise<void> {
  setLine(shell, node.pos)
  const last = shell.options.shopt.get('lastpipe') && !monitoring(shell)
  const text = printNode(node, shell.source?.text ?? '')
  const count = last ? node.commands.length - 1 : node.commands.length
  const { processes, reader, group } = await startStages(shell, node, count, 'foreground')
  let lastStatus: number | undefined
  if (last && reader) {
    const undo = shell.saveDescriptor(0)
    shell.process.install(reader, 0)
    try {
      lastStatus = await runNode(shell, node.commands[count] as CommandNode)
    } finally {
      undo()
    }
  }
  const statuses = await waitForeground(shell, processes, text, group)
  if (statuses === 'stopped') {
    shell.status = 148
    return
  }
  shell.pipeStatus = lastStatus === undefined ? statuses : [...statuses, lastStatus]
  shell.status = pipelineStatus(shell, shell.pipeStatus)
}

function pipelineStatus(shell: Shell, statuses: readonly number[]): number {
  if (!shell.options.on('pipefail')) return statuses[statuses.length - 1] ?? 0
  return [...statuses].reverse().find((status) => status !== 0) ?? 0
}

interface Started {
  readonly processes: JobProcess[]
  readonly reader: ReturnType<Shell['process']['pipe']>['reader'] | undefined
  readonly group: number
}

/** `foreground` has the terminal from its first moment; `deaf`: in the background without job control, so ^C is not for it. */
async function startStages(shell: Shell, node: Pipeline, count: number, how: 'foreground' | 'job' | 'deaf'): Promise<Started> {
  const processes: JobProcess[] = []
  let reader: Started['reader']
  let group = 0
  for (let i = 0; i < count; i++) {
    const pipe = i < node.commands.length - 1 ? shell.process.pipe() : undefined
    const stage = node.commands[i] as CommandNode
    const input = reader ?? (how === 'deaf' ? nothing() : undefined)
    const child = await forkShell(shell, (copy) => {
      if (how === 'deaf') goDeaf(copy)
      return runStage(copy, stage)
    }, { descriptors: stageDescriptors(input, pipe?.writer, node.operators[i] === '|&'), ...(monitoring(shell) ? { processGroup: group === 0 ? ('new' as const) : group } : {}) })
    if (group === 0) {
      group = child.pid
      if (how === 'foreground') giveTerminal(shell, group)
    }
    processes.push({ pid: child.pid, child, status: undefined })
    reader = pipe?.reader
  }
  return { processes, reader, group }
}

function stageDescriptors(input: OpenFile | undefined, output: OpenFile | undefined, errors: boolean): Map<number, OpenFile> {
  const descriptors = new Map<number, OpenFile>()
  if (input) descriptors.set(0, input)
  if (output) descriptors.set(1, output)
  if (output && errors) descriptors.set(2, output)
  return descriptors
}

async function runStage(shell: Shell, stage: CommandNode): Promise<number> {
  shell.mayExec = stage.type === 'Command'
  if (stage.type === 'Command') shell.subshellLevel--
  if (stage.type === 'Subshell') return runBody(shell, stage.body)
  await runNode(shell, stage)
  releaseAfterCommand(shell)
  return shell.status
}

/** `command &`. */
async function runBackground(shell: Shell, statement: Statement): Promise<void> {
  setLine(shell, statement.pos)
  const text = printNode(statement.command, shell.source?.text ?? '')
  const { processes, group } = await startBackground(shell, statement.command)
  const job = addBackground(shell, processes, text, group)
  shell.jobs.lastPid = processes.at(-1)?.pid ?? group
  if (shell.interactive) await shell.complain(`[${job.number}] ${shell.jobs.lastPid}`)
  shell.status = 0
}

/** A plain pipeline is one job of its stages; all else runs in one subshell. */
async function startBackground(shell: Shell, node: Statement['command']): Promise<Started> {
  const monitored = monitoring(shell)
  if (node.type === 'Pipeline' && node.prefixes.length === 0 && node.commands.length > 1) return startStages(shell, node, node.commands.length, monitored ? 'job' : 'deaf')
  const descriptors = new Map(monitored ? [] : [[0, nothing()] as const])
  const child = await forkShell(shell, (copy) => runBackgroundBody(copy, node, monitored), { descriptors, ...(monitored ? { processGroup: 'new' as const } : {}) })
  return { processes: [{ pid: child.pid, child, status: undefined }], reader: undefined, group: child.pid }
}

/** The standard input of what runs in the background without job control. */
function nothing(): MemoryFile {
  return new MemoryFile(new Uint8Array(0), 0)
}

function goDeaf(shell: Shell): void {
  shell.process.handle('SIGINT', 'ignore')
  shell.process.handle('SIGQUIT', 'ignore')
}

async function runBackgroundBody(shell: Shell, node: Statement['command'], monitored: boolean): Promise<number> {
  if (!monitored) goDeaf(shell)
  if (node.type === 'Subshell') return runBody(shell, node.body)
  shell.mayExec = node.type === 'Command'
  if (node.type === 'Command') shell.subshellLevel--
  await runNode(shell, node)
  return shell.status
}

async function runCoproc(shell: Shell, node: Coproc): Promise<number> {
  const name = node.name?.text ?? 'COPROC'
  const running = shell.coprocess && shell.jobs.byPid(shell.coprocess.pid)
  if (running && !isDone(running)) await shell.error(`warning: execute_coproc: coproc [${shell.coprocess?.pid ?? 0}:${shell.coprocess?.name ?? ''}] still exists`)
  const input = shell.process.pipe()
  const output = shell.process.pipe()
  const child = await forkShell(shell, (copy) => {
    copy.mayExec = node.body.type === 'Command'
    return runNode(copy, node.body)
  }, { descriptors: new Map([[0, input.reader], [1, output.writer]]) })
  addBackground(shell, [{ pid: child.pid, child, status: undefined }], `coproc ${name} ${printNode(node.body, shell.source?.text ?? '')}`, child.pid)
  shell.jobs.lastPid = child.pid
  shell.coprocess = { pid: child.pid, name }
  const read = highDescriptor(shell)
  shell.process.install(output.reader, read)
  const write = highDescriptor(shell)
  shell.process.install(input.writer, write)
  shell.vars.obtain(name).value = new IndexedArray([String(read), String(write)])
  shell.vars.obtain(`${name}_PID`).value = String(child.pid)
  return (shell.status = 0)
}

function highDescriptor(shell: Shell): number {
  let fd = 63
  while (shell.descriptorOrUndefined(fd)) fd--
  return fd
}
