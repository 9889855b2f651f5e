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

const stepLimitMs = 10 * 60_000

export async function buildCluster(options: ClusterOptions, settle: Settle, progress: (line: string) => void = () => undefined): Promise<Cluster> {
  const clock = new VirtualClock(options.startMs)
  const disks = new Map<string, TreeSnapshot>()
  for (const machine of options.profile.machines) disks.set(machine.name, await freshDisk(options.profile, machine, clock, options.seed))
  const cluster = new Cluster(options, { disks })
  ;(globalThis as any).__cluster = cluster
  const builder = new Builder(cluster, settle, progress)
  await builder.run()
  return cluster
}

class Builder {
  constructor(
    private readonly cluster: Cluster,
    private readonly settle: Settle,
    private readonly progress: (line: string) => void,
  ) {}

  async run(): Promise<void> {
    const { profile } = this.cluster.options
    const nodes = profile.machines.filter((machine) => machine.role !== 'desk')
    const master = nodes.find((machine) => machine.role === 'control-plane') as MachineProfile
    for (const node of nodes) await this.shell(node, 'until systemctl is-active --quiet containerd; do sleep 0.2; done')
    await this.shell(master, `kubeadm init --ignore-preflight-errors=all --kubernetes-version ${profile.kubernetesVersion} --apiserver-advertise-address ${master.address} --pod-network-cidr ${profile.podSubnet}`)
    await this.shell(master, 'mkdir -p /root/.kube && cp /etc/kubernetes/admin.conf /root/.kube/config')
    for (const worker of nodes.filter((machine) => machine.role === 'worker')) {
      const join = (await this.shell(master, 'kubeadm token create --print-join-command')).trim()
      await this.shell(worker, join)
      await this.shell(master, `until kubectl get node ${worker.name}; do sleep 0.2; done`)
    }
    await this.shell(master, 'until ! kubectl get nodes --no-headers | grep -qw NotReady; do sleep 0.5; done')
    await this.shell(master, "until kubectl -n kube-system get pods --no-headers | awk '{split($2,r,\"/\"); if (r[1]!=r[2]) bad=1} END {exit bad}'; do sleep 0.5; done")
    await this.shell(master, 'kubeadm token list | tail -n +2 | cut -c1-6 | xargs -r -n1 kubeadm token delete')
  }

  /** Runs a command line in bash as root, ahead of time; its standard output, or BuildError with all it printed. */
  private async shell(machine: MachineProfile, command: string): Promise<string> {
    this.progress(`${machine.name}: ${command}`)
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
