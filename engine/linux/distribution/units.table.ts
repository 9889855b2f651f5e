/** Units of the base system, below /lib/systemd/system. */
const directory = '/usr/lib/systemd/system'
const target = (name: string, description: string, rest = ''): { path: string; text: string } => ({ path: `${directory}/${name}.target`, text: `[Unit]\nDescription=${description}\nDocumentation=man:systemd.special(7)\n${rest}` })

export const units: readonly { readonly path: string; readonly text: string; readonly mode?: number }[] = [
  target('sysinit', 'System Initialization'),
  target('basic', 'Basic System', 'Requires=sysinit.target\nAfter=sysinit.target\n'),
  target('multi-user', 'Multi-User System', 'Requires=basic.target\nConflicts=rescue.service rescue.target\nAfter=basic.target rescue.service rescue.target\nAllowIsolate=yes\n'),
  target('graphical', 'Graphical Interface', 'Requires=multi-user.target\nAfter=multi-user.target\nAllowIsolate=yes\n'),
  target('network', 'Network'),
  target('network-online', 'Network is Online', 'After=network.target\n'),
  target('local-fs', 'Local File Systems'),
  target('remote-fs', 'Remote File Systems'),
  target('sockets', 'Socket Units'),
  target('timers', 'Timer Units'),
  target('paths', 'Path Units'),
  target('slices', 'Slice Units'),
  target('getty', 'Login Prompts'),
  target('rescue', 'Rescue Mode'),
  target('shutdown', 'System Shutdown'),
  {
    path: `${directory}/systemd-journald.service`,
    text: '[Unit]\nDescription=Journal Service\nDocumentation=man:systemd-journald.service(8) man:journald.conf(5)\nDefaultDependencies=no\nBefore=sysinit.target\n\n[Service]\nType=notify\nExecStart=/lib/systemd/systemd-journald\nRestart=always\nRestartSec=0\n',
  },
  {
    path: `${directory}/ssh.service`,
    text: '[Unit]\nDescription=OpenBSD Secure Shell server\nDocumentation=man:sshd(8) man:sshd_config(5)\nAfter=network.target auditd.service\nConditionPathExists=!/etc/ssh/sshd_not_to_be_run\n\n[Service]\nEnvironmentFile=-/etc/default/ssh\nExecStartPre=/usr/sbin/sshd -t\nExecStart=/usr/sbin/sshd -D $SSHD_OPTS\nExecReload=/usr/sbin/sshd -t\nExecReload=/bin/kill -HUP $MAINPID\nKillMode=process\nRestart=on-failure\nRestartPreventExitStatus=255\nType=notify\nRuntimeDirectory=sshd\nRuntimeDirectoryMode=0755\n\n[Install]\nWantedBy=multi-user.target\nAlias=sshd.service\n',
  },
  {
    path: `${directory}/cron.service`,
    text: '[Unit]\nDescription=Regular background program processing daemon\nDocumentation=man:cron(8)\nAfter=remote-fs.target nss-user-lookup.target\n\n[Service]\nEnvironmentFile=-/etc/default/cron\nExecStart=/usr/sbin/cron -f $EXTRA_OPTS\nIgnoreSIGPIPE=false\nKillMode=process\nRestart=on-failure\n\n[Install]\nWantedBy=multi-user.target\n',
  },
]
