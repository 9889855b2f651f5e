import { group } from '../verb'
import { setKuberc } from './set'
import { viewKuberc } from './view'

export const kuberc = group({
  use: 'kuberc SUBCOMMAND',
  short: 'Manage kuberc configuration files',
  long: 'Manage user preferences (kuberc) file.\n\n The kuberc file allows you to customize your kubectl experience.',
  example: '# View the current kuberc configuration\nkubectl alpha kuberc view\n\n# Set a default value for a flag of a command\nkubectl alpha kuberc set --section defaults --command get --option output=wide\n\n# Create an alias for a command\nkubectl alpha kuberc set --section aliases --name getn --command get --prependarg nodes --option output=wide',
  commands: [setKuberc, viewKuberc],
})
