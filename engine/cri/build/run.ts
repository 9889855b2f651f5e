/** One command in a build's root, with its output as it comes. */
import type { Process, ChildOptions } from '#engine/linux/abi/process'
import { exitCodeOf } from '#engine/linux/abi/signals'
import { cgroupDirectory, type OciMount, type OciNamespace, type OciSpec } from '../containerd/oci'
import { removeCgroup, writeLimits } from '../containerd/shim/cgroup'
import { enterRoot, namespaceRequest } from '../containerd/shim/init'
import { openStdio, readOrEnd, startProcess } from '../containerd/shim/task'

/** The network of a build's containers. */
export interface BuildNetwork {
  /** Absent: the host's. */
  readonly namespace?: OciNamespace
  readonly mounts: readonly OciMount[]
  release(): Promise<void>
}

export type Emit = (text: string) => Promise<void>

/** Runs to the end and returns the exit code. Throws StartFailure where the command cannot start. */
export async function runInRoot(process: Process, spec: OciSpec, output: (stream: 'stdout' | 'stderr', data: Uint8Array) => Promise<void>): Promise<number> {
  const cgroup = cgroupDirectory(spec.linux.cgroupsPath)
  writeLimits(process.files, cgroup, spec.linux.resources)
  const stdio = openStdio(process, false, false)
  const options: ChildOptions = { namespaces: namespaceRequest(process, spec), cgroup, descriptors: stdio.descriptors, onlyNamedDescriptors: true, umask: 0o022, session: {} }
  try {
    const child = await startProcess(process, options, spec.process, spec.linux.seccomp, (init) => enterRoot(init, spec))
    const pumps = stdio.outputs.map(async ({ stream, reader }) => {
      for (let data = await readOrEnd(reader); data; data = await readOrEnd(reader)) await output(stream, data)
      reader.release()
    })
    const status = await child.wait()
    await Promise.all(pumps)
    return exitCodeOf(status)
  } finally {
    removeCgroup(process.files, cgroup)
  }
}
