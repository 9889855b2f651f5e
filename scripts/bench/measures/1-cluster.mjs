// A cluster that comes up, comes back, and then does nothing.
import { processorSeconds, residentMebibytes, sleep } from '../room.mjs'

/** From the start of the process to the first answer that names the nodes. */
async function startToNodes(room, nodes, ...flags) {
  const begun = performance.now()
  const cluster = await room.up(room.folder(`start-${flags.join('')}`), ...flags)
  try {
    for (;;) {
      const { status, text } = await cluster.api.call('GET', '/api/v1/nodes').catch(() => ({ status: 0 }))
      if (status === 200 && JSON.parse(text).items.length === nodes) break
      await sleep(5)
    }
    const value = (performance.now() - begun) / 1000
    return { value, note: `${processorSeconds(cluster.pid).toFixed(2)} s of processor time` }
  } finally {
    await cluster.end()
  }
}

const settledMs = 15_000
const idleMs = 20_000

export const measures = [
  { name: 'start to nodes over HTTPS, three nodes, from the image', unit: 's', most: 1, run: (room) => startToNodes(room, 3, '--profile', 'three') },
  { name: 'the same by running kubeadm', unit: 's', most: 3, run: (room) => startToNodes(room, 3, '--profile', 'three', '--fresh') },
  {
    name: 'reset of a task, until the API answers again', unit: 'ms', most: 200,
    run: async (room) => {
      const { value, restore, first, work } = await room.inside('reset')
      return { value, note: `median of warm resets; ${work.toFixed(0)} ms of processor time; the call itself ${restore.toFixed(0)} ms; the first in a process ${first.toFixed(0)} ms` }
    },
  },
  {
    name: 'memory, three nodes at rest', unit: 'MiB', most: 120,
    run: async (room) => {
      const cluster = await room.shared()
      await sleep(settledMs)
      return residentMebibytes(cluster.pid)
    },
  },
  { name: 'memory, each further cluster of three nodes', unit: 'MiB', most: 25, run: async (room) => (await room.inside('further')).value },
  {
    name: 'processor at rest, three nodes', unit: '% of a core', most: 1,
    run: async (room) => {
      const { pid } = await room.shared()
      await sleep(settledMs)
      const before = processorSeconds(pid)
      await sleep(idleMs)
      return ((processorSeconds(pid) - before) / (idleMs / 1000)) * 100
    },
  },
]
