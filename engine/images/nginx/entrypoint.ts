/** The entry point of nginx's image. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'

/** Tells what it configures, then becomes nginx. */
export const nginxEntrypoint: Program = {
  name: 'nginx-entrypoint',
  async run(process) {
    const [command = 'nginx', ...rest] = process.argv.slice(1)
    const path = command.includes('/') ? command : resolve(process, command)
    if (command === 'nginx' || command === 'nginx-debug') for (const line of entrypointLines(process)) await process.stdout.write(`${line}\n`)
    if (path === undefined) {
      await process.stderr.write(`/docker-entrypoint.sh: line 47: ${command}: not found\n`)
      return 127
    }
    const title = command === 'nginx' ? ['nginx: master process nginx', ...rest] : [command, ...rest]
    return process.exec(path, title)
  },
}

function entrypointLines(process: Process): string[] {
  const { files } = process
  const conf = '/etc/nginx/conf.d/default.conf'
  const writable = files.exists(conf) !== undefined && files.access(conf, { write: true })
  const ipv6 = !files.exists(conf) ? ['10-listen-on-ipv6-by-default.sh: info: /etc/nginx/conf.d/default.conf is not a file or does not exist'] : writable ? ['10-listen-on-ipv6-by-default.sh: info: Getting the checksum of /etc/nginx/conf.d/default.conf', '10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf'] : ['10-listen-on-ipv6-by-default.sh: info: can not modify /etc/nginx/conf.d/default.conf (read-only file system?)']
  return [
    '/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration', '/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/', '/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh', ...ipv6,
    '/docker-entrypoint.sh: Sourcing /docker-entrypoint.d/15-local-resolvers.envsh', '/docker-entrypoint.sh: Launching /docker-entrypoint.d/20-envsubst-on-templates.sh', '/docker-entrypoint.sh: Launching /docker-entrypoint.d/30-tune-worker-processes.sh', '/docker-entrypoint.sh: Configuration complete; ready for start up',
  ]
}

export function resolve(process: Process, command: string): string | undefined {
  const path = process.env.get('PATH') ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  return path.split(':').map((directory) => `${directory}/${command}`).find((candidate) => process.files.exists(candidate)?.type === 'file')
}
