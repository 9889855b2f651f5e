/** Packages of Debian 12 and of the Kubernetes repositories that a machine may hold. */
export interface PackageFacts {
  readonly name: string
  /** Newest last; the last is what a fresh machine has, unless the executable says otherwise. */
  readonly versions: readonly string[]
  readonly priority: string
  readonly section: string
  readonly summary: string
  readonly essential?: boolean
  /** Its executables; the first tells whether the package is installed. */
  readonly programs: readonly string[]
}

function debian(name: string, version: string, priority: string, section: string, summary: string, programs: readonly string[], essential = false): PackageFacts {
  return { name, versions: [version], priority, section, summary, programs, ...(essential ? { essential } : {}) }
}

const kubernetesVersions = ['1.34.0', '1.34.1', '1.34.2', '1.34.3', '1.34.4', '1.34.5', '1.34.6', '1.34.7', '1.35.0', '1.35.1', '1.35.2', '1.35.3', '1.35.4', '1.35.5'].map((version) => `${version}-1.1`)

function kubernetes(name: string, summary: string): PackageFacts {
  return { name, versions: kubernetesVersions, priority: 'optional', section: 'admin', summary, programs: [`/usr/bin/${name}`] }
}

export const catalogue: readonly PackageFacts[] = [
  debian('apt', '2.6.1', 'required', 'admin', 'commandline package manager', ['/usr/bin/apt', '/usr/bin/apt-get', '/usr/bin/apt-cache', '/usr/bin/apt-mark']),
  debian('base-files', '12.4+deb12u12', 'required', 'admin', 'Debian base system miscellaneous files', ['/etc/os-release', '/etc/debian_version'], true),
  debian('bash', '5.2.15-2+b8', 'required', 'shells', 'GNU Bourne Again SHell', ['/bin/bash', '/usr/bin/bash'], true),
  debian('ca-certificates', '20230311+deb12u1', 'optional', 'misc', 'Common CA certificates', ['/etc/ssl/certs/ca-certificates.crt']),
  debian('conntrack', '1:1.4.7-1+b2', 'optional', 'net', 'Program to modify the conntrack tables', ['/usr/sbin/conntrack']),
  debian('coreutils', '9.1-1', 'required', 'utils', 'GNU core utilities', ['/usr/bin/cat', '/bin/ls', '/usr/bin/cp', '/usr/bin/mv', '/usr/bin/sort'], true),
  debian('cron', '3.0pl1-162', 'important', 'admin', 'process scheduling daemon', ['/usr/sbin/cron', '/usr/bin/crontab']),
  debian('curl', '7.88.1-10+deb12u14', 'optional', 'web', 'command line tool for transferring data with URL syntax', ['/usr/bin/curl']),
  debian('dash', '0.5.12-2', 'required', 'shells', 'POSIX-compliant shell', ['/bin/dash', '/bin/sh'], true),
  debian('dpkg', '1.21.22', 'required', 'admin', 'Debian package management system', ['/usr/bin/dpkg', '/usr/bin/dpkg-query'], true),
  debian('findutils', '4.9.0-4', 'required', 'utils', 'utilities for finding files--find, xargs', ['/usr/bin/find', '/usr/bin/xargs'], true),
  debian('grep', '3.8-5', 'required', 'utils', 'GNU grep, egrep and fgrep', ['/bin/grep', '/usr/bin/grep'], true),
  debian('hostname', '3.23+nmu1', 'required', 'admin', 'utility to set/show the host name or domain name', ['/bin/hostname'], true),
  debian('iproute2', '6.1.0-3', 'important', 'net', 'networking and traffic control tools', ['/usr/sbin/ip', '/usr/bin/ip', '/usr/bin/ss']),
  debian('iptables', '1.8.9-2', 'important', 'net', 'administration tools for packet filtering and NAT', ['/usr/sbin/iptables', '/usr/sbin/iptables-save']),
  debian('iputils-ping', '3:20221126-1+deb12u1', 'important', 'net', 'Tools to test the reachability of network hosts', ['/usr/bin/ping']),
  debian('jq', '1.6-2.1+deb12u1', 'optional', 'utils', 'lightweight and flexible command-line JSON processor', ['/usr/bin/jq']),
  debian('less', '590-2.1~deb12u2', 'important', 'text', 'pager program similar to more', ['/usr/bin/less']),
  debian('login', '1:4.13+dfsg1-1+deb12u1', 'required', 'admin', 'system login tools', ['/usr/bin/su', '/bin/su'], true),
  debian('lsof', '4.95.0-1', 'standard', 'utils', 'utility to list open files', ['/usr/bin/lsof']),
  debian('mawk', '1.3.4.20200120-3.1', 'required', 'interpreters', 'Pattern scanning and text processing language', ['/usr/bin/awk', '/usr/bin/mawk']),
  debian('mount', '2.38.1-5+deb12u3', 'required', 'admin', 'tools for mounting and manipulating filesystems', ['/usr/bin/mount', '/usr/bin/umount']),
  debian('nano', '7.2-1+deb12u1', 'important', 'editors', 'small, friendly text editor inspired by Pico', ['/usr/bin/nano']),
  debian('openssh-client', '1:9.2p1-2+deb12u7', 'standard', 'net', 'secure shell (SSH) client, for secure access to remote machines', ['/usr/bin/ssh', '/usr/bin/scp', '/usr/bin/ssh-keygen']),
  debian('openssh-server', '1:9.2p1-2+deb12u7', 'optional', 'net', 'secure shell (SSH) server, for secure access from remote machines', ['/usr/sbin/sshd']),
  debian('openssl', '3.0.17-1~deb12u3', 'optional', 'utils', 'Secure Sockets Layer toolkit - cryptographic utility', ['/usr/bin/openssl']),
  debian('passwd', '1:4.13+dfsg1-1+deb12u1', 'required', 'admin', 'change and administer password and group data', ['/usr/bin/passwd', '/usr/sbin/useradd', '/usr/sbin/usermod', '/usr/sbin/userdel']),
  debian('procps', '2:4.0.2-3', 'important', 'admin', '/proc file system utilities', ['/usr/bin/ps', '/usr/bin/top', '/usr/bin/free', '/usr/bin/pgrep', '/usr/sbin/sysctl']),
  debian('psmisc', '23.6-1', 'optional', 'admin', 'utilities that use the proc file system', ['/usr/bin/killall', '/usr/bin/fuser', '/usr/bin/pstree']),
  debian('sed', '4.9-1', 'required', 'utils', 'GNU stream editor for filtering/transforming text', ['/bin/sed', '/usr/bin/sed'], true),
  debian('sudo', '1.9.13p3-1+deb12u2', 'optional', 'admin', 'Provide limited super user privileges to specific users', ['/usr/bin/sudo']),
  debian('systemd', '252.39-1~deb12u1', 'important', 'admin', 'system and service manager', ['/usr/bin/systemctl', '/usr/bin/journalctl', '/lib/systemd/systemd']),
  debian('tar', '1.34+dfsg-1.2+deb12u1', 'required', 'utils', 'GNU version of the tar archiving utility', ['/bin/tar', '/usr/bin/tar'], true),
  debian('util-linux', '2.38.1-5+deb12u3', 'required', 'utils', 'miscellaneous system utilities', ['/usr/bin/findmnt', '/usr/bin/lsblk', '/usr/bin/dmesg', '/usr/bin/nsenter'], true),
  debian('vim', '2:9.0.1378-2+deb12u2', 'optional', 'editors', 'Vi IMproved - enhanced vi editor', ['/usr/bin/vim']),
  debian('wget', '1.21.3-1+deb12u1', 'standard', 'web', 'retrieves files from the web', ['/usr/bin/wget']),
  kubernetes('kubeadm', 'Command-line utility for administering a Kubernetes cluster'),
  kubernetes('kubectl', 'Command-line utility for interacting with a Kubernetes cluster'),
  kubernetes('kubelet', 'Node agent for Kubernetes clusters'),
  { name: 'cri-tools', versions: ['1.34.0-1.1', '1.35.0-1.1'], priority: 'optional', section: 'admin', summary: 'Container Runtime Interface tools', programs: ['/usr/bin/crictl'] },
  { name: 'kubernetes-cni', versions: ['1.7.1-1.1', '1.8.0-1.1'], priority: 'optional', section: 'admin', summary: 'Binaries required to provision kubernetes container networking', programs: ['/opt/cni/bin/bridge', '/opt/cni/bin/loopback'] },
]
