/** `dockerd`. */
import type { Program } from '#engine/linux/abi/program'
import { ConfigFailure, loadDockerConfig } from '#engine/cri/docker/config'
import { Dockerd } from '#engine/cri/docker/daemon'

export const dockerd: Program = {
  name: 'dockerd',
  unsupported: 'TLS, swarm, log drivers other than json-file, storage drivers other than overlay2, plugins, user namespaces, IPv6',
  async run(process) {
    const args = process.argv.slice(1)
    if (args.includes('--version') || args.includes('-v')) {
      await process.stdout.write('Docker version 20.10.24+dfsg1, build 5d6db84\n')
      return 0
    }
    try {
      const config = loadDockerConfig(process.files, args)
      if (process.credentials.euid !== 0) throw new ConfigFailure('failed to start daemon: dockerd needs to be started with root privileges. To run dockerd in rootless mode as an unprivileged user, see https://docs.docker.com/go/rootless/')
      return await new Dockerd(process, config).run()
    } catch (error) {
      if (!(error instanceof ConfigFailure)) throw error
      const usage = /^unknown (flag|shorthand|command)|^flag needs/.test(error.message)
      await process.stderr.write(usage ? `${error.message}\nSee 'dockerd --help'.\n` : `${error.message}\n`)
      return usage ? 125 : 1
    }
  },
}
