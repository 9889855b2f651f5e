import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // By itself vitest leaves one processor idle.
    maxWorkers: '100%',
    // Files of one worker share the modules: to read the whole engine anew for each would take longer than the tests.
    isolate: false,
    // What was compiled for one step, or yesterday, is not compiled again where nothing changed.
    experimental: { fsModuleCache: true },
    projects: [
      { test: { name: 'unit', include: ['engine/**/*.test.ts', 'labs/**/*.test.ts', 'app/**/*.test.ts', 'test/tidy/**/*.test.ts', 'test/proof/**/*.test.ts'], testTimeout: 30_000, isolate: false } },
      { test: { name: 'transcripts', include: ['test/transcripts/*.test.ts', 'test/parity/*.test.ts'], testTimeout: 120_000, isolate: false } },
      { test: { name: 'labs', include: ['test/labs/*.test.ts'], testTimeout: 120_000 } },
      { test: { name: 'smoke', include: ['test/smoke/*.test.ts'], testTimeout: 120_000, fileParallelism: false } },
      { test: { name: 'app', include: ['test/app/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false } },
    ],
  },
})
