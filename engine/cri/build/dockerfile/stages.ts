/** A whole Dockerfile: arguments before the first FROM, and stages. */
import { checked } from './check'
import { type Instruction, instructionOf } from './instruction'
import { DockerfileError, readLines } from './lines'

export interface BuildStage {
  readonly from: Instruction
  readonly name: string | undefined
  readonly steps: readonly Instruction[]
}

export interface Dockerfile {
  /** ARG before the first FROM. */
  readonly globals: readonly Instruction[]
  readonly stages: readonly BuildStage[]
  readonly escape: string
}

/** Throws DockerfileError. With `lenient` the instructions are checked one by one as they come up. */
export function parseDockerfile(text: string, lenient = false): Dockerfile {
  const source = readLines(text)
  const steps = source.lines.map((line) => instructionOf(line, source.escape))
  const globals: Instruction[] = []
  const stages: { from: Instruction; name: string | undefined; steps: Instruction[] }[] = []
  for (const step of steps) {
    if (!lenient) checked(step)
    const current = stages.at(-1)
    if (step.keyword === 'FROM') stages.push({ from: step, name: step.args[2]?.toLowerCase(), steps: [] })
    else if (current) current.steps.push(step)
    else if (step.keyword === 'ARG') globals.push(step)
    else throw new DockerfileError('no build stage in current context')
  }
  if (stages.length === 0) throw new DockerfileError(steps.length === 0 ? 'file with no instructions' : 'no build stage in current context')
  return { globals, stages, escape: source.escape }
}

/** The stages up to the target, by name or number. */
export function stagesFor(dockerfile: Dockerfile, target: string | undefined): readonly BuildStage[] | undefined {
  if (target === undefined || target === '') return dockerfile.stages
  const index = dockerfile.stages.findIndex((stage, at) => stage.name === target.toLowerCase() || String(at) === target)
  return index < 0 ? undefined : dockerfile.stages.slice(0, index + 1)
}
