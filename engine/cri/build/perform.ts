/** Does what a plan says in a root of its own, and leaves the new layer behind. */
import { toHex } from '#engine/base/bytes'
import { StartFailure } from '../containerd/shim/init'
import { containerConfiguration, environmentOf, ownNamespaces, userFilesOf } from './container'
import { mountRoot, type MountedRoot } from './root'
import { runInRoot } from './run'
import { BuildFailure, type BuildHost } from './host'
import type { Plan, StageState } from './stage'

export interface Performed { readonly root: MountedRoot; readonly exitCode: number; readonly startFailure?: string }

export function newId(host: BuildHost): string {
  return toHex(host.process.random.bytes(32))
}

export async function perform(host: BuildHost, plan: Plan, stage: StageState, id: string, output: (data: Uint8Array, stream: 'stdout' | 'stderr') => Promise<void>): Promise<Performed> {
  const root = mountRoot(host.process, host, stage.image, id)
  try {
    if (plan.kind === 'run') return await runPlan(host, plan, root, id, output)
    if (plan.kind === 'copy') plan.perform(host.process.files, root.path)
    if (plan.kind === 'workdir') makeDirectory(host, root.path, plan.path)
    root.unmount()
    return { root, exitCode: 0 }
  } catch (error) {
    root.discard()
    throw error
  }
}

function makeDirectory(host: BuildHost, root: string, path: string): void {
  const { files } = host.process
  const there = files.exists(`${root}${path}`)
  if (there && there.type !== 'directory') throw new BuildFailure(`mkdir ${root}${path}: not a directory`)
  if (!there) files.mkdirAll(`${root}${path}`, 0o755)
}

async function runPlan(host: BuildHost, plan: Extract<Plan, { kind: 'run' }>, root: MountedRoot, id: string, output: (data: Uint8Array, stream: 'stdout' | 'stderr') => Promise<void>): Promise<Performed> {
  const { files } = host.process
  const network = await host.network()
  const spec = containerConfiguration({
    rootPath: root.path, args: plan.command, env: [...environmentOf(plan.config, plan.buildEnv), `HOSTNAME=${id.slice(0, 12)}`, ...home(plan.config.User)], cwd: plan.config.WorkingDir ?? '/', user: plan.config.User ?? '',
    hostname: id.slice(0, 12), namespaces: ownNamespaces(network.namespace), mounts: network.mounts, cgroupsPath: `/build/${id}`,
  }, userFilesOf(files, root.path))
  const missing = missingTargets(host, root.path, spec.mounts.map((mount) => mount.destination))
  try {
    const exitCode = await runInRoot(host.process, spec, (stream, data) => output(data, stream))
    root.unmount()
    tidy(host, root, missing)
    return { root, exitCode }
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error
    root.unmount()
    return { root, exitCode: 127, startFailure: error.message }
  } finally {
    await network.release()
  }
}

function home(user: string | undefined): string[] {
  return user === undefined || user === '' || user === 'root' || user === '0' ? ['HOME=/root'] : []
}

/** What a run only makes to mount on is no part of its layer. */
function missingTargets(host: BuildHost, root: string, paths: readonly string[]): string[] {
  const all = paths.flatMap((path) => path.split('/').filter((part) => part !== '').map((_, index, parts) => `/${parts.slice(0, index + 1).join('/')}`))
  return [...new Set(all)].filter((path) => !host.process.files.exists(`${root}${path}`)).sort((a, b) => b.length - a.length)
}

function tidy(host: BuildHost, root: MountedRoot, missing: readonly string[]): void {
  const { files } = host
  const upper = host.store.snapshots.upperDirectory(root.snapshot) ?? ''
  for (const path of missing) {
    const stat = files.exists(`${upper}${path}`)
    if (stat?.type === 'directory' && files.readDirectory(`${upper}${path}`).length === 0) files.rmdir(`${upper}${path}`)
    else if (stat?.type === 'file' && stat.size === 0) files.unlink(`${upper}${path}`)
  }
}
