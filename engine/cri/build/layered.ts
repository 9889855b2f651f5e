/** buildah's front: a stage is one container that is committed, after every instruction where layers are kept. */
import { decodeUtf8 } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import { commitImage } from '../archive/commit'
import type { ImageConfig } from '../images/definition'
import type { StoredImage } from '../images/store'
import { type CopyRoot, MissingSource, OutsideSource } from './copy'
import { complaintOf } from './dockerfile/check'
import { type Instruction, instructionOf, keywords } from './dockerfile/instruction'
import { type BuildStage, type Dockerfile, stagesFor } from './dockerfile/stages'
import { expand } from './dockerfile/words'
import { BuildFailure, type BuildHost } from './host'
import { newId, perform } from './perform'
import type { Emit } from './run'
import { StageImages } from './sources'
import { type Plan, planOf, type StageState, type ToolBox } from './stage'
import { BuildArguments } from './variables'

export interface LayeredRequest {
  readonly dockerfile: Dockerfile
  readonly context: CopyRoot
  /** The context's path as it was given. */
  readonly contextName: string
  /** As they were given. */
  readonly tags: readonly string[]
  readonly buildArgs: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly target?: string
  readonly layers: boolean
  readonly noCache?: boolean
  readonly pull?: boolean
  readonly squash?: boolean
  readonly version: string
  fullName(tag: string): string
  /** Steps as they go; commands' output. */
  readonly stdout: Emit
  readonly stderr: Emit
}

export async function layeredBuild(host: BuildHost, request: LayeredRequest): Promise<StoredImage> {
  return new LayeredBuild(host, request).run()
}

interface Position { readonly stage: number; readonly stages: number; readonly step: number; readonly steps: number }

class LayeredBuild {
  private readonly images: StageImages
  private readonly args: BuildArguments

  constructor(
    private readonly host: BuildHost,
    private readonly request: LayeredRequest,
  ) {
    this.images = new StageImages(host)
    this.args = new BuildArguments(request.buildArgs)
  }

  async run(): Promise<StoredImage> {
    const { dockerfile, target } = this.request
    const stages = stagesFor(dockerfile, target)
    if (!stages) throw new BuildFailure(`building: the target ${JSON.stringify(target ?? '')} was not found in the provided Dockerfile`)
    for (const step of dockerfile.globals) for (const [name, value] of step.pairs) this.args.declareGlobal(name, value === undefined ? undefined : expand(value, this.args.global, dockerfile.escape))
    let image: StoredImage | undefined
    for (const [index, stage] of stages.entries()) image = await this.stage(stage, index, stages.length)
    if (!image) throw new BuildFailure('building: no stages')
    const unused = this.args.unused()
    if (unused.length > 0) await this.request.stderr(`[Warning] one or more build args were not consumed: [${unused.join(' ')}]\n`)
    await this.tag(image)
    await this.request.stdout(`${image.id.slice(7)}\n`)
    return image
  }

  private async tag(image: StoredImage): Promise<void> {
    for (const tag of this.request.tags) {
      const name = this.request.fullName(tag)
      this.host.store.setName(this.host.namespace, name, image.digest)
      await this.request.stdout(`Successfully tagged ${name}\n`)
    }
  }

  private async stage(stage: BuildStage, index: number, count: number): Promise<StoredImage | undefined> {
    const last = index === count - 1
    const steps = stage.steps
    const at = (step: number): Position => ({ stage: index + 1, stages: count, step, steps: steps.length + 1 })
    await this.announce(stage.from, at(1))
    this.args.begin()
    const state = await this.begin(stage)
    for (const [number, step] of steps.entries()) {
      await this.announce(step, at(number + 2))
      await this.apply(step, state, { final: number === steps.length - 1 && last, position: at(number + 2) })
    }
    if (last) await this.commitLine(state, count, index)
    this.images.add(stage.name, state.image)
    return state.image
  }

  private async commitLine(state: StageState, count: number, index: number): Promise<void> {
    const [tag] = this.request.tags
    await this.request.stdout(`${prefix(count, index)}COMMIT${tag === undefined ? '' : ` ${tag}`}\n`)
    if (state.image) await this.request.stdout(`--> ${state.image.id.slice(7, 18)}\n`)
  }

  private announce(step: Instruction, at: Position): Promise<void> {
    return this.request.stdout(`${prefix(at.stages, at.stage - 1)}STEP ${at.step}/${at.steps}: ${step.original}\n`)
  }

  private async begin(stage: BuildStage): Promise<StageState> {
    const name = expand(stage.from.args[0] ?? '', this.args.global, this.request.dockerfile.escape)
    if (name === 'scratch') return { image: undefined, config: {}, commandSet: false }
    const image = await this.images.image(name, this.request.stderr, this.request.pull)
    if (!image) throw new BuildFailure(`creating build container: ${name}: image not known`)
    const { OnBuild = [], ...config } = image.config.config
    const state: StageState = { image, config, commandSet: false }
    for (const text of OnBuild) await this.apply(instructionOf({ text, line: 1 }, this.request.dockerfile.escape), state, { final: false, position: undefined })
    return state
  }

  private async apply(step: Instruction, state: StageState, at: { final: boolean; position: Position | undefined }): Promise<void> {
    const plan = await this.plan(step, state)
    const config = at.final ? this.finalConfig(plan.config) : plan.config
    const createdBy = createdByOf(step, plan)
    const cached = this.request.noCache || !this.request.layers ? undefined : this.cached(state.image, createdBy, config)
    if (cached) {
      if (plan.kind === 'copy') plan.release()
      await this.request.stdout(`--> Using cache ${cached.id.slice(7)}\n`)
      state.image = cached
    } else state.image = await this.make(step, plan, state, config, createdBy)
    state.config = plan.config
    if (plan.kind === 'config' && plan.setsCommand) state.commandSet = true
    if (this.request.layers && !at.final && at.position) await this.request.stdout(`--> ${state.image.id.slice(7, 18)}\n`)
  }

  private finalConfig(config: ImageConfig): ImageConfig {
    return { ...config, Labels: { ...config.Labels, ...this.request.labels, 'io.buildah.version': this.request.version } }
  }

  private async plan(step: Instruction, state: StageState): Promise<Plan> {
    if (!keywords.includes(step.keyword)) throw await this.unknown(step)
    const complaint = complaintOf(step)
    if (complaint !== undefined) throw new BuildFailure(`building at STEP ${quoted(step)}: ${complaint}`)
    const tools: ToolBox = { host: this.host, args: this.args, escape: this.request.dockerfile.escape, context: this.request.context, otherRoot: (name) => this.otherRoot(name) }
    try {
      return await planOf({ ...step, flags: new Map([...step.flags].filter(([flag]) => flag !== 'chmod' && step.keyword !== 'RUN')) }, state, tools)
    } catch (error) {
      throw failureOf(error, step, this.request.contextName)
    }
  }

  private async unknown(step: Instruction): Promise<BuildFailure> {
    const text = `Build error: Unknown instruction: ${JSON.stringify(step.keyword)} `
    await this.request.stderr(`time="${new Date(Math.floor(this.host.now())).toISOString().slice(0, 19)}Z" level=error msg="+(UNHANDLED LOGLEVEL) &imagebuilder.Step{Original:${JSON.stringify(JSON.stringify(step.original)).slice(1, -1)}}"\n`)
    return new BuildFailure(`building at STEP ${quoted(step)}: ${text}&imagebuilder.Step{Env:[]string{}, Command:${JSON.stringify(step.keyword.toLowerCase())}, Args:[]string{${step.args.map((arg) => JSON.stringify(arg)).join(', ')}}, Flags:[]string{}, Attrs:map[string]bool(nil), Message:${JSON.stringify(step.original)}, Original:${JSON.stringify(step.original)}}`)
  }

  private async otherRoot(name: string): ReturnType<ToolBox['otherRoot']> {
    return this.images.mounted(await this.images.image(name, this.request.stderr))
  }

  private cached(parent: StoredImage | undefined, createdBy: string, config: ImageConfig): StoredImage | undefined {
    const wanted = JSON.stringify(config)
    const { store, namespace } = this.host
    return store.list(namespace).find((image) => (store.record(namespace, image.id)?.labels['parent'] ?? '') === (parent?.id ?? 'scratch') && image.config.history.at(-1)?.created_by === createdBy && JSON.stringify(image.config.config) === wanted)
  }

  private async make(step: Instruction, plan: Plan, state: StageState, config: ImageConfig, createdBy: string): Promise<StoredImage> {
    const { host } = this
    const done = plan.kind === 'config' ? undefined : await perform(host, plan, state, newId(host), (data, stream) => (stream === 'stdout' ? this.request.stdout : this.request.stderr)(decodeUtf8(data))).catch((error: unknown) => Promise.reject(failureOf(error, step, this.request.contextName)))
    if (plan.kind === 'copy') plan.release()
    if (done && done.exitCode !== 0) {
      done.root.discard()
      if (done.startFailure !== undefined) await this.request.stderr(`runc run failed: unable to start container process: ${done.startFailure}\n`)
      const code = done.startFailure === undefined ? done.exitCode : 1
      throw new BuildFailure(`building at STEP ${quoted(step)}: while running runtime: exit status ${code}`, code)
    }
    const image = commitImage(host, { parent: state.image, ...(done ? { snapshot: done.root.snapshot } : {}), config, createdBy })
    if (!state.image) host.store.label(host.namespace, image.id, { parent: 'scratch' }, false)
    return image
  }
}

function prefix(count: number, index: number): string {
  return count > 1 ? `[${index + 1}/${count}] ` : ''
}

/** As the step is quoted in errors: the keyword in capitals and what follows. */
function quoted(step: Instruction): string {
  const rest = step.original.replace(/^\S+\s*/, '')
  return JSON.stringify(keywords.includes(step.keyword) ? `${step.keyword} ${rest}` : `${step.keyword} ${step.args.join(' ')}`)
}

function failureOf(error: unknown, step: Instruction, context: string): unknown {
  const head = `building at STEP ${quoted(step)}: `
  if (error instanceof MissingSource) return new BuildFailure(`${head}checking on sources under ${JSON.stringify(context)}: copier: stat: ${error.wildcard ? `["/${error.pattern}"]` : JSON.stringify(`/${error.pattern}`)}: no such file or directory`)
  if (error instanceof OutsideSource) return new BuildFailure(`${head}checking on sources under ${JSON.stringify(context)}: copier: stat: ${JSON.stringify(`/${error.message.replace(/^(?:\.\.\/)+/, '')}`)}: no such file or directory`)
  if (error instanceof BuildFailure && !error.message.startsWith('building at')) return new BuildFailure(`${head}${error.message}`, error.code)
  return isErrno(error) ? new BuildFailure(`${head}${error.message.toLowerCase()}`) : error
}

function createdByOf(step: Instruction, plan: Plan): string {
  const rest = step.original.replace(/^\S+\s*/, '')
  if (plan.kind === 'copy') return `/bin/sh -c #(nop) ${step.keyword} ${plan.hash} in ${plan.destination} `
  if (plan.kind === 'run') return `${plan.recorded.length > 0 ? `|${plan.recorded.length} ${plan.recorded.join(' ')} ` : ''}${step.json ? plan.command.join(' ') : `/bin/sh -c ${rest}`}`
  return `/bin/sh -c #(nop) ${step.keyword} ${rest}`
}
