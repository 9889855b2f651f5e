// Builds everything into dist/: the command line and host, the renderer, Electron's main and preload, and the disk images.
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
  await build({ ...node, entryPoints: { seatrial: 'app/cli/seatrial.ts' }, outdir: 'dist/cli', splitting: true, outExtension: { '.js': '.mjs' }, minifySyntax: true, minifyWhitespace: true })
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

/** A script with a single character past Latin-1 takes two bytes a character in memory: such characters belong into escapes. */
function oneByte(folder) {
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.mjs')) continue
    const found = /.{0,40}[^\0-\xff].{0,20}/.exec(readFileSync(`${folder}/${name}`, 'utf8'))
    if (found) process.stderr.write(`${folder}/${name}: write this with \\u escapes, it doubles the program's memory: ${found[0]}\n`)
  }
}
