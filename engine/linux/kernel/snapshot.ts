/** What of a running kernel survives in a snapshot: mounts with their in-memory trees, groups, settings. No process does. */
import { Errno } from '#engine/linux/abi/errno'
import { TreeFileSystem, type TreeSnapshot } from '#engine/linux/fs/cow/tree'
import type { CgroupState } from '#engine/linux/kernel/cgroup'
import { KernelContext } from '#engine/linux/kernel/context'
import type { Kernel } from '#engine/linux/kernel/kernel'
import type { KernelMessage } from '#engine/linux/kernel/log'
import type { SwapArea } from '#engine/linux/kernel/swap'
import type { FileSystem } from '#engine/linux/vfs/filesystem'
import { ProcessFiles } from '#engine/linux/vfs/files'
import { Mount, pathOf } from '#engine/linux/vfs/mount'
import { walk } from '#engine/linux/vfs/walk'

interface MountState {
  readonly path: string
  readonly source: string
  readonly type: string
  readonly options: readonly string[]
  readonly readOnly: boolean
  readonly subPath: string
  /** Which of `trees` it shows, from which inode; undefined: made anew from type and options. */
  readonly tree: number | undefined
  readonly rootInode: number
}

export interface RunningState {
  readonly hostname: string
  readonly bootedAtMs: number
  readonly bootId: string
  readonly machineUuid?: string
  readonly lastPid: number
  readonly trees: readonly TreeSnapshot[]
  readonly mounts: readonly MountState[]
  readonly cgroups: CgroupState
  readonly sysctl: readonly (readonly [string, string])[]
  readonly messages: readonly KernelMessage[]
  readonly swaps?: readonly SwapArea[]
  /** What the network provider saves of itself: plain data. */
  readonly network?: unknown
  /** The network as it was at the first boot: what a reboot comes back to. */
  readonly bootNetwork?: unknown
  /** Where namespaces of the network are bound, by inode. */
  readonly networkFiles?: readonly { readonly path: string; readonly inode: number }[]
}

/** The disk itself is no part of this: its tree has number -1. */
const disk = -1

export function saveRunning(kernel: Kernel): RunningState {
  const { mount } = kernel.namespaces
  const trees: TreeFileSystem[] = []
  const states: MountState[] = []
  const networkFiles: { path: string; inode: number }[] = []
  for (const each of mount.all()) {
    if (!each.at) continue
    if (each.type === 'nsfs') {
      networkFiles.push({ path: pathOf(each.at), inode: each.rootInode })
      continue
    }
    states.push({ path: pathOf(each.at), source: each.source, type: each.type, options: each.options, readOnly: each.readOnly, subPath: each.subPath, tree: treeNumber(each.fs, mount.root.fs, trees), rootInode: each.rootInode })
  }
  return {
    hostname: kernel.namespaces.uts.hostname,
    bootedAtMs: kernel.options.bootedAtMs,
    bootId: kernel.options.bootId,
    lastPid: kernel.pidNamespace.lastPid,
    trees: trees.map((tree) => tree.snapshot()),
    mounts: states,
    cgroups: kernel.cgroups.save(),
    sysctl: kernel.sysctl.save(),
    messages: [...kernel.log.messages],
    ...(kernel.swaps.list.length > 0 ? { swaps: kernel.swaps.list } : {}),
    network: kernel.network.save?.(),
    networkFiles,
  }
}

export function restoreRunning(kernel: Kernel, state: RunningState): void {
  const context = new KernelContext(kernel)
  const trees = state.trees.map((tree) => TreeFileSystem.open(() => kernel.clock.now(), tree))
  kernel.cgroups.load(state.cgroups)
  kernel.sysctl.load(state.sysctl)
  kernel.log.messages.push(...state.messages)
  kernel.swaps.load(state.swaps ?? [])
  kernel.pidNamespace.startAfter(state.lastPid)
  for (const each of state.mounts) {
    try {
      const target = walk(context, each.path)
      const fs = each.tree === undefined ? context.makeFileSystem({ source: each.source, target: each.path, type: each.type, options: each.options }) : each.tree === disk ? kernel.namespaces.mount.root.fs : (trees[each.tree] as FileSystem)
      kernel.namespaces.mount.add(new Mount(fs, each.tree === undefined ? fs.root : each.rootInode, each.source, each.type, each.options, each.readOnly, target, each.subPath))
    } catch (error) {
      // A mount over what exists only in a process's memory (a namespace file) is made again by who made it.
      if (!(error instanceof Errno)) throw error
    }
  }
  for (const { path, inode } of state.networkFiles ?? []) mountNetworkFile(kernel, context, path, inode)
}

function mountNetworkFile(kernel: Kernel, context: KernelContext, path: string, inode: number): void {
  const namespace = kernel.network.namespaceOf?.(inode)
  if (!namespace || !new ProcessFiles(context).exists(path)) return
  const place = kernel.namespaceFiles.place('net', inode, namespace)
  kernel.namespaces.mount.add(new Mount(place.mount.fs, inode, 'nsfs', 'nsfs', [], false, walk(context, path)))
}

function treeNumber(fs: FileSystem, root: FileSystem, trees: TreeFileSystem[]): number | undefined {
  if (fs === root) return disk
  if (!(fs instanceof TreeFileSystem) || fs.type === 'sysfs') return undefined
  const known = trees.indexOf(fs)
  if (known >= 0) return known
  trees.push(fs)
  return trees.length - 1
}
