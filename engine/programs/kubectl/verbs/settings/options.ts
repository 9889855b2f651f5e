import { flagUsages } from '#engine/programs/kubectl/help'
import { verb } from '../verb'

export const options = verb({
  use: 'options',
  short: 'Print the list of flags inherited by all commands',
  long: 'Print the list of flags inherited by all commands',
  example: '# Print flags inherited by all commands\nkubectl options',
  run: async (session) => {
    let top = session.invocation.command
    while (top.parent) top = top.parent
    await session.out(`The following options can be passed to any command:\n\n${flagUsages(top.spec.persistentFlags ?? [])}`)
  },
})
