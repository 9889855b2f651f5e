// `npm start`: installs what is missing, builds what is stale, opens the trainer: Electron where its binary is there or can be
// had, else the same app in the browser on loopback.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

/** Electron has some hundred megabytes; who has no network should not wait for it long. */
const longestFetchMs = 300_000

if (!existsSync('node_modules/.package-lock.json') || statSync('node_modules/.package-lock.json').mtimeMs < statSync('package-lock.json').mtimeMs) {
  console.log('Installing what Seatrial is built with ...')
  run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
}
const built = 'dist/images/three.image'
const sources = Math.max(...['app', 'engine', 'labs/runner', 'package.json', 'scripts/build.mjs'].map(newest))
if (!existsSync(built) || newest(built) < sources) {
  console.log('Building Seatrial (once, a minute or less) ...')
  run(process.execPath, ['scripts/build.mjs'])
}

const { binary, why } = electron()
if (binary) spawn(binary, ['.', ...process.argv.slice(2)], { stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 0))
else {
  console.log(`${why}, so the trainer opens in the browser.`)
  process.argv = [process.argv[0], process.argv[1], 'app', ...process.argv.slice(2)]
  await import(new URL('../bin/seatrial.mjs', import.meta.url).href)
}

function run(command, args) {
  const done = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' })
  if (done.status !== 0) process.exit(done.status ?? 1)
}

function newest(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}

/** A usable Electron, or why there is none. */
function electron() {
  const folder = 'node_modules/electron'
  if (process.argv.includes('--no-open')) return { why: 'No window was wanted' }
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return { why: 'There is no screen for a window of its own here' }
  if (!existsSync(join(folder, 'package.json'))) return { why: 'Electron is not installed' }
  const path = () => (existsSync(join(folder, 'path.txt')) ? join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8')) : '')
  if (!existsSync(path())) {
    console.log("Fetching Electron's binary (once) ...")
    spawnSync(process.execPath, [join(folder, 'install.js')], { stdio: 'ignore', timeout: longestFetchMs })
  }
  if (!existsSync(path())) return { why: "Electron's binary is not here and cannot be fetched" }
  return spawnSync(path(), ['--version']).status === 0 ? { binary: path() } : { why: "Electron's binary does not run here" }
}
