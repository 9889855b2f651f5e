// `npm start`: installs what is missing, builds what is stale, opens the trainer: Electron where its binary is there or can be
// had, else the same app in the browser on loopback.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

function run(command, args) {
  const done = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' })
  if (done.status !== 0) process.exit(done.status ?? 1)
}

function newest(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}

if (!existsSync('node_modules')) run(npm, ['ci', '--no-audit', '--no-fund'])
const built = 'dist/images/three.image'
const sources = Math.max(...['app', 'engine', 'labs/runner', 'package.json', 'scripts/build.mjs'].map(newest))
if (!existsSync(built) || newest(built) < sources) {
  console.log('Building Seatrial (once) ...')
  run(process.execPath, ['scripts/build.mjs'])
}

const electron = electronBinary()
if (electron) spawn(electron, ['.', ...process.argv.slice(2)], { stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 0))
else {
  console.log("Electron's binary is not here and cannot be fetched: opening the trainer in the browser instead.")
  await import(new URL('../bin/seatrial.mjs', import.meta.url).href).catch((error) => console.error(error))
}

/** The path of a usable Electron, or undefined; also tells the command line what to run instead. */
function electronBinary() {
  const noScreen = process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY
  if (!noScreen) {
    try {
      const path = createRequire(import.meta.url)('electron')
      if (typeof path === 'string' && existsSync(path) && spawnSync(path, ['--version']).status === 0) return path
    } catch {
      // Not installed, or its download failed: the browser serves as well.
    }
  }
  process.argv = [process.argv[0], process.argv[1], 'app', ...process.argv.slice(2)]
  return undefined
}
