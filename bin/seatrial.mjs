#!/usr/bin/env -S node --max-semi-space-size=8
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const entry = new URL('../dist/cli/seatrial.mjs', import.meta.url)
if (!existsSync(fileURLToPath(entry))) {
  console.error('seatrial: not built yet: run `npm install && npm run build` in the project folder first')
  process.exit(1)
}
await import(entry.href)
