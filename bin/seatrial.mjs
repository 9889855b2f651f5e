#!/usr/bin/env -S MALLOC_TRIM_THRESHOLD_=65536 MALLOC_MMAP_THRESHOLD_=65536 node --max-semi-space-size=8
// What the first line sets lets glibc give back what reading and compiling the program took: a tenth of the memory at rest.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const entry = new URL('../dist/cli/seatrial.mjs', import.meta.url)
if (!existsSync(fileURLToPath(entry))) {
  console.error('seatrial: not built yet: run `npm install && npm run build` in the project folder first')
  process.exit(1)
}
await import(entry.href)
