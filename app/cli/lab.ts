/** `seatrial lab`: practice and proof from a terminal. */
import type { AttemptView, GradeView } from '#app/shared/contract'
import { newLab, schemaText } from '#app/host/author'
import { loadAllLabs } from '#app/host/catalog'
import { seatrialHome, socketPath, writableHome } from '#app/host/home'
import { SessionServer } from '#app/host/session-server'
import { Trainer } from '#app/host/trainer'
import { trainerSessions } from '#app/host/trainer-sessions'
import { verifyLabsOnAllProcessors, verifyWorker } from '#app/host/verify-processes'
import { parseArguments, UsageError } from './arguments'
import { call } from './client'
import { usageOf } from './usage'

export async function labCommand(args: readonly string[]): Promise<number> {
  const [verb = '', ...rest] = args
  const run = { list, start, check, verify, reset: (given: readonly string[]) => simple('reset', given), leave: (given: readonly string[]) => simple('leave', given), hint, solution, new: create, schema, 'verify-worker': verifyWorker }[verb]
  if (!run) throw new UsageError(`${verb === '' ? '' : `there is no "lab ${verb}"\n`}${usageOf('lab')}`)
  return run(rest)
}

async function list(args: readonly string[]): Promise<number> {
  parseArguments(args, [], [], 0)
  const { labs, problems } = loadAllLabs(seatrialHome())
  for (const lab of labs) process.stdout.write(`${lab.id.padEnd(28)} ${lab.exam.padEnd(5)} ${lab.level.padEnd(7)} ${lab.title}\n`)
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  return Promise.resolve(problems.length > 0 ? 1 : 0)
}

function create(args: readonly string[]): Promise<number> {
  const [id] = parseArguments(args, [], [], 1).operands
  if (!id) throw new UsageError(usageOf('lab'))
  const file = newLab(writableHome(), id)
  process.stdout.write(`${file}\nOpen it in an editor with a YAML language server for completion, then: seatrial lab verify ${id}\n`)
  return Promise.resolve(0)
}

function schema(args: readonly string[]): Promise<number> {
  parseArguments(args, [], [], 0)
  process.stdout.write(schemaText())
  return Promise.resolve(0)
}

async function start(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args, ['seed'], [], 1)
  const [id] = parsed.operands
  const home = writableHome()
  const trainer = new Trainer(home, (event) => void (event.event === 'progress' && process.stderr.write(`${event.text}\n`)))
  const sessions = new SessionServer(socketPath(home), trainerSessions(trainer))
  await sessions.listen()
  const view = id === undefined ? await trainer.resume() : await trainer.start(id, parsed.value('seed'))
  if (!view) {
    sessions.close()
    throw new UsageError(`no attempt was left open; name a lab\n${usageOf('lab')}`)
  }
  process.stdout.write(`\n${view.title}\n\n${view.task}\nOpen a terminal with \`seatrial shell\`, then \`ssh ${view.host}\`; \`seatrial lab check\` grades. Ctrl+C keeps the attempt: \`seatrial lab start\` goes on with it.\n`)
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  sessions.close()
  trainer.shutDown()
  return 0
}

async function check(args: readonly string[]): Promise<number> {
  parseArguments(args, [], [], 0)
  const grade = (await call('check')) as GradeView
  process.stdout.write(`${renderGrade(grade)}\n`)
  return grade.points === grade.of ? 0 : 1
}

export function renderGrade(grade: GradeView): string {
  const lines = grade.checks.map((one) => {
    const mark = one.outcome === 'earned' ? 'earned' : one.outcome === 'lost' ? 'lost  ' : 'error '
    const head = `${mark} ${one.kind === 'gate' ? '    ' : `${one.points}/${one.of}`.padStart(4)}  ${one.says}`
    if (one.outcome === 'earned') return head
    const rest = [one.why ?? '', ...beside('expected: ', one.expected), ...beside('found:    ', one.actual), ...(one.read ? [`read:     ${one.read}`] : [])]
    return [head, ...rest.map((line) => `             ${line}`)].join('\n')
  })
  return `${lines.join('\n')}\n\n${grade.points} of ${grade.of} points${grade.hintPoints > 0 ? `, less ${grade.hintPoints} for hints` : ''}${grade.gateLost ? ' (something that should have stayed has changed)' : ''}`
}

/** A value of several lines stands below its first. */
function beside(name: string, value: string): string[] {
  return value.split('\n').map((line, index) => `${index === 0 ? name : ' '.repeat(name.length)}${line}`)
}

async function simple(method: string, args: readonly string[]): Promise<number> {
  parseArguments(args, [], [], 0)
  await call(method)
  process.stdout.write('done\n')
  return 0
}

async function hint(args: readonly string[]): Promise<number> {
  parseArguments(args, [], [], 0)
  const view = (await call('hint')) as AttemptView
  process.stdout.write(`${view.hints.shown.at(-1) ?? 'there is no hint'}\n`)
  return 0
}

async function solution(args: readonly string[]): Promise<number> {
  parseArguments(args, [], [], 0)
  const { steps } = (await call('solution')) as { steps: { on: string; run: string }[] }
  for (const step of steps) process.stdout.write(`# on ${step.on}\n${step.run}\n`)
  return 0
}

async function verify(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args, ['seeds'], ['every-step'])
  const verdicts = await verifyLabsOnAllProcessors(seatrialHome(), parsed.operands, { seeds: parsed.number('seeds', 3, 1, 100), everyStep: parsed.has('every-step') }, (line) => void process.stdout.write(`${line}\n`), process.argv[1] ?? '')
  return verdicts.every((verdict) => verdict.complaints.length === 0) ? 0 : 1
}
