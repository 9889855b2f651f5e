/** less, more, watch and man. */
import { encodeLossless } from '#engine/base/lossless'
import type { Program } from '#engine/linux/abi/program'
import { less } from '#engine/programs/text/less'
import { more } from '#engine/programs/text/more'
import { watch } from '#engine/programs/text/watch'

const man: Program = {
  name: 'man',
  unsupported: 'there are no manual pages; programs have --help',
  async run(process) {
    const name = process.argv.slice(1).filter((arg) => !arg.startsWith('-') && !/^\d$/.test(arg))[0]
    if (name === undefined) {
      await process.stderr.write('What manual page do you want?\nFor example, try \'man man\'.\n')
      return 1
    }
    await process.stderr.write(encodeLossless(`No manual entry for ${name}\n`))
    return 16
  },
}

export const pagerPrograms: readonly Program[] = [less, more, watch, man]
