// Figures of speed, printed and never judged: node scripts/bench.mjs [runs]. Needs a build (npm run build).
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const runs = Number(process.argv[2] ?? 5)
const home = mkdtempSync(join(tmpdir(), 'seatrial-bench-'))
const env = { ...process.env, SEATRIAL_HOME: home }
const bin = ['bin/seatrial.mjs']

/** Seconds of one call. */
function time(args) {
  const begun = performance.now()
  const { status, stderr } = spawnSync(process.execPath, [...bin, ...args], { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`seatrial ${args.join(' ')}: ${stderr}`)
  return (performance.now() - begun) / 1000
}

function report(name, values) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(3)
  process.stdout.write(`${name.padEnd(44)} median ${at(0.5)} s, least ${at(0)} s, most ${at(1)} s (${values.length} runs)\n`)
}

/** Starts the cluster from its image and waits until it says that it is up. */
async function up() {
  const begun = performance.now()
  const child = spawn(process.execPath, [...bin, 'cluster', 'up', '--profile', 'two'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => /is up/.test(String(text)) && resolve())
    child.on('exit', (code) => reject(new Error(`cluster up ended with ${code}`)))
  })
  return { child, seconds: (performance.now() - begun) / 1000 }
}

let cluster
try {
  cluster = await up()
  report('cluster up, two nodes, from its image', [cluster.seconds])
  const repeat = (args) => Array.from({ length: runs }, () => time(args))
  report('exec: true', repeat(['exec', 'controlplane', '--', 'true']))
  report('exec: kubectl get nodes', repeat(['exec', 'controlplane', '--', 'kubectl', 'get', 'nodes']))
  report('deployment of 20 pods to available', [time(['exec', 'controlplane', '--', 'bash', '-c', 'kubectl create deployment bench --image nginx:1.27 --replicas 20 && kubectl wait --for=condition=Available deployment/bench --timeout=120s'])])
} finally {
  cluster?.child.kill('SIGINT')
  rmSync(home, { recursive: true, force: true })
}
