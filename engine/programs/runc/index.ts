/** runc: the few words of it that an administrator asks for; containers are made by the shim. */
import type { Program } from '#engine/linux/abi/program'
import type { TaskState } from '#engine/cri/containerd/shim/protocol'
import { table } from '#engine/cri/units'

const bundles = '/run/containerd/io.containerd.runtime.v2.task'

export const runc: Program = {
  name: 'runc',
  unsupported: 'everything but list, state and --version',
  async run(process) {
    const args = process.argv.slice(1)
    const root = args.indexOf('--root')
    const namespace = root < 0 ? 'k8s.io' : ((args[root + 1] ?? '').split('/').pop() ?? 'k8s.io')
    const words = args.filter((_, index) => root < 0 || (index !== root && index !== root + 1))
    if (words.includes('--version') || words.includes('-v')) {
      await process.stdout.write('runc version 1.3.4\ncommit: v1.3.4-0-gd6d73eb8\nspec: 1.2.1\ngo: go1.24.10\nlibseccomp: 2.5.4\n')
      return 0
    }
    if (words[0] !== 'list' && words[0] !== 'state') {
      await process.stderr.write(`runc: '${words[0] ?? ''}' is not simulated: containers are made by containerd's shim\n`)
      return 1
    }
    const { files } = process
    const directory = `${bundles}/${namespace}`
    const tasks = files.exists(directory) && root >= 0 ? files.readDirectory(directory).map((entry) => JSON.parse(files.readText(`${directory}/${entry.name}/task.json`)) as { state: TaskState }) : []
    const rows = tasks.map(({ state }) => [state.id, String(state.status === 'running' ? state.pid : 0), state.status, `${directory}/${state.id}`, new Date(Math.floor(state.startedAtMs)).toISOString(), 'root'])
    await process.stdout.write(table([['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'], ...rows], 12, 3))
    return 0
  },
}

export const runcPrograms: readonly Program[] = [runc]
