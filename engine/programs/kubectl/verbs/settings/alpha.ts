import type { Command } from '#engine/programs/common/cobra/command'
import { kuberc } from '../kuberc/kuberc'

export const alpha: Command = {
  use: 'alpha',
  short: 'Commands for features in alpha',
  long: 'These commands correspond to alpha features that are not enabled in Kubernetes clusters by default.',
  commands: [kuberc],
}
