/** What the desk has to build and run containers without a daemon: podman, buildah, skopeo and their configuration. */
import type { Files } from '#engine/linux/abi/files'
import { networkText } from '#engine/cri/podman/network'
import { installProgram } from '#engine/linux/distribution/rootfs'

const programs: Readonly<Record<string, string>> = { podman: '/usr/bin', buildah: '/usr/bin', skopeo: '/usr/bin', conmon: '/usr/bin', runc: '/usr/sbin' }

const registries = `# For more information on this configuration file, see containers-registries.conf(5).
unqualified-search-registries = ["docker.io"]

[[registry]]
location = "registry.local:5000"
insecure = true

[[registry]]
location = "localhost:5000"
insecure = true
`

/** Names that need no registry to be told. */
const shortNames = ['alpine', 'archlinux', 'busybox', 'debian', 'golang', 'hello-world', 'httpd', 'nginx', 'node', 'perl', 'php', 'python', 'redis', 'registry', 'ruby', 'rust', 'ubuntu']

const policy = { default: [{ type: 'insecureAcceptAnything' }], transports: { 'docker-daemon': { '': [{ type: 'insecureAcceptAnything' }] } } }

export const containerTools: ReadonlySet<string> = new Set(Object.keys(programs))

export function writeContainerTools(files: Files): void {
  const put = (path: string, text: string): void => {
    files.mkdirAll(path.slice(0, path.lastIndexOf('/')), 0o755)
    files.writeFile(path, text, 0o644)
  }
  for (const [program, directory] of Object.entries(programs)) if (!files.exists(`${directory}/${program}`)) installProgram(files, program, `${directory}/${program}`)
  for (const plugin of ['bridge', 'host-local', 'loopback', 'portmap']) installProgram(files, `cni-${plugin}`, `/usr/lib/cni/${plugin}`)
  put('/etc/containers/registries.conf', registries)
  put('/etc/containers/registries.conf.d/shortnames.conf', `[aliases]\n${shortNames.map((name) => `  "${name}" = "docker.io/library/${name}"\n`).join('')}`)
  put('/etc/containers/policy.json', `${JSON.stringify(policy, null, 4)}\n`)
  put('/etc/cni/net.d/87-podman-bridge.conflist', networkText('podman', 'cni-podman0', '10.88.0.0/16', '10.88.0.1'))
}
