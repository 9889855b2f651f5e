/** The state of a stage as it grows, and what each instruction will do to it. */
import type { Files } from '#engine/linux/abi/files'
import type { ImageConfig } from '../images/definition'
import type { StoredImage } from '../images/store'
import { type CopyRoot, copyInto, type CopySource, sourceHash, sourcesOf } from './copy'
import type { Instruction } from './dockerfile/instruction'
import { DockerfileError } from './dockerfile/lines'
import { expand } from './dockerfile/words'
import { changeOf, commandLine, defaultShell } from './settings'
import { BuildFailure, type BuildHost } from './host'
import { type BuildArguments, declaredBy } from './variables'
import { downloaded, isUrl } from './download'

export interface StageState {
  image: StoredImage | undefined
  config: ImageConfig
  commandSet: boolean
}

export interface ToolBox {
  readonly host: BuildHost
  readonly args: BuildArguments
  readonly escape: string
  readonly context: CopyRoot
  /** The root of another stage or image, mounted to be read. */
  otherRoot(name: string): Promise<CopyRoot & { release(): void }>
}

export type Plan =
  | { readonly kind: 'config'; readonly config: ImageConfig; readonly comment: string; readonly setsCommand: boolean }
  | { readonly kind: 'workdir'; readonly config: ImageConfig; readonly path: string }
  | { readonly kind: 'copy'; readonly config: ImageConfig; readonly hash: string; readonly destination: string; readonly chown: string | undefined; perform(files: Files, root: string): void; release(): void }
  | { readonly kind: 'run'; readonly config: ImageConfig; readonly command: readonly string[]; readonly buildEnv: readonly string[]; readonly recorded: readonly string[] }

export async function planOf(step: Instruction, stage: StageState, tools: ToolBox): Promise<Plan> {
  const variables = tools.args.scope(stage.config.Env ?? [])
  const word = (text: string): string => {
    try {
      return expand(text, variables, tools.escape)
    } catch (error) {
      if (error instanceof DockerfileError) throw new BuildFailure(`failed to process ${JSON.stringify(text)}: ${error.message}`)
      throw error
    }
  }
  if (step.keyword === 'ARG') for (const [name, value] of declaredBy(step, word)) tools.args.declare(name, value)
  const change = changeOf(step, stage.config, word, stage.commandSet)
  if (change) return { kind: 'config', config: change.config, comment: change.comment, setsCommand: change.setsCommand ?? false }
  if (step.keyword === 'WORKDIR') return workdirPlan(stage, word(step.args[0] ?? ''))
  if (step.keyword === 'RUN') return runPlan(step, stage, tools)
  return copyPlan(step, stage, tools, word)
}

function workdirPlan(stage: StageState, path: string): Plan {
  const full = cleanPath(path.startsWith('/') ? path : `${stage.config.WorkingDir ?? ''}/${path}`)
  return { kind: 'workdir', config: { ...stage.config, WorkingDir: full }, path: full }
}

export function cleanPath(path: string): string {
  const out: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') out.pop()
    else if (part !== '' && part !== '.') out.push(part)
  }
  return `/${out.join('/')}`
}

function runPlan(step: Instruction, stage: StageState, tools: ToolBox): Plan {
  const [flag] = step.flags.keys()
  if (flag !== undefined) throw new BuildFailure(needsBuildKit(flag))
  const buildEnv = tools.args.forRun(stage.config.Env ?? [])
  return { kind: 'run', config: stage.config, command: commandLine(step, stage.config), buildEnv, recorded: tools.args.recorded(buildEnv) }
}

export function needsBuildKit(flag: string): string {
  return `the --${flag} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled`
}

async function copyPlan(step: Instruction, stage: StageState, tools: ToolBox, word: (text: string) => string): Promise<Plan> {
  const words = step.args.map(word)
  const destination = words.at(-1) ?? ''
  const patterns = words.slice(0, -1)
  const other = step.flags.get('from')
  const from = other === undefined ? { ...tools.context, release: () => undefined } : await tools.otherRoot(word(other))
  const urls = step.keyword === 'ADD' ? patterns.filter(isUrl) : []
  const fetched = urls.length > 0 ? await downloaded(tools.host, urls) : undefined
  const local = sourcesOf(from, patterns.filter((pattern) => !urls.includes(pattern)))
  const sources: CopySource[] = [...local, ...(fetched?.sources ?? [])]
  if (sources.length > 1 && !destination.endsWith('/')) throw new BuildFailure(`When using ${step.keyword} with more than one source file, the destination must be a directory and end with a /`)
  const chown = step.flags.get('chown') === undefined ? undefined : word(step.flags.get('chown') ?? '')
  const base = destination.startsWith('/') ? destination : `${stage.config.WorkingDir ?? ''}/${destination}`
  const target = `${cleanPath(base)}${/(?:^|\/)\.?$/.test(destination) ? '/' : ''}`
  return {
    kind: 'copy', config: stage.config, hash: sourceHash(from, sources), destination, chown,
    perform: (files, root) => copyInto({ files, root, destination: target, chown, keepOwner: other !== undefined && chown === undefined, extract: step.keyword === 'ADD' && urls.length === 0 }, from, sources),
    release: () => {
      from.release()
      fetched?.release()
    },
  }
}

export function shellOf(config: ImageConfig): string {
  return (config.Shell ?? defaultShell).join(' ')
}
