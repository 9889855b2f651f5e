import { describe, expect, it } from 'vitest'
import type { Pod } from '#engine/api/kinds'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { Fabric } from '#engine/linux/net/fabric'
import { MachineNetwork } from '#engine/linux/net/machine'
import { SeededRandom } from '#engine/base/random'
import { testMachine, type TestMachine } from '#engine/linux/testing/testmachine'
import type { VirtualClock } from '#engine/base/clock'
import { preloadImages } from '#engine/cri/images/preload'
import { loadConfig } from '#engine/cri/containerd/config'
import { Containerd } from '#engine/cri/containerd/daemon'
import { runShim } from '#engine/cri/containerd/shim/main'
import { criClient } from '#engine/cri/transport'
import type { KubeletFlags } from './config/config'
import { runKubelet } from './main'
import type { PodSchema } from './pods/schema'

const untilKilled = async (process: Process): Promise<number> => {
  await new Promise<void>((resolve) => process.handle('SIGTERM', resolve))
  return 0
}
const flags: KubeletFlags = { config: '/var/lib/kubelet/config.yaml', configDirectory: '', kubeconfig: '', bootstrapKubeconfig: '', hostnameOverride: 'node01', nodeIp: '', nodeLabels: {}, rootDirectory: '/var/lib/kubelet', certDirectory: '/var/lib/kubelet/pki', verbosity: 0, overrides: {} }
const schema: PodSchema = { knows: (_, kind) => kind === 'Pod', decode: (document) => ({ pod: document as Pod, error: undefined }), validate: () => [] }
const programs: readonly Program[] = [
  { name: 'pause', run: untilKilled },
  { name: 'greet', run: async (process) => (await process.stdout.write('hello\n'), untilKilled(process)) },
  { name: 'fail', run: async (process) => (await process.stderr.write('about to fail\n'), 3) },
  { name: 'containerd', run: (process) => new Containerd(process, loadConfig(process.files, '/etc/containerd/config.toml', false)).run() },
  { name: 'containerd-shim-runc-v2', run: runShim },
  // The shim does its work; the file has to be there.
  { name: 'runc', run: untilKilled },
  { name: 'kubelet', run: (process) => runKubelet(process, flags, { pods: schema, gateProblem: () => undefined }) },
]
const manifest = (name: string, command: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: kube-system}\nspec:\n  hostNetwork: true\n  containers: [{name: c, image: "tool:1", command: [/${command}]}]\n`

async function node(): Promise<TestMachine> {
  // The network is made before the machine that brings the clock.
  const held: { clock?: VirtualClock } = {}
  const clock = (): VirtualClock => held.clock as VirtualClock
  const fabric = new Fabric({ now: () => clock().now(), after: (ms, run) => clock().after(ms, run), sleep: (ms, signal) => clock().sleep(ms, signal) }, new SeededRandom('fabric'))
  const network = new MachineNetwork(fabric, 'node01')
  network.plug(fabric.segment('lan'), '172.30.1.3/24')
  const config = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nstaticPodPath: /etc/kubernetes/manifests\nenableServer: false\nauthorization: {mode: AlwaysAllow}\n'
  const machine = testMachine({ programs, network, files: { '/etc/resolv.conf': 'nameserver 172.30.1.1\n', '/var/lib/kubelet/config.yaml': config, '/etc/kubernetes/manifests/good.yaml': manifest('good', 'greet') } })
  held.clock = machine.clock
  await machine.body(async (process) => {
    await Promise.resolve()
    process.files.mkdirAll('/usr/local/bin')
    process.files.symlink('/usr/bin/containerd-shim-runc-v2', '/usr/local/bin/containerd-shim-runc-v2')
    const program = (name: string): { kind: 'program'; program: string } => ({ kind: 'program', program: name })
    preloadImages(process.files, [
      { repository: 'registry.k8s.io/pause', tags: ['3.10.1'], config: { Entrypoint: ['/pause'] }, layers: [{ files: { '/pause': program('pause') } }] },
      { repository: 'docker.io/library/tool', tags: ['1'], config: {}, layers: [{ files: { '/greet': program('greet'), '/fail': program('fail') } }] },
    ])
    return 0
  })
  machine.machine.exec(['containerd'], {})
  await machine.advance(500)
  machine.machine.exec(['kubelet'], {})
  return machine
}

async function containers(machine: TestMachine): Promise<Record<string, string>> {
  const { stdout } = await machine.body(async (process) => {
    const { containers: list } = await criClient(process.net, 'unix:///run/containerd/containerd.sock').runtime.ListContainers({})
    await process.stdout.write(JSON.stringify(Object.fromEntries(list.map((item) => [`${item.labels['io.kubernetes.pod.name'] ?? ''}/${item.metadata.attempt}`, item.state]))))
    return 0
  })
  return JSON.parse(stdout) as Record<string, string>
}

async function read(machine: TestMachine, glob: RegExp): Promise<string> {
  const { stdout } = await machine.body(async (process) => {
    for (const pod of process.files.readDirectory('/var/log/pods')) if (glob.test(pod.name)) await process.stdout.write(process.files.readText(`/var/log/pods/${pod.name}/c/0.log`))
    return 0
  })
  return stdout
}

describe('a kubelet with containerd on one machine', () => {
  it('runs a static pod as a process of its image, with its output in the CRI log format', async () => {
    const machine = await node()
    await machine.advance(5000)
    expect(machine.programErrors).toEqual([])
    expect(await containers(machine)).toEqual({ 'good-node01/0': 'CONTAINER_RUNNING' })
    expect(await read(machine, /good/)).toMatch(/^2026-11-21T09:00:\d\d\.\d{9}Z stdout F hello\n$/)
    expect(machine.programErrors).toEqual([])
  })

  it('starts a failing container again with growing pauses', async () => {
    const machine = await node()
    machine.machine.files.writeFile('/etc/kubernetes/manifests/bad.yaml', manifest('bad', 'fail'))
    await machine.advance(4000)
    expect(await read(machine, /bad/)).toContain('stderr F about to fail')
    expect(await containers(machine)).toMatchObject({ 'bad-node01/1': 'CONTAINER_EXITED' })
    await machine.advance(40_000)
    expect(Object.keys(await containers(machine)).some((name) => name === 'bad-node01/3')).toBe(true)
  })

  it('ends a pod at its deadline', async () => {
    const machine = await node()
    machine.machine.files.writeFile('/etc/kubernetes/manifests/brief.yaml', manifest('brief', 'greet').replace('spec:\n', 'spec:\n  activeDeadlineSeconds: 10\n  terminationGracePeriodSeconds: 1\n'))
    await machine.advance(8000)
    expect(await containers(machine)).toMatchObject({ 'brief-node01/0': 'CONTAINER_RUNNING' })
    await machine.advance(10_000)
    expect(await containers(machine)).toMatchObject({ 'brief-node01/0': 'CONTAINER_EXITED', 'good-node01/0': 'CONTAINER_RUNNING' })
  })

  it('takes a pod away with its manifest', async () => {
    const machine = await node()
    await machine.advance(5000)
    machine.machine.files.unlink('/etc/kubernetes/manifests/good.yaml')
    await machine.advance(5000)
    expect(await containers(machine)).toEqual({})
  })
})
