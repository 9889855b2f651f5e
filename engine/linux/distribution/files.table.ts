/** Directories, links and text files of a fresh machine. */
export const directories: readonly (readonly [string, number])[] = [
  ['/boot', 0o755], ['/dev', 0o755], ['/etc', 0o755], ['/home', 0o755], ['/media', 0o755], ['/mnt', 0o755], ['/opt', 0o755], ['/proc', 0o555], ['/root', 0o700], ['/run', 0o755], ['/srv', 0o755], ['/sys', 0o555], ['/tmp', 0o1777],
  ['/usr/bin', 0o755], ['/usr/sbin', 0o755], ['/usr/lib', 0o755], ['/usr/lib64', 0o755], ['/usr/local/bin', 0o755], ['/usr/local/sbin', 0o755], ['/usr/local/lib', 0o755], ['/usr/local/share/ca-certificates', 0o755], ['/usr/share', 0o755],
  ['/usr/share/ca-certificates', 0o755], ['/usr/share/doc', 0o755], ['/usr/share/zoneinfo/Etc', 0o755], ['/usr/src', 0o755], ['/usr/include', 0o755], ['/usr/games', 0o755], ['/usr/libexec', 0o755], ['/usr/lib/modules/6.8.0-101-generic', 0o755],
  ['/usr/lib/systemd/system', 0o755], ['/usr/lib/systemd/system/kubelet.service.d', 0o755], ['/etc/systemd/system/multi-user.target.wants', 0o755], ['/etc/systemd/system/getty.target.wants', 0o755], ['/etc/systemd/system/timers.target.wants', 0o755], ['/etc/default', 0o755],
  ['/etc/ssl/certs', 0o755], ['/etc/ssl/private', 0o710], ['/etc/ca-certificates/update.d', 0o755], ['/etc/ssh', 0o755], ['/etc/profile.d', 0o755], ['/etc/skel', 0o755], ['/etc/cron.d', 0o755], ['/etc/cron.daily', 0o755], ['/etc/cron.hourly', 0o755],
  ['/etc/sysctl.d', 0o755], ['/etc/modules-load.d', 0o755], ['/etc/apt/sources.list.d', 0o755], ['/etc/apt/keyrings', 0o755], ['/etc/sudoers.d', 0o750], ['/etc/apparmor.d', 0o755], ['/etc/network', 0o755], ['/etc/bash_completion.d', 0o755],
  ['/var/backups', 0o755], ['/var/cache/apt', 0o755], ['/var/lib/dpkg', 0o755], ['/var/lib/apt', 0o755], ['/var/lib/systemd', 0o755], ['/var/log', 0o755], ['/var/log/journal', 0o2755], ['/var/log/apt', 0o755], ['/var/mail', 0o2775], ['/var/opt', 0o755],
  ['/var/spool/cron/crontabs', 0o1730], ['/var/tmp', 0o1777], ['/var/www/html', 0o755],
]

/** Path and target. */
export const links: readonly (readonly [string, string])[] = [
  ['/bin', 'usr/bin'], ['/sbin', 'usr/sbin'], ['/lib', 'usr/lib'], ['/lib64', 'usr/lib64'], ['/var/run', '/run'], ['/var/lock', '/run/lock'], ['/etc/os-release', '../usr/lib/os-release'], ['/etc/mtab', '../proc/self/mounts'],
  ['/etc/localtime', '/usr/share/zoneinfo/Etc/UTC'], ['/usr/sbin/init', '/lib/systemd/systemd'],
]

const osRelease = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
SUPPORT_URL="https://www.debian.org/support"
BUG_REPORT_URL="https://bugs.debian.org/"
`

/** Gives login shells their PATH and runs what lies in /etc/profile.d. */
const profile = `# System-wide settings of login shells.
if [ "$(id -u)" -eq 0 ]; then
  PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
else
  PATH="/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"
fi
export PATH

if [ "\${PS1-}" ]; then
  if [ "\${BASH-}" ] && [ "$BASH" != "/bin/sh" ]; then
    if [ -f /etc/bash.bashrc ]; then
      . /etc/bash.bashrc
    fi
  elif [ "$(id -u)" -eq 0 ]; then
    PS1='# '
  else
    PS1='$ '
  fi
fi

if [ -d /etc/profile.d ]; then
  for i in /etc/profile.d/*.sh; do
    if [ -r $i ]; then
      . $i
    fi
  done
  unset i
fi
`

const bashrc = `# System-wide settings of interactive shells.
[ -z "$PS1" ] && return
shopt -s checkwinsize
PS1='\${debian_chroot:+($debian_chroot)}\\u@\\h:\\w\\$ '
`

const rootBashrc = `# Settings of root's interactive shells.
alias ls='ls --color=auto'
alias ll='ls -l'
if [ -f /etc/bash_completion.d/kubectl ]; then
  . /etc/bash_completion.d/kubectl
fi
`

const rootProfile = `# Settings of root's login shells.
if [ "$BASH" ]; then
  if [ -f ~/.bashrc ]; then
    . ~/.bashrc
  fi
fi

mesg n 2> /dev/null || true
`

const nsswitch = `passwd:         files systemd
group:          files systemd
shadow:         files systemd
gshadow:        files systemd

hosts:          files dns
networks:       files

protocols:      db files
services:       db files
ethers:         db files
rpc:            db files

netgroup:       nis
`

const services = `ssh\t\t22/tcp
domain\t\t53/tcp
domain\t\t53/udp
http\t\t80/tcp\t\twww
https\t\t443/tcp
mysql\t\t3306/tcp
postgresql\t5432/tcp
http-alt\t8080/tcp\twebcache
`

const sshdConfig = `Include /etc/ssh/sshd_config.d/*.conf

KbdInteractiveAuthentication no
UsePAM yes
X11Forwarding yes
PrintMotd no
AcceptEnv LANG LC_*
Subsystem\tsftp\t/usr/lib/openssh/sftp-server
`

export const textFiles: readonly { readonly path: string; readonly text: string; readonly mode?: number }[] = [
  { path: '/usr/lib/os-release', text: osRelease },
  { path: '/etc/debian_version', text: '12.11\n' },
  { path: '/etc/issue', text: 'Debian GNU/Linux 12 \\n \\l\n\n' },
  { path: '/etc/issue.net', text: 'Debian GNU/Linux 12\n' },
  { path: '/etc/motd', text: '' },
  { path: '/etc/profile', text: profile },
  { path: '/etc/bash.bashrc', text: bashrc },
  { path: '/root/.bashrc', text: rootBashrc },
  { path: '/root/.profile', text: rootProfile },
  { path: '/etc/skel/.bashrc', text: rootBashrc },
  { path: '/etc/skel/.profile', text: rootProfile },
  { path: '/etc/skel/.bash_logout', text: '' },
  { path: '/etc/environment', text: '' },
  { path: '/etc/default/locale', text: 'LANG=C.UTF-8\n' },
  { path: '/etc/nsswitch.conf', text: nsswitch },
  { path: '/etc/services', text: services },
  { path: '/etc/protocols', text: 'icmp\t1\tICMP\ntcp\t6\tTCP\nudp\t17\tUDP\nsctp\t132\tSCTP\n' },
  { path: '/etc/host.conf', text: 'multi on\n' },
  { path: '/etc/networks', text: 'default\t\t0.0.0.0\nloopback\t127.0.0.0\nlink-local\t169.254.0.0\n\n' },
  { path: '/etc/shells', text: '# /etc/shells: valid login shells\n/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n/bin/rbash\n/usr/bin/rbash\n/bin/dash\n/usr/bin/dash\n' },
  { path: '/etc/fstab', text: '# <file system> <mount point> <type> <options> <dump> <pass>\n/dev/vda1 / ext4 errors=remount-ro 0 1\n' },
  { path: '/etc/login.defs', text: 'MAIL_DIR\t/var/mail\nUMASK\t\t022\nPASS_MAX_DAYS\t99999\nPASS_MIN_DAYS\t0\nPASS_WARN_AGE\t7\nUID_MIN\t\t1000\nUID_MAX\t\t60000\nGID_MIN\t\t1000\nGID_MAX\t\t60000\nUSERGROUPS_ENAB yes\nENCRYPT_METHOD YESCRYPT\n' },
  { path: '/etc/sudoers', text: 'Defaults\tenv_reset\nDefaults\tmail_badpass\nDefaults\tsecure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"\n\nroot\tALL=(ALL:ALL) ALL\n%sudo\tALL=(ALL:ALL) ALL\n\n@includedir /etc/sudoers.d\n', mode: 0o440 },
  { path: '/etc/ssh/sshd_config', text: sshdConfig },
  { path: '/etc/ssh/ssh_config', text: 'Include /etc/ssh/ssh_config.d/*.conf\n\nHost *\n    SendEnv LANG LC_*\n    HashKnownHosts yes\n' },
  { path: '/etc/sysctl.conf', text: '' },
  { path: '/etc/crontab', text: 'SHELL=/bin/sh\nPATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin\n\n17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly\n' },
  { path: '/etc/apt/sources.list', text: 'deb http://deb.debian.org/debian bookworm main\ndeb http://deb.debian.org/debian-security bookworm-security main\n' },
  { path: '/etc/inputrc', text: 'set input-meta on\nset output-meta on\n' },
  { path: '/var/log/dpkg.log', text: '' },
  { path: '/var/log/lastlog', text: '' },
  { path: '/var/log/wtmp', text: '', mode: 0o664 },
]
