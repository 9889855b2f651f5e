// Many pods, time running ahead as fast as the processor goes.
const rate = (room, ...args) => room.inside('pods', ...args).then(({ value, note }) => ({ value, note }))

export const measures = [
  { name: 'scheduler alone, 5,000 pods', unit: 'pods/s', least: 2000, run: async (room) => (await room.inside('scheduler', 5000)).value },
  { name: '1,000 pods created to Ready, 10 simulated nodes', unit: 'pods/s', least: 500, run: (room) => rate(room, 10, 1000) },
  // A node takes 110 pods.
  { name: '10,000 pods created to Ready, 100 simulated nodes, last 1,000', unit: 'pods/s', least: 500, large: true, run: (room) => rate(room, 100, 10_000) },
]
