/** The images of a cluster's own components: on distroless roots, so without a shell. */
import type { ImageDefinition, ImageFiles, ImageLayer } from '#engine/cri/images/definition'
import { commands, directory, link, program, text } from '#engine/images/base/files'

const distroless: ImageLayer = {
  files: {
    '/tmp': directory(0o1777), '/etc/passwd': text('root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n'), '/etc/group': text('root:x:0:\nnobody:x:65534:\ntty:x:5:\nstaff:x:50:\nnonroot:x:65532:\n'),
    '/etc/nsswitch.conf': text('hosts: files dns\n'), '/etc/os-release': text('PRETTY_NAME="Distroless"\nNAME="Debian GNU/Linux"\nID="debian"\nVERSION_ID="12"\nVERSION="Debian GNU/Linux 12 (bookworm)"\n'), '/home/nonroot': { kind: 'directory', uid: 65532, gid: 65532 }, '/root': directory(0o700), '/proc': directory(), '/dev': directory(), '/sys': directory(), '/var/run': link('/run'), '/run': directory(),
  },
  sizeBytes: 104_307,
}

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const certificates = 'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt'

function component(name: string, tag: string, sizeBytes: number, files: ImageFiles, config: ImageDefinition['config'], repository = `registry.k8s.io/${name}`): ImageDefinition {
  return { repository, tags: [tag], layers: [distroless, { files, sizeBytes: sizeBytes - 104_307 }], config: { Env: [path, certificates], ...config }, sizeBytes }
}

/** Kubernetes' own, for each release the trainer knows. */
function kubernetes(version: string, sizes: { apiserver: number; controllerManager: number; scheduler: number; proxy: number }): ImageDefinition[] {
  const binary = (name: string): ImageFiles => ({ [`/usr/local/bin/${name}`]: program(name, { version }), '/go-runner': program('go-runner') })
  const config = { WorkingDir: '/', Entrypoint: ['/go-runner'] }
  return [
    component('kube-apiserver', version, sizes.apiserver, binary('kube-apiserver'), config),
    component('kube-controller-manager', version, sizes.controllerManager, binary('kube-controller-manager'), config),
    component('kube-scheduler', version, sizes.scheduler, binary('kube-scheduler'), config),
    component('kube-proxy', version, sizes.proxy, {
      ...binary('kube-proxy'), ...commands('/usr/sbin', ['iptables', 'iptables-save', 'iptables-restore', 'ip6tables', 'ip6tables-save', 'ip6tables-restore', 'ipset', 'conntrack', 'nft']), '/usr/bin/sh': program('sh'), '/bin/sh': program('sh'), '/bin/cat': program('cat'), '/bin/ls': program('ls'),
    }, { WorkingDir: '/', Entrypoint: ['/usr/local/bin/kube-proxy'] }),
  ]
}

const etcdFiles: ImageFiles = { '/usr/local/bin/etcd': program('etcd', { version: '3.6.6' }), '/usr/local/bin/etcdctl': program('etcdctl', { version: '3.6.6' }), '/usr/local/bin/etcdutl': program('etcdutl', { version: '3.6.6' }), '/var/lib/etcd': directory(), '/var/etcd': directory() }

export const controlPlaneImages: readonly ImageDefinition[] = [
  ...kubernetes('v1.35.4', { apiserver: 103_363_391, controllerManager: 93_584_199, scheduler: 71_373_630, proxy: 84_972_346 }),
  ...kubernetes('v1.35.5', { apiserver: 103_367_012, controllerManager: 93_586_010, scheduler: 71_374_882, proxy: 84_973_511 }),
  ...kubernetes('v1.34.0', { apiserver: 101_890_212, controllerManager: 92_330_456, scheduler: 70_244_981, proxy: 83_914_337 }),
  ...kubernetes('v1.34.7', { apiserver: 101_902_665, controllerManager: 92_341_174, scheduler: 70_249_302, proxy: 83_920_818 }),
  component('etcd', '3.6.6-0', 61_502_260, etcdFiles, {}),
  component('etcd', '3.6.5-0', 61_498_702, { ...etcdFiles, '/usr/local/bin/etcd': program('etcd', { version: '3.6.5' }) }, {}),
  component('etcd', '3.6.4-0', 61_490_118, { ...etcdFiles, '/usr/local/bin/etcd': program('etcd', { version: '3.6.4' }) }, {}),
  component('coredns', 'v1.13.1', 76_626_729, { '/coredns': program('coredns', { version: '1.13.1' }) }, { Entrypoint: ['/coredns'], User: 'nonroot:nonroot', WorkingDir: '/', ExposedPorts: { '53/tcp': {}, '53/udp': {} } }, 'registry.k8s.io/coredns/coredns'),
  component('coredns', 'v1.12.1', 75_950_402, { '/coredns': program('coredns', { version: '1.12.1' }) }, { Entrypoint: ['/coredns'], User: 'nonroot:nonroot', WorkingDir: '/', ExposedPorts: { '53/tcp': {}, '53/udp': {} } }, 'registry.k8s.io/coredns/coredns'),
  { repository: 'registry.k8s.io/pause', tags: ['3.10.1'], layers: [{ files: { '/pause': program('pause') }, sizeBytes: 685_866 }], config: { Entrypoint: ['/pause'], User: '65535:65535', WorkingDir: '/', Env: [path] }, sizeBytes: 686_908 },
  { repository: 'registry.k8s.io/pause', tags: ['3.10', '3.9'], layers: [{ files: { '/pause': program('pause') }, sizeBytes: 320_368 }], config: { Entrypoint: ['/pause'], User: '65535:65535', WorkingDir: '/', Env: [path] } },
  component('metrics-server', 'v0.8.0', 22_480_901, { '/metrics-server': program('metrics-server', { version: 'v0.8.0' }) }, { Entrypoint: ['/metrics-server'], User: '65534', WorkingDir: '/' }, 'registry.k8s.io/metrics-server/metrics-server'),
]
