/** Small programs of images: pause, hello-world, entry points, thin daemons. */
import { textBody } from '#engine/base/http'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { untilSignal } from '#engine/images/tools/lifetime'
import { memcached } from '#engine/images/tools/memcached'
import { resolve } from '#engine/images/nginx/entrypoint'

const pause: Program = {
  name: 'pause',
  async run(process) {
    process.handle('SIGCHLD', () => undefined)
    const code = await untilSignal(process)
    await process.stderr.write('Shutting down, got signal: Terminated\n').catch(() => undefined)
    return code
  },
}

const helloWorld: Program = {
  name: 'hello-world',
  async run(process) {
    await process.stdout.write('\nHello from Docker!\nThis message shows that your installation appears to be working correctly.\n\n')
    return 0
  },
}

/** What Kubernetes' images start with: runs the rest, its output as it is. */
const goRunner: Program = {
  name: 'go-runner',
  async run(process) {
    const args = process.argv.slice(1)
    const at = args.findIndex((arg) => !arg.startsWith('-'))
    const [command = '', ...rest] = at < 0 ? [] : args.slice(at)
    const path = command.includes('/') ? command : resolve(process, command)
    if (path === undefined || !process.files.exists(path)) {
      await process.stderr.write(`${stamp(process)} Failed to run command: exec: "${command}": executable file not found in $PATH\n`)
      return 1
    }
    return process.exec(path, [command, ...rest])
  },
}

function stamp(process: Process): string {
  return new Date(process.clock.now()).toISOString().slice(0, 19).replace(/-/g, '/').replace('T', ' ')
}

/** `docker-entrypoint.sh` of many images: flags go to the default command, anything else is run as it is. */
const execEntrypoint: Program = {
  name: 'exec-entrypoint',
  async run(process) {
    const fallback = process.executable.attributes.command
    const given = process.argv.slice(1)
    const [command = fallback ?? 'sh', ...rest] = fallback !== undefined && (given.length === 0 || (given[0] ?? '').startsWith('-') || resolve(process, given[0] ?? '') === undefined) ? [fallback, ...given] : given
    const path = command.includes('/') ? command : resolve(process, command)
    if (path === undefined) {
      await process.stderr.write(`${process.argv[0] ?? 'docker-entrypoint.sh'}: exec: line 31: ${command}: not found\n`)
      return 127
    }
    return process.exec(path, [command, ...rest])
  },
}

/** Listens where the real one would, and says that this is all. */
const thinDaemon: Program = {
  name: 'thin-daemon',
  unsupported: 'databases only listen on their port: queries are not supported',
  async run(process) {
    const { name = 'daemon', version = '', port = '0' } = process.executable.attributes
    if (process.argv.some((arg) => arg === '--version' || arg === '-V')) {
      await process.stdout.write(`${name} ${version}\n`)
      return 0
    }
    const missing = requiredEnvironment(process, name)
    if (missing !== undefined) {
      await process.stderr.write(missing)
      return 1
    }
    await process.stderr.write(`${name} ${version}: simulated: listening on port ${port}; the protocol is not supported\n`)
    const listener = process.net.listen({ address: '0.0.0.0', port: Number(port) })
    const serve = async (): Promise<void> => {
      for (;;) {
        const connection = await listener.accept()
        connection.close()
      }
    }
    process.background(serve)
    return untilSignal(process)
  },
}

/** Databases refuse to start without a password: the classical failure of lessons. */
function requiredEnvironment(process: Process, name: string): string | undefined {
  const has = (...names: string[]): boolean => names.some((each) => process.env.has(each))
  const time = new Date(process.clock.now()).toISOString().slice(0, 19).replace('T', ' ')
  if (name === 'mysqld' && !has('MYSQL_ROOT_PASSWORD', 'MYSQL_ALLOW_EMPTY_PASSWORD', 'MYSQL_RANDOM_ROOT_PASSWORD')) return `${time}+00:00 [Note] [Entrypoint]: Entrypoint script for MySQL Server started.\n${time}+00:00 [ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD\n`
  if (name === 'mariadbd' && !has('MARIADB_ROOT_PASSWORD', 'MYSQL_ROOT_PASSWORD', 'MARIADB_ALLOW_EMPTY_ROOT_PASSWORD', 'MARIADB_RANDOM_ROOT_PASSWORD')) return `${time}+00:00 [ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n\tYou need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD\n`
  if (name === 'postgres' && !has('POSTGRES_PASSWORD', 'POSTGRES_HOST_AUTH_METHOD')) return 'Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".\n'
  return undefined
}

const whoami: Program = {
  name: 'whoami-http',
  async run(process) {
    const hostname = process.uname().nodename
    process.net.serveHttp({ address: '0.0.0.0', port: 80 }, (request) => {
      const headers = Object.entries(request.headers).map(([name, value]) => `${name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase())}: ${value}\n`)
      return Promise.resolve({ status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: textBody(`Hostname: ${hostname}\nIP: 127.0.0.1\nRemoteAddr: ${request.peer?.address ?? ''}:${request.peer?.port ?? 0}\n${request.method} ${request.path} HTTP/1.1\n${headers.join('')}\n`) })
    })
    await process.stdout.write(`${stamp(process)} Starting up on port 80\n`)
    return untilSignal(process, 2)
  },
}

export const toolPrograms: readonly Program[] = [pause, helloWorld, goRunner, execEntrypoint, thinDaemon, whoami, memcached]
