/** What each command of the command line takes: its help and its completion come from here. */
export interface Usage {
  /** What it is for, in a few words. */
  readonly does: string
  readonly lines: readonly string[]
  /** Words that may follow the command. */
  readonly words: readonly string[]
  /** Left out of the overview: for the program itself. */
  readonly inner?: true
}

export const usages: Readonly<Record<string, Usage>> = {
  app: {
    does: 'the trainer in a browser',
    lines: ['seatrial app [--port N] [--no-open]', '', '  --port N     the port on loopback (default: any free one)', '  --no-open    prints the address and opens no browser'],
    words: ['--port', '--no-open'],
  },
  lab: {
    does: 'practice and proof from a terminal: list, start, check, verify, new ...',
    lines: [
      'seatrial lab list                   the labs there are',
      'seatrial lab start [ID|FILE]        sets the scene and stays; work with `seatrial shell` from another terminal [--seed TEXT]',
      '                                    without a name: goes on with the attempt that was left open',
      'seatrial lab check                  grades the lab that is open; exit code 0 where all points are earned',
      'seatrial lab reset                  puts the scene back',
      'seatrial lab hint | solution        helps',
      'seatrial lab leave                  ends the attempt',
      'seatrial lab verify [ID|FILE...]    proves labs fair: without names all of them [--seeds N, default 3]',
      '                                    [--every-step: leaves out each step of the solution on every seed, not on one of them]',
      'seatrial lab new ID                 writes a lab of your own to start from, with completion for your editor',
      'seatrial lab schema                 the JSON Schema of lab files',
    ],
    words: ['list', 'start', 'check', 'reset', 'hint', 'solution', 'leave', 'verify', 'new', 'schema', '--seed', '--seeds', '--every-step'],
  },
  cluster: {
    does: 'a cluster that stays up, with its API on loopback',
    lines: [
      'seatrial cluster up [--profile one|two|three] [--port N] [--kubeconfig FILE] [--seed TEXT] [--speed N] [--fresh]',
      '',
      '  --profile P        control plane alone, with one or with two workers (default three)',
      '  --port N           the port of its API on loopback (default: any free one)',
      "  --kubeconfig FILE  where the administrator's kubeconfig is written (default: kubeconfig in the program's home)",
      '  --speed N          virtual seconds a second (default 1)',
      '  --seed TEXT        another seed gives other names and addresses',
      '  --fresh            runs kubeadm now instead of starting from the disk image',
    ],
    words: ['up', '--profile', '--port', '--kubeconfig', '--seed', '--speed', '--fresh'],
  },
  exec: {
    does: 'a command on a machine of the cluster or lab that is up',
    lines: ['seatrial exec HOST -- COMMAND [ARGUMENT...]', '', 'Input, output and exit code are those of the command. Hosts: base, controlplane, node01, node02.'],
    words: ['base', 'controlplane', 'node01', 'node02'],
  },
  shell: {
    does: 'a terminal on one of its machines (default base)',
    lines: ['seatrial shell [HOST]', '', 'Hosts: base, controlplane, node01, node02.'],
    words: ['base', 'controlplane', 'node01', 'node02'],
  },
  completion: {
    does: 'completion for your shell: source <(seatrial completion bash)',
    lines: ['seatrial completion bash|zsh'],
    words: ['bash', 'zsh'],
  },
  image: { does: 'makes the disk images; part of the build', lines: ['seatrial image build [one] [two] [three]'], words: ['build', 'one', 'two', 'three'], inner: true },
  host: { does: "the desktop app's own host", lines: ['seatrial host'], words: [], inner: true },
}

export function usageOf(command: string): string {
  return (usages[command]?.lines ?? []).map((line, index) => (index === 0 ? `usage: ${line}` : line.startsWith('seatrial') || line.startsWith('      ') ? `       ${line}` : line)).join('\n')
}

export function overview(): string {
  const shown = Object.entries(usages).filter(([, { inner }]) => !inner)
  return ['usage: seatrial COMMAND', '', ...shown.map(([name, { does }]) => `  ${name.padEnd(12)}${does}`), '', '`seatrial COMMAND --help` tells more of a command, `seatrial --version` the version.'].join('\n')
}
