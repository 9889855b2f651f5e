/** The builder of docker's engine 20.10 without BuildKit: an image per instruction, and a cache of them. */
import { decodeUtf8, toHex } from '#engine/base/bytes'
import type { ImageConfig } from '../images/definition'
import { normalizeReference } from '../images/reference'
import { extractArchive } from '../archive/tree'
import { commitImage } from '../archive/commit'
import { parentOf } from '../archive/scope'
import type { StoredImage } from '../images/store'
import { MissingSource, OutsideSource } from './copy'
import { DockerfileError } from './dockerfile/lines'
import { type Instruction, instructionOf } from './dockerfile/instruction'
import { type BuildStage, type Dockerfile, parseDockerfile, stagesFor } from './dockerfile/stages'
import { checked } from './dockerfile/check'
import { expand } from './dockerfile/words'
import { ignoreFile } from './context'
import { newId, perform } from './perform'
import type { Emit } from './run'
import { contextRoot, StageImages } from './sources'
import { BuildFailure, type BuildHost } from './host'
import { needsBuildKit, type Plan, planOf, shellOf, type StageState, type ToolBox } from './stage'
import { BuildArguments } from './variables'

export interface BuildRequest {
  /** The context as an archive. */
  readonly context: Uint8Array
  /** Path in the context; empty for `Dockerfile`. */
  readonly dockerfile: string
  readonly tags: readonly string[]
  readonly buildArgs: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly target?: string
  readonly noCache?: boolean
  readonly pull?: boolean
  /** Remove intermediate containers (default); their lines are printed accordingly. */
  readonly remove?: boolean
}

/** Returns the id, `sha256:...`. Throws BuildFailure with what the daemon answers. */
export async function classicBuild(host: BuildHost, request: BuildRequest, emit: Emit): Promise<string> {
  const directory = `/var/tmp/docker-builder${toHex(host.process.random.bytes(4))}`
  host.process.files.mkdirAll(directory, 0o700)
  let begun = false
  const told: Emit = (text) => {
    begun = true
    return emit(text)
  }
  try {
    extractArchive(host.process.files, directory, request.context)
    const dockerfile = readDockerfile(host, directory, request.dockerfile === '' ? 'Dockerfile' : request.dockerfile)
    return await new ClassicBuild(host, request, told, dockerfile, directory).run()
  } catch (error) {
    const failure = error instanceof DockerfileError ? new BuildFailure(error.line === undefined ? error.message : `dockerfile parse error line ${error.line}: ${error.message}`) : error
    // Before anything is streamed the daemon answers with an error instead.
    if (failure instanceof BuildFailure && !begun) throw new BuildFailure(`Error response from daemon: ${failure.message}`, failure.code)
    throw failure
  } finally {
    host.process.files.removeAll(directory)
  }
}

function readDockerfile(host: BuildHost, directory: string, name: string): Dockerfile {
  const { files } = host.process
  if (!files.exists(`${directory}/${name}`)) throw new BuildFailure(`Cannot locate specified Dockerfile: ${name}`)
  const bytes = files.readFile(`${directory}/${name}`)
  if (bytes.length === 0) throw new BuildFailure(`the Dockerfile (${name}) cannot be empty`)
  return parseDockerfile(decodeUtf8(bytes))
}

class ClassicBuild {
  private readonly images: StageImages
  private readonly args: BuildArguments
  private step = 0
  private steps = 0

  constructor(
    private readonly host: BuildHost,
    private readonly request: BuildRequest,
    private readonly emit: Emit,
    private readonly dockerfile: Dockerfile,
    private readonly directory: string,
  ) {
    this.images = new StageImages(host)
    this.args = new BuildArguments(request.buildArgs)
  }

  async run(): Promise<string> {
    const { request, dockerfile } = this
    const stages = stagesFor(dockerfile, request.target)
    if (!stages) throw new BuildFailure(`failed to reach build target ${request.target ?? ''} in Dockerfile`)
    const labels = Object.entries(request.labels)
    this.steps = dockerfile.globals.length + stages.reduce((sum, stage) => sum + 1 + stage.steps.length, 0) + (labels.length > 0 ? 1 : 0)
    for (const step of dockerfile.globals) await this.globalArgument(step)
    let last: StageState | undefined
    for (const [index, stage] of stages.entries()) {
      const extra = index === stages.length - 1 && labels.length > 0 ? [labelStep(labels)] : []
      last = await this.stage({ ...stage, steps: [...stage.steps, ...extra] })
    }
    return this.finish(last)
  }

  private async globalArgument(step: Instruction): Promise<void> {
    await this.announce(step)
    for (const [name, value] of step.pairs) this.args.declareGlobal(name, value === undefined ? undefined : expand(value, this.args.global, this.dockerfile.escape))
  }

  private async finish(last: StageState | undefined): Promise<string> {
    if (!last?.image) throw new BuildFailure('No image was generated. Is your Dockerfile empty?')
    const unused = this.args.unused()
    if (unused.length > 0) await this.emit(`[Warning] One or more build-args [${unused.join(' ')}] were not consumed\n`)
    await this.emit(`Successfully built ${last.image.id.slice(7, 19)}\n`)
    for (const tag of this.request.tags) {
      const name = normalizeReference(tag)
      this.host.store.setName(this.host.namespace, name, last.image.digest)
      await this.emit(`Successfully tagged ${name.replace(/^docker\.io\/(?:library\/)?/, '')}\n`)
    }
    return last.image.id
  }

  private announce(step: Instruction): Promise<void> {
    return this.emit(`Step ${++this.step}/${this.steps} : ${step.original}\n`)
  }

  private async stage(stage: BuildStage): Promise<StageState> {
    await this.announce(stage.from)
    this.args.begin()
    const state = await this.begin(stage)
    for (const step of stage.steps) {
      await this.announce(step)
      await this.apply(step, state)
    }
    this.images.add(stage.name, state.image)
    return state
  }

  private async begin(stage: BuildStage): Promise<StageState> {
    const base = stage.from.args[0] ?? ''
    const name = expand(base, this.args.global, this.dockerfile.escape)
    if (name === '') throw new BuildFailure(`base name (${base}) should not be blank`)
    if (name === 'scratch') {
      await this.emit(` ---> \n`)
      return { image: undefined, config: {}, commandSet: false }
    }
    const image = await this.images.image(name, this.emit, this.request.pull)
    if (!image) throw new BuildFailure(`No such image: ${name}`)
    await this.emit(` ---> ${image.id.slice(7, 19)}\n`)
    const { OnBuild = [], ...config } = image.config.config
    const state: StageState = { image, config, commandSet: false }
    if (OnBuild.length > 0) await this.triggers(OnBuild, state)
    return state
  }

  private async triggers(lines: readonly string[], state: StageState): Promise<void> {
    await this.emit(`# Executing ${lines.length} build trigger${lines.length > 1 ? 's' : ''}\n`)
    for (const text of lines) await this.apply(checked(instructionOf({ text, line: 1 }, this.dockerfile.escape)), state)
  }

  private async apply(step: Instruction, state: StageState): Promise<void> {
    const plan = await this.plan(step, state)
    const createdBy = createdByOf(step, plan, state.config)
    const cached = this.request.noCache ? undefined : this.cached(state.image, createdBy, plan.config)
    if (cached) {
      await this.emit(` ---> Using cache\n`)
      release(plan)
      state.image = cached
    } else state.image = await this.make(plan, state, createdBy)
    state.config = plan.config
    if (plan.kind === 'config' && plan.setsCommand) state.commandSet = true
    await this.emit(` ---> ${state.image.id.slice(7, 19)}\n`)
  }

  private async plan(step: Instruction, state: StageState): Promise<Plan> {
    if ((step.keyword === 'COPY' || step.keyword === 'ADD') && step.flags.has('chmod')) throw new BuildFailure(needsBuildKit('chmod'))
    const ignored = ignoreFile(this.host.process.files, this.directory)
    const tools: ToolBox = {
      host: this.host, args: this.args, escape: this.dockerfile.escape, context: contextRoot(this.host.process.files, this.directory, ignored),
      otherRoot: (name) => this.otherRoot(name),
    }
    try {
      return await planOf(step, state, tools)
    } catch (error) {
      throw copyFailure(error, step)
    }
  }

  private async otherRoot(name: string): ReturnType<ToolBox['otherRoot']> {
    try {
      return this.images.mounted(await this.images.image(name, this.emit))
    } catch (error) {
      throw error instanceof BuildFailure ? new BuildFailure(`invalid from flag value ${name}: ${error.message}`) : error
    }
  }

  private cached(parent: StoredImage | undefined, createdBy: string, config: ImageConfig): StoredImage | undefined {
    const wanted = JSON.stringify(config)
    const { store, namespace } = this.host
    return store.list(namespace).find((image) => (store.record(namespace, image.id)?.labels['parent'] ?? '') === (parent?.id ?? 'scratch') && image.config.history.at(-1)?.created_by === createdBy && JSON.stringify(image.config.config) === wanted)
  }

  private async make(plan: Plan, state: StageState, createdBy: string): Promise<StoredImage> {
    const id = newId(this.host)
    const { host } = this
    const shown = plan.kind !== 'copy'
    if (shown) await this.emit(` ---> Running in ${id.slice(0, 12)}\n`)
    const done = plan.kind === 'config' ? undefined : await perform(host, plan, state, id, (data) => this.emit(decodeUtf8(data)))
    release(plan)
    if (done && done.exitCode !== 0) {
      done.root.discard()
      if (done.startFailure !== undefined) throw new BuildFailure(`failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${done.startFailure}: unknown`)
      throw new BuildFailure(`The command '${plan.kind === 'run' ? plan.command.join(' ') : ''}' returned a non-zero code: ${done.exitCode}`, done.exitCode)
    }
    if (shown && this.request.remove !== false) await this.emit(`Removing intermediate container ${id.slice(0, 12)}\n`)
    const image = commitImage(host, { parent: state.image, ...(done ? { snapshot: done.root.snapshot } : {}), config: plan.config, createdBy })
    if (parentOf(host, image.id) === undefined) host.store.label(host.namespace, image.id, { parent: 'scratch' }, false)
    return image
  }
}

function release(plan: Plan): void {
  if (plan.kind === 'copy') plan.release()
}

function createdByOf(step: Instruction, plan: Plan, config: ImageConfig): string {
  const shell = shellOf(plan.kind === 'config' && step.keyword === 'SHELL' ? plan.config : config)
  if (plan.kind === 'config') return `${shell} #(nop)  ${plan.comment}`
  if (plan.kind === 'workdir') return `${shell} #(nop) WORKDIR ${plan.path}`
  if (plan.kind === 'copy') return `${shell} #(nop) ${step.keyword} ${plan.chown === undefined ? '' : `--chown=${plan.chown}`}${plan.hash} in ${plan.destination} `
  return [...(plan.recorded.length > 0 ? [`|${plan.recorded.length}`, ...plan.recorded] : []), ...plan.command].join(' ')
}

function copyFailure(error: unknown, step: Instruction): unknown {
  const place = step.flags.has('from') ? '' : 'file not found in build context or excluded by .dockerignore: '
  if (error instanceof MissingSource) return new BuildFailure(`${step.keyword} failed: ${error.wildcard ? 'no source files were specified' : `${place}stat ${error.pattern}: file does not exist`}`)
  if (error instanceof OutsideSource) return new BuildFailure(`${step.keyword} failed: forbidden path outside the build context: ${error.message} ()`)
  return error
}

/** `--label` is one more instruction at the end. */
function labelStep(labels: readonly (readonly [string, string])[]): Instruction {
  return instructionOf({ text: `LABEL ${[...labels].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${JSON.stringify(name)}='${value}'`).join(' ')}`, line: 0 }, '\\')
}

export { BuildFailure, type BuildHost } from './host'
export type { BuildNetwork, Emit } from './run'
