/** A running cluster: its clock, its machines and the doors that homes of the engine use. */
import { VirtualClock } from '#engine/base/clock'
import type { HttpRequest, HttpResponse } from '#engine/base/http'
import { SeededRandom } from '#engine/base/random'
import { Machine, type MachineSnapshot } from '#engine/linux/machine'
import type { TreeSnapshot } from '#engine/linux/fs/cow/tree'
import { Fabric } from '#engine/linux/net/fabric'
import { MachineNetwork } from '#engine/linux/net/machine'
import { gatewayMachine, gatewayName, type Gateway } from './gateway'
import type { ClusterOptions } from './options'
import { allPrograms } from './programs'
import type { ClusterProfile, MachineProfile } from './profiles'
import { type ClusterAccess, type CommandIo, type OutsidePeer, type TerminalSession, type TerminalSize, UnknownHostError } from './session'

/** The state of all machines at one moment: what reset, fork and disk images are made of. */
export interface ClusterSnapshot {
  readonly profile: ClusterProfile
  readonly seed: string
  readonly atMs: number
  readonly machines: readonly MachineSnapshot[]
}

/** Disks to start from: fresh ones, or a snapshot whose machines go on running. */
export type ClusterStart = { readonly disks: ReadonlyMap<string, TreeSnapshot> } | { readonly snapshot: ClusterSnapshot }

export class Cluster implements ClusterAccess {
  readonly clock: VirtualClock
  readonly machines = new Map<string, Machine>()
  private readonly gateway: Gateway
  private generation = 0

  constructor(
    readonly options: ClusterOptions,
    start: ClusterStart,
  ) {
    this.clock = new VirtualClock(options.startMs)
    const random = new SeededRandom(options.seed)
    const fabric = new Fabric(this.clock, random.fork('fabric'))
    const world = 'snapshot' in start ? start.snapshot.machines.find((machine) => machine.name === gatewayName)?.disk : undefined
    this.gateway = gatewayMachine({ fabric, clock: this.clock, random: random.fork('gateway'), profile: options.profile, ...(world ? { disk: world } : {}), ...(options.keys ? { keys: options.keys } : {}) })
    for (const profile of options.profile.machines) this.machines.set(profile.name, this.machine(profile, fabric, random, start))
    this.gateway.machine.boot()
    for (const machine of this.machines.values()) machine.boot()
  }

  get hosts(): readonly string[] {
    return [...this.machines.keys()]
  }

  machineOf(host: string): Machine {
    const machine = this.machines.get(host)
    if (!machine) throw new UnknownHostError(host, this.hosts)
    return machine
  }

  async exec(host: string, argv: readonly string[], io: CommandIo): Promise<number> {
    const machine = this.machineOf(host)
    if (!machine.isUp) throw new UnknownHostError(host, this.hosts)
    const session = machine.exec(argv, { stdin: true, onStdout: (bytes) => io.stdout(bytes), onStderr: (bytes) => io.stderr(bytes) })
    const hangUp = (): void => session.hangUp()
    io.signal?.addEventListener('abort', hangUp, { once: true })
    void feed(io.stdin, session)
    const code = await session.exit
    io.signal?.removeEventListener('abort', hangUp)
    return code
  }

  openTerminal(host: string, size: TerminalSize, onOutput: (bytes: Uint8Array) => void): TerminalSession {
    const session = this.machineOf(host).exec([], { terminal: size, onStdout: onOutput })
    return {
      write: (bytes) => void session.write(bytes),
      resize: ({ columns, rows }) => session.resize(columns, rows),
      close: () => session.hangUp(),
      ended: session.exit,
    }
  }

  apiRequest(request: HttpRequest, peer: OutsidePeer): Promise<HttpResponse> {
    return this.gateway.apiRequest(request, peer)
  }

  readFile(host: string, path: string): string | undefined {
    const { files } = this.machineOf(host)
    return files.exists(path)?.type === 'file' ? files.readText(path) : undefined
  }

  snapshot(): ClusterSnapshot {
    const world = this.gateway.snapshot()
    return { profile: this.options.profile, seed: this.options.seed, atMs: this.clock.now(), machines: [...[...this.machines.values()].map((machine) => machine.snapshot()), ...(world ? [world] : [])] }
  }

  /** Another cluster in the same state, or in that of an earlier snapshot, on a clock of its own; this one goes on untouched. */
  fork(snapshot: ClusterSnapshot = this.snapshot()): Cluster {
    return new Cluster({ ...this.options, seed: `${this.options.seed}/fork${++this.generation}`, startMs: snapshot.atMs }, { snapshot })
  }

  /** Ends everything that runs, so that whoever waits for it hears so. A cluster that nobody waits for may just be let go: only its clock moves it. */
  dispose(): void {
    for (const machine of this.machines.values()) machine.powerOff()
    this.gateway.machine.powerOff()
  }

  private machine(profile: MachineProfile, fabric: Fabric, random: SeededRandom, start: ClusterStart): Machine {
    const { options } = this
    const network = new MachineNetwork(fabric, profile.name)
    const saved = 'snapshot' in start ? start.snapshot.machines.find((machine) => machine.name === profile.name) : undefined
    const disk = saved?.disk ?? ('disks' in start ? start.disks.get(profile.name) : undefined)
    if (!disk) throw new Error(`no disk for the machine ${profile.name}`)
    if (!saved?.running) network.plug(fabric.segment('lan'), `${profile.address}/${options.profile.prefixLength}`, { gateway: options.profile.gateway })
    return new Machine({
      name: profile.name,
      clock: this.clock,
      random: random.fork(`machine ${profile.name}`),
      programs: allPrograms,
      network,
      disk,
      memoryBytes: profile.memoryBytes,
      processors: profile.processors,
      ...(saved?.running ? { running: saved.running } : {}),
      ...(options.keys ? { keys: options.keys } : {}),
      ...(options.onProgramError ? { onProgramError: options.onProgramError } : {}),
    })
  }
}

async function feed(source: AsyncIterable<Uint8Array>, session: { write(bytes: Uint8Array): Promise<void>; end(): void }): Promise<void> {
  for await (const chunk of source) await session.write(chunk)
  session.end()
}
