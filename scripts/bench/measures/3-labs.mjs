// Proving labs fair.
export const measures = [
  {
    name: 'one lab verified (warm)', unit: 's', most: 1,
    run: async (room) => {
      const { value, note } = await room.inside('lab', 'cka-deploy-bot-rights')
      return { value, note }
    },
  },
  {
    name: 'all labs on three seeds', unit: 's', most: 20,
    run: (room) => {
      const begun = performance.now()
      const lines = room.cli('lab', 'verify', '--seeds', '3').trim().split('\n')
      return Promise.resolve({ value: (performance.now() - begun) / 1000, note: `${lines.length} verdicts` })
    },
  },
]
