// What a person's hands and scripts feel: keys, commands, single requests.
import { quantile } from '../room.mjs'

async function commandTimes(room, ...command) {
  await room.shared()
  const times = []
  for (let run = 0; run < 9; run++) {
    const begun = performance.now()
    room.cli('exec', 'controlplane', '--', ...command)
    times.push(performance.now() - begun)
  }
  return { value: quantile(times, 0.5), note: `median of ${times.length}, most ${Math.max(...times).toFixed(0)} ms` }
}

async function requestTimes(room, clients, each) {
  const { api } = await room.shared()
  const times = []
  const client = async () => {
    for (let request = 0; request < each; request++) {
      const begun = performance.now()
      const { status } = await api.call('GET', '/api/v1/namespaces/kube-system/configmaps/coredns')
      if (status !== 200) throw new Error(`the API answered ${status}`)
      times.push(performance.now() - begun)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  times.splice(0, times.length / 4)
  return { value: quantile(times, 0.99), note: `p50 ${quantile(times, 0.5).toFixed(2)} ms` }
}

export const measures = [
  {
    name: 'key to echo in a terminal, in the host, p95', unit: 'ms', most: 5,
    run: async (room) => {
      const { value, half } = await room.inside('echo')
      return { value, note: `p50 ${half.toFixed(2)} ms` }
    },
  },
  { name: 'exec: true', unit: 'ms', most: 150, run: (room) => commandTimes(room, 'true') },
  { name: 'exec: kubectl get nodes', unit: 'ms', most: 150, run: (room) => commandTimes(room, 'kubectl', 'get', 'nodes') },
  { name: 'one object over HTTPS, 4 clients, p99', unit: 'ms', most: 10, run: (room) => requestTimes(room, 4, 500) },
]
