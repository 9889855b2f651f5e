/** conmon as an executable; its work is engine/cri/podman's. */
import type { Program } from '#engine/linux/abi/program'
import { monitor } from '#engine/cri/podman/monitor'

const conmon: Program = {
  name: 'conmon',
  unsupported: 'being run by hand',
  async run(process) {
    const at = process.argv.indexOf('-c')
    const id = at < 0 ? undefined : process.argv[at + 1]
    if (process.argv.includes('--version')) {
      await process.stdout.write('conmon version 2.1.6\ncommit: unknown\n')
      return 0
    }
    if (id === undefined) {
      await process.stderr.write('conmon: Container ID not provided. Use --cid\n')
      return 1
    }
    return monitor(process, id)
  },
}

export const conmonPrograms: readonly Program[] = [conmon]
