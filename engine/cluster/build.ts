/** A cluster as a person would make it: fresh disks, `kubeadm init`, `kubeadm join`, and a kubeconfig for root. */
import { VirtualClock } from '#engine/base/clock'
import type { TreeSnapshot } from '#engine/linux/fs/cow/tree'
import { Cluster } from './cluster'
import { freshDisk } from './disks'
import type { ClusterOptions } from './options'
import type { MachineProfile } from './profiles'

/** Runs a clock ahead until something holds; false when `limitMs` of virtual time have passed without. The host's part. */
export type Settle = (clock: VirtualClock, done: () => boolean | Promise<boolean>, limitMs: number) => Promise<boolean>

/** What a step of the making printed when it failed. */
export class BuildError extends Error {
  override readonly name = 'BuildError'
}

const stepLimitMs = 3 * 60_000
/** Between two looks at what is waited for: longer the longer that takes. */
const shortestPollMs = 200
const longestPollMs = 2000

export async function buildCluster(options: ClusterOptions, settle: Settle, progress: (line: string) => void = () => undefined): Promise<Cluster> {
  const clock = new VirtualClock(options.startMs)
  const disks = new Map<string, TreeSnapshot>()
  for (const machine of options.profile.machines) disks.set(machine.name, await freshDisk(options.profile, machine, clock, options.seed))
  const cluster = new Cluster(options, { disks })
  const builder = new Builder(cluster, settle, progress)
  await builder.run()
  return cluster
}

class Builder {
  private lastCommand = ''

  constructor(
    private readonly cluster: Cluster,
    private readonly settle: Settle,
    private readonly progress: (line: string) => void,
  ) {}

  async run(): Promise<void> {
    const { profile } = this.cluster.options
    const nodes = profile.machines.filter((machine) => machine.role !== 'desk')
    const master = nodes.find((machine) => machine.role === 'control-plane') as MachineProfile
    for (const node of nodes) await this.until(node, 'systemctl is-active containerd || true', (out) => out.startsWith('active'))
    const told = await this.shell(master, `kubeadm init --kubernetes-version ${profile.kubernetesVersion} --apiserver-advertise-address ${master.address} --pod-network-cidr ${profile.podSubnet}`)
    const { files } = this.cluster.machineOf(master.name)
    files.mkdirAll('/root/.kube', 0o750)
    files.writeFile('/root/.kube/config', files.readText('/etc/kubernetes/admin.conf'), 0o600)
    // As by hand: another machine joins once the control plane stands, and the name servers are at home on it.
    await this.until(master, "kubectl -n kube-system get pods -l k8s-app=kube-dns -o jsonpath='{range .items[*]}[{.spec.nodeName}]{end}'", (out) => out !== '' && !out.includes('[]'))
    for (const worker of nodes.filter((machine) => machine.role === 'worker')) {
      await this.shell(worker, joinCommandIn(told))
      await this.until(master, 'kubectl get nodes --no-headers', (out) => out.includes(worker.name))
    }
    await this.until(master, 'kubectl get nodes --no-headers', (out) => !out.includes('NotReady'))
    for (const addon of profile.addons) {
      await this.shell(master, `kubectl apply -f - <<'end of manifest'\n${addon.manifest}end of manifest`)
      await this.until(master, addon.ready.command, addon.ready.right)
    }
    await this.until(master, 'kubectl -n kube-system get pods --no-headers', (out) => out.trim().split('\n').every((line) => /\s(\d+)\/\1\s/.test(line)))
    // Nobody has worked here yet: what the commands above kept of discovery goes.
    if (files.exists('/root/.kube/cache')) files.removeAll('/root/.kube/cache')
  }

  /** Repeats a command until what it prints is right. */
  private async until(machine: MachineProfile, command: string, right: (out: string) => boolean): Promise<void> {
    const until = this.cluster.clock.now() + stepLimitMs
    for (let pollMs = shortestPollMs; ; pollMs = Math.min(longestPollMs, pollMs * 1.2)) {
      const out = await this.shell(machine, command)
      if (right(out)) return
      if (this.cluster.clock.now() > until) throw new BuildError(`waited ${stepLimitMs / 1000} s in vain for: ${command}\n${out}`)
      const next = this.cluster.clock.now() + pollMs
      await this.settle(this.cluster.clock, () => this.cluster.clock.now() >= next, pollMs)
    }
  }

  /** Runs a command line in bash as root, ahead of time; its standard output, or BuildError with all it printed. */
  private async shell(machine: MachineProfile, command: string): Promise<string> {
    if (command !== this.lastCommand) this.progress(`${machine.name}: ${firstLine(command)}`)
    this.lastCommand = command
    let out = ''
    let all = ''
    const decoder = new TextDecoder()
    const session = this.cluster.machineOf(machine.name).exec(['bash', '-c', command], {
      onStdout: (bytes) => {
        const text = decoder.decode(bytes)
        out += text
        all += text
      },
      onStderr: (bytes) => void (all += decoder.decode(bytes)),
    })
    let code: number | undefined
    void session.exit.then((exit) => (code = exit))
    const ended = await this.settle(this.cluster.clock, () => code !== undefined, stepLimitMs)
    if (!ended) throw new BuildError(`${machine.name}: ${command}\ndid not end within ${stepLimitMs / 1000} s:\n${all}`)
    if (code !== 0) throw new BuildError(`${machine.name}: ${command}\nexit ${code ?? ''}:\n${all}`)
    return out
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}

/** The last command that kubeadm init prints, its continued line joined. */
function joinCommandIn(printed: string): string {
  const found = /^kubeadm join .*$/m.exec(printed.replace(/\s*\\\n\s*/g, ' '))
  if (!found) throw new BuildError(`kubeadm init printed no join command:\n${printed}`)
  return found[0].trim()
}
