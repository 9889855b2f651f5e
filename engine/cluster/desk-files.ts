/** What is installed at the desk alone: docker, as Debian has it. */
import { installProgram } from '#engine/linux/distribution/rootfs'
import type { Files } from '#engine/linux/abi/files'

const dockerUnit = `[Unit]
Description=Docker Application Container Engine
Documentation=https://docs.docker.com
After=network-online.target docker.socket firewalld.service containerd.service time-set.target
Wants=network-online.target containerd.service
Requires=docker.socket

[Service]
Type=notify
EnvironmentFile=-/etc/default/docker
ExecStart=/usr/sbin/dockerd -H fd:// $DOCKER_OPTS
ExecReload=/bin/kill -s HUP $MAINPID
LimitNOFILE=infinity
LimitNPROC=infinity
LimitCORE=infinity
TimeoutStartSec=0
Restart=on-failure
StartLimitBurst=3
StartLimitInterval=60s
TasksMax=infinity
Delegate=yes
KillMode=process
OOMScoreAdjust=-500

[Install]
WantedBy=multi-user.target
`

const dockerSocket = `[Unit]
Description=Docker Socket for the API

[Socket]
ListenStream=/run/docker.sock
SocketMode=0660
SocketUser=root
SocketGroup=docker

[Install]
WantedBy=sockets.target
`

const dockerPlaces: Readonly<Record<string, string>> = { docker: '/usr/bin', 'docker-init': '/usr/bin', dockerd: '/usr/sbin', 'docker-proxy': '/usr/sbin', 'containerd-shim-runc-v2': '/usr/bin', runc: '/usr/sbin' }
const dockerGroup = 'docker:x:996:\n'

/** The service waits for the first word on its socket. */
export function writeDeskFiles(files: Files): void {
  for (const [program, directory] of Object.entries(dockerPlaces)) installProgram(files, program, `${directory}/${program}`)
  const put = (path: string, text: string): void => {
    files.mkdirAll(path.slice(0, path.lastIndexOf('/')))
    files.writeFile(path, text, 0o644)
  }
  put('/usr/lib/systemd/system/docker.service', dockerUnit)
  put('/usr/lib/systemd/system/docker.socket', dockerSocket)
  put('/etc/docker/daemon.json', `${JSON.stringify({ 'insecure-registries': ['registry.local:5000'] }, null, 2)}\n`)
  files.mkdirAll('/etc/systemd/system/sockets.target.wants')
  files.symlink('/usr/lib/systemd/system/docker.socket', '/etc/systemd/system/sockets.target.wants/docker.socket')
  files.appendFile('/etc/group', dockerGroup)
}
