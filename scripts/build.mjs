// Builds everything into dist/: the command line and host, the renderer, Electron's main and preload, the disk images, and compiled code.
import { build } from 'esbuild'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)
const only = process.argv.slice(2)
const wanted = (part) => only.length === 0 || only.includes(part)

const node = { bundle: true, platform: 'node', target: 'node20', format: 'esm', sourcemap: true, logLevel: 'warning', legalComments: 'none', banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" }, external: ['node-pty', 'electron'] }

if (wanted('cli')) {
  rmSync('dist/cli', { recursive: true, force: true })
  const cli = { ...node, outdir: 'dist/cli', minifySyntax: true, minifyWhitespace: true }
  await build({ ...cli, entryPoints: { seatrial: 'app/cli/seatrial.ts' }, splitting: true, outExtension: { '.js': '.mjs' }, external: [...node.external, './commands'] })
  // All that runs a cluster as one script, whose compiled form is kept below.
  const wrapped = { js: "(function (exports, require, module, __filename, __dirname) { const importedFrom = require('node:url').pathToFileURL(__filename).href;" }
  await build({ ...cli, entryPoints: { program: 'app/cli/commands.ts' }, format: 'cjs', outExtension: { '.js': '.cjs' }, banner: wrapped, footer: { js: '})' }, define: { 'import.meta.url': 'importedFrom' }, supported: { 'dynamic-import': false } })
  oneByte('dist/cli')
}
if (wanted('renderer') && existsSync('app/renderer/index.html')) {
  const { build: viteBuild } = await import('vite')
  await viteBuild({ configFile: 'app/renderer/vite.config.ts', logLevel: 'warn' })
}
if (wanted('electron') && existsSync('app/main/main.ts')) {
  await build({ ...node, banner: {}, format: 'cjs', entryPoints: { main: 'app/main/main.ts', preload: 'app/preload/preload.ts' }, outdir: 'dist/main', outExtension: { '.js': '.cjs' } })
}
if (wanted('images')) {
  const { spawnSync } = await import('node:child_process')
  const made = spawnSync(process.execPath, ['bin/seatrial.mjs', 'image', 'build'], { stdio: 'inherit' })
  if (made.status !== 0) process.exit(made.status ?? 1)
}
// What V8 makes of the program when it starts a cluster, and when it proves labs: read back, it need not be made again.
if (wanted('code')) {
  const { spawnSync } = await import('node:child_process')
  for (const name of ['cluster', 'lab']) {
    const made = spawnSync(process.execPath, ['bin/seatrial.mjs', 'keep-code', name], { stdio: 'inherit' })
    if (made.status !== 0) process.stderr.write(`no compiled code is kept for ${name}: it starts all the same, only slower\n`)
  }
}

/** A script with a single character past Latin-1 takes two bytes a character in memory: such characters belong into escapes. */
function oneByte(folder) {
  for (const name of readdirSync(folder)) {
    if (!/\.[cm]js$/.test(name)) continue
    const found = /.{0,40}[^\0-\xff].{0,20}/.exec(readFileSync(`${folder}/${name}`, 'utf8'))
    if (found) process.stderr.write(`${folder}/${name}: write this with \\u escapes, it doubles the program's memory: ${found[0]}\n`)
  }
}
