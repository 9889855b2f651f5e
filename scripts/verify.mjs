// All checks there are, in the order that fails soonest. CI and `npm test` run this and nothing else.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx'

const steps = {
  types: [process.execPath, ['node_modules/typescript7/bin/tsc', '-b', '--pretty', 'false']],
  lint: [npx, ['eslint', '.', '--max-warnings', '0']],
  layers: [npx, ['depcruise', '--config', '.dependency-cruiser.cjs', 'engine', 'app', 'labs']],
  build: [process.execPath, ['scripts/build.mjs']],
  unit: [npx, ['vitest', 'run', '--project', 'unit']],
  transcripts: [npx, ['vitest', 'run', '--project', 'transcripts']],
  labs: [npx, ['vitest', 'run', '--project', 'labs']],
  app: [npx, ['vitest', 'run', '--project', 'app']],
}

const wanted = process.argv.slice(2)
const windows = process.platform === 'win32'
const running = new Set()
const times = []
let passed = 0

/** A step takes minutes at most: one that hangs is ended with all it started, and fails with what it had said. */
const limitMs = 1_200_000

async function step(name) {
  const [command, args] = steps[name]
  const begun = performance.now()
  const chunks = []
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], shell: windows, detached: !windows, env: { ...process.env, npm_config_loglevel: 'error' } })
  child.stdout.on('data', (chunk) => chunks.push(chunk))
  child.stderr.on('data', (chunk) => chunks.push(chunk))
  running.add(child)
  const timer = setTimeout(() => {
    chunks.push(Buffer.from(`\nended after ${limitMs / 60_000} minutes\n`))
    end(child)
  }, limitMs)
  const code = await new Promise((resolve) => child.on('close', resolve))
  clearTimeout(timer)
  running.delete(child)
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  times.push(`${name} ${seconds} s`)
  passed += testsPassed(Buffer.concat(chunks).toString())
  process.stdout.write(`== ${name}: ${code === 0 ? 'ok' : 'FAILED'} (${seconds} s)\n`)
  if (code !== 0 || /^(unit|transcripts|labs|app)$/.test(name)) process.stdout.write(Buffer.concat(chunks))
  if (code !== 0) {
    process.stdout.write(`\nnpm test failed at "${name}". Run it alone: node scripts/verify.mjs ${name}\n`)
    for (const other of running) end(other)
    process.exit(1)
  }
}

for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    for (const child of running) end(child)
    process.exit(130)
  })

await ensureBrowser()
if (wanted.length > 0) for (const name of wanted) await step(name)
else {
  // What one processor does alone is done side by side.
  await Promise.all([step('types').then(() => step('build')), step('lint').then(() => step('layers'))])
  for (const name of ['unit', 'transcripts', 'labs', 'app']) await step(name)
}
process.stdout.write(`\nall checks passed: ${times.join(', ')}\n`)
if (passed > 0) process.stdout.write(`${passed} passed, 0 failed\n`)

/** Ends a step with all that it started. */
function end(child) {
  if (windows) child.kill()
  else process.kill(-child.pid, 'SIGKILL')
}

/** The number of tests that a vitest summary counts. */
function testsPassed(output) {
  return Number(/Tests\s+.*?(\d+) passed/.exec(output.replace(/\u001b\[[\d;]*m/g, ''))?.[1] ?? 0)
}

/** The app is tested in a real Chromium: one that is there, Debian's package, or playwright's own. */
async function ensureBrowser() {
  if (wanted.length > 0 && !wanted.includes('app')) return
  const known = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', 'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe']
  if (known.some((path) => path && existsSync(path))) return
  const { spawnSync } = await import('node:child_process')
  const root = process.getuid?.() === 0
  if (root && existsSync('/usr/bin/apt-get')) {
    process.stdout.write('== no Chromium: installing the system package\n')
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', timeout: limitMs })
    if (spawnSync('apt-get', ['install', '-y', '-qq', 'chromium'], { stdio: 'ignore', timeout: limitMs, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0) return
  }
  if (spawnSync(npx, ['playwright-core', 'install', 'chromium'], { stdio: 'ignore', timeout: limitMs }).status === 0) return
  process.stdout.write('The app tests need Chromium: install it (for example `sudo apt-get install chromium`) or name it in CHROMIUM, and run npm test again.\n')
  process.exit(1)
}
