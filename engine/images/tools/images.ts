/** Images of tools and small services. */
import type { ImageConfig, ImageDefinition, ImageFiles, ImageLayer } from '#engine/cri/images/definition'
import { alpineLayer, alpineReleases, busyboxLayer } from '#engine/images/base/busybox'
import { debianGroup, debianLayer, debianPasswd, ubuntuLayer } from '#engine/images/base/debian'
import { commands, directory, program, text } from '#engine/images/base/files'

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const busyboxTags: Readonly<Record<string, readonly string[]>> = {
  '1.37.0': ['latest', '1', '1.37', '1.37.0', 'stable', 'glibc', 'musl', 'uclibc', '1.37.0-musl', '1.37.0-glibc'], '1.36.1': ['1.36', '1.36.1', '1.36.1-musl'], '1.36.0': ['1.36.0'], '1.35.0': ['1.35', '1.35.0'], '1.34.1': ['1.34', '1.34.1'], '1.33.1': ['1.33', '1.33.1'], '1.32.1': ['1.32', '1.32.1'], '1.31.1': ['1.31', '1.31.1'], '1.30.1': ['1.30', '1.30.1'], '1.29.3': ['1.29', '1.29.3'], '1.28.4': ['1.28', '1.28.4', '1.28.0'], '1.27.2': ['1.27', '1.27.2'],
}

function busybox(): ImageDefinition[] {
  return Object.entries(busyboxTags).map(([version, tags]) => ({ repository: 'docker.io/library/busybox', tags, layers: [busyboxLayer(version)], config: { Cmd: ['sh'], Env: [path] }, sizeBytes: 2_223_686 }))
}

function alpine(): ImageDefinition[] {
  return Object.entries(alpineReleases).map(([series, release]) => ({ repository: 'docker.io/library/alpine', tags: series === '3.22' ? ['latest', '3', series, release] : [series, release], layers: [alpineLayer(series)], config: { Cmd: ['/bin/sh'], WorkingDir: '/', Env: [path] } }))
}

function onDebian(repository: string, tags: readonly string[], files: ImageFiles, config: ImageConfig, sizeBytes: number, users = ''): ImageDefinition {
  const layer: ImageLayer = { files: { ...files, ...(users === '' ? {} : { '/etc/passwd': text(debianPasswd + users), '/etc/group': text(debianGroup + users.replace(/^([^:]+):x:\d+:(\d+):.*$/gm, '$1:x:$2:')) }) }, sizeBytes: sizeBytes - 28_228_450 }
  return { repository, tags, layers: [debianLayer, layer], config: { Env: [path], ...config }, sizeBytes }
}

function onAlpine(repository: string, tags: readonly string[], files: ImageFiles, config: ImageConfig, sizeBytes: number): ImageDefinition {
  return { repository, tags, layers: [alpineLayer('3.22'), { files, sizeBytes: Math.max(1, sizeBytes - 3_641_914) }], config: { Env: [path], ...config }, sizeBytes }
}

const httpdVersions = [['2.4.65', ['latest', '2', '2.4', '2.4.65']], ['2.4.62', ['2.4.62']], ['2.4.54', ['2.4.54']], ['2.4.46', ['2.4.46']]] as const
const redisVersions = [['8.2.2', ['latest', '8', '8.2', '8.2.2']], ['7.4.6', ['7', '7.4', '7.4.6']], ['7.2.11', ['7.2', '7.2.11']], ['6.2.20', ['6', '6.2', '6.2.20']], ['5.0.14', ['5', '5.0', '5.0.14']]] as const

function httpd([version, tags]: (typeof httpdVersions)[number]): ImageDefinition[] {
  const files: ImageFiles = { '/usr/local/apache2/htdocs/index.html': text('<html><body><h1>It works!</h1></body></html>\n'), '/usr/local/apache2/bin/httpd': program('httpd', { version }), '/usr/local/bin/httpd-foreground': program('httpd', { version }), '/usr/local/apache2/conf/httpd.conf': text('ServerRoot "/usr/local/apache2"\nListen 80\nDocumentRoot "/usr/local/apache2/htdocs"\nErrorLog /proc/self/fd/2\nCustomLog /proc/self/fd/1 common\n'), '/usr/local/apache2/logs': directory() }
  const config: ImageConfig = { Cmd: ['httpd-foreground'], ExposedPorts: { '80/tcp': {} }, WorkingDir: '/usr/local/apache2', StopSignal: 'SIGWINCH', Env: ['PATH=/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HTTPD_PREFIX=/usr/local/apache2', `HTTPD_VERSION=${version}`] }
  return [
    onDebian('docker.io/library/httpd', tags, files, config, 45_256_611),
    onAlpine('docker.io/library/httpd', tags.map((tag) => (tag === 'latest' ? 'alpine' : `${tag}-alpine`)), files, config, 21_003_417),
  ]
}

function redis([version, tags]: (typeof redisVersions)[number]): ImageDefinition[] {
  const files: ImageFiles = { '/usr/local/bin/redis-server': program('redis-server', { version }), '/usr/local/bin/redis-cli': program('redis-cli', { version }), '/usr/local/bin/docker-entrypoint.sh': program('exec-entrypoint'), '/data': directory() }
  const config: ImageConfig = { Entrypoint: ['docker-entrypoint.sh'], Cmd: ['redis-server'], ExposedPorts: { '6379/tcp': {} }, WorkingDir: '/data', Env: [path, `REDIS_VERSION=${version}`] }
  return [
    onDebian('docker.io/library/redis', tags, files, config, 52_488_190, 'redis:x:999:999::/home/redis:/bin/sh\n'),
    onAlpine('docker.io/library/redis', tags.map((tag) => (tag === 'latest' ? 'alpine' : `${tag}-alpine`)), files, config, 17_186_311),
  ]
}

/** Daemons that listen and say what they do not do. */
function daemon(repository: string, tags: readonly string[], program_: string, port: number, cmd: readonly string[], sizeBytes: number, version: string, extra: readonly string[] = []): ImageDefinition {
  const files: ImageFiles = { [`/usr/local/bin/${program_}`]: program('thin-daemon', { name: program_, version, port: String(port) }), '/usr/local/bin/docker-entrypoint.sh': program('exec-entrypoint'), ...commands('/usr/local/bin', extra, { version }) }
  return onDebian(repository, tags, files, { Entrypoint: ['docker-entrypoint.sh'], Cmd: cmd, ExposedPorts: { [`${port}/tcp`]: {} } }, sizeBytes)
}

const networkTools = ['curl', 'dig', 'host', 'nslookup', 'ip', 'ss', 'nc', 'ping', 'traceroute', 'netstat', 'ifconfig', 'route', 'openssl', 'jq', 'vi', 'tcpdump', 'iptables', 'wget', 'ps', 'telnet', 'arp', 'conntrack', 'ipset', 'nft', 'bridge']

export const toolImages: readonly ImageDefinition[] = [
  ...busybox(),
  ...alpine(),
  { repository: 'docker.io/library/debian', tags: ['latest', '12', 'bookworm', 'stable', '12-slim', 'bookworm-slim', 'stable-slim'], layers: [debianLayer], config: { Cmd: ['bash'], Env: [path] }, sizeBytes: 48_490_000 },
  { repository: 'docker.io/library/ubuntu', tags: ['latest', '24.04', 'noble', '22.04', 'jammy', '20.04'], layers: [ubuntuLayer], config: { Cmd: ['/bin/bash'], Env: [path] } },
  ...httpdVersions.flatMap(httpd),
  ...redisVersions.flatMap(redis),
  onAlpine('docker.io/curlimages/curl', ['latest', '8.16.0', '8.5.0', '7.88.1'], { '/usr/bin/curl': program('curl'), '/entrypoint.sh': program('exec-entrypoint', { command: 'curl' }), '/etc/ssl/certs/ca-certificates.crt': text('') }, { Entrypoint: ['/entrypoint.sh'], Cmd: ['curl'], User: '100', WorkingDir: '/home/curl_user' }, 9_500_000),
  onAlpine('docker.io/nicolaka/netshoot', ['latest', 'v0.13'], { ...commands('/usr/bin', networkTools), '/usr/bin/bash': program('bash'), '/bin/bash': program('bash') }, { Cmd: ['bash'], WorkingDir: '/root' }, 203_000_000),
  onDebian('docker.io/library/python', ['latest', '3', '3.13', '3.12', '3.11', '3.10', '3.9', '3-slim', '3.12-slim', '3.11-slim', 'slim', '3-alpine', '3.12-alpine', 'alpine'], { '/usr/local/bin/python3': program('python3', { version: '3.13.7' }), '/usr/local/bin/python': program('python3', { version: '3.13.7' }), '/usr/local/bin/pip': program('python3', { version: '3.13.7' }) }, { Cmd: ['python3'] }, 45_000_000),
  onAlpine('registry.k8s.io/e2e-test-images/agnhost', ['2.40', '2.43', '2.45', '2.47', '2.53', '2.56'], { '/agnhost': program('agnhost', { version: '2.56' }), ...commands('/usr/bin', ['curl', 'dig', 'nc', 'iptables', 'bash']), '/bin/bash': program('bash') }, { Entrypoint: ['/agnhost'], Cmd: ['pause'], WorkingDir: '/', ExposedPorts: { '80/tcp': {}, '8080/tcp': {}, '8081/tcp': {}, '9376/tcp': {}, '5000/tcp': {} } }, 56_000_000),
  onDebian('docker.io/library/memcached', ['latest', '1', '1.6', '1.6.39', 'alpine'], { '/usr/local/bin/memcached': program('memcached', { version: '1.6.39' }), '/usr/local/bin/docker-entrypoint.sh': program('exec-entrypoint') }, { Entrypoint: ['docker-entrypoint.sh'], Cmd: ['memcached'], ExposedPorts: { '11211/tcp': {} }, User: '11211' }, 31_100_000, 'memcache:x:11211:11211::/home/memcache:/bin/sh\n'),
  { repository: 'docker.io/library/hello-world', tags: ['latest', 'linux'], layers: [{ files: { '/hello': program('hello-world') }, sizeBytes: 4_952 }], config: { Cmd: ['/hello'], WorkingDir: '/', Env: [path] } },
  { repository: 'docker.io/traefik/whoami', tags: ['latest', 'v1.11', 'v1.10', 'v1.11.0'], layers: [{ files: { '/whoami': program('whoami-http') }, sizeBytes: 2_980_112 }], config: { Entrypoint: ['/whoami'], ExposedPorts: { '80/tcp': {} }, Env: [path] } },
  onAlpine('docker.io/library/registry', ['2', '2.8', '2.8.3', '3', 'latest'], { '/bin/registry': program('registry'), '/etc/docker/registry/config.yml': text('version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: /var/lib/registry\nhttp:\n  addr: :5000\n'), '/entrypoint.sh': program('exec-entrypoint') }, { Entrypoint: ['/entrypoint.sh'], Cmd: ['/bin/registry', 'serve', '/etc/docker/registry/config.yml'], ExposedPorts: { '5000/tcp': {} } }, 10_300_000),
  daemon('docker.io/library/mysql', ['latest', '9', '8', '8.0', '8.4', '5.7', '5.6'], 'mysqld', 3306, ['mysqld'], 233_000_000, '8.4.6', ['mysql']),
  daemon('docker.io/library/mariadb', ['latest', '12', '11', '10', '10.6'], 'mariadbd', 3306, ['mariadbd'], 104_000_000, '11.8.3'),
  daemon('docker.io/library/postgres', ['latest', '18', '17', '16', '15', '14', '13', '16-alpine', 'alpine'], 'postgres', 5432, ['postgres'], 159_000_000, '17.6', ['psql', 'pg_isready']),
  daemon('docker.io/library/mongo', ['latest', '8', '7', '6', '5', '4', '4.4'], 'mongod', 27017, ['mongod'], 270_000_000, '8.0.13', ['mongosh']),
  daemon('docker.io/library/rabbitmq', ['latest', '4', '3', '3-management'], 'rabbitmq-server', 5672, ['rabbitmq-server'], 110_000_000, '4.1.4'),
  daemon('docker.io/library/wordpress', ['latest', '6', '6-apache'], 'apache2-foreground', 80, ['apache2-foreground'], 240_000_000, '6.8.2'),
]
