/** /etc/passwd, group, shadow and gshadow of a fresh Debian 12. */
const users: readonly (readonly [string, number, number, string, string, string])[] = [
  ['root', 0, 0, 'root', '/root', '/bin/bash'],
  ['daemon', 1, 1, 'daemon', '/usr/sbin', '/usr/sbin/nologin'],
  ['bin', 2, 2, 'bin', '/bin', '/usr/sbin/nologin'],
  ['sys', 3, 3, 'sys', '/dev', '/usr/sbin/nologin'],
  ['sync', 4, 65534, 'sync', '/bin', '/bin/sync'],
  ['games', 5, 60, 'games', '/usr/games', '/usr/sbin/nologin'],
  ['man', 6, 12, 'man', '/var/cache/man', '/usr/sbin/nologin'],
  ['lp', 7, 7, 'lp', '/var/spool/lpd', '/usr/sbin/nologin'],
  ['mail', 8, 8, 'mail', '/var/mail', '/usr/sbin/nologin'],
  ['news', 9, 9, 'news', '/var/spool/news', '/usr/sbin/nologin'],
  ['uucp', 10, 10, 'uucp', '/var/spool/uucp', '/usr/sbin/nologin'],
  ['proxy', 13, 13, 'proxy', '/bin', '/usr/sbin/nologin'],
  ['www-data', 33, 33, 'www-data', '/var/www', '/usr/sbin/nologin'],
  ['backup', 34, 34, 'backup', '/var/backups', '/usr/sbin/nologin'],
  ['list', 38, 38, 'Mailing List Manager', '/var/list', '/usr/sbin/nologin'],
  ['irc', 39, 39, 'ircd', '/run/ircd', '/usr/sbin/nologin'],
  ['_apt', 42, 65534, '', '/nonexistent', '/usr/sbin/nologin'],
  ['nobody', 65534, 65534, 'nobody', '/nonexistent', '/usr/sbin/nologin'],
  ['systemd-network', 998, 998, 'systemd Network Management', '/', '/usr/sbin/nologin'],
  ['systemd-timesync', 997, 997, 'systemd Time Synchronization', '/', '/usr/sbin/nologin'],
  ['messagebus', 100, 107, '', '/nonexistent', '/usr/sbin/nologin'],
  ['sshd', 101, 65534, '', '/run/sshd', '/usr/sbin/nologin'],
]

const groups: readonly (readonly [string, number])[] = [
  ['root', 0], ['daemon', 1], ['bin', 2], ['sys', 3], ['adm', 4], ['tty', 5], ['disk', 6], ['lp', 7], ['mail', 8], ['news', 9], ['uucp', 10], ['man', 12], ['proxy', 13], ['kmem', 15], ['dialout', 20], ['fax', 21],
  ['voice', 22], ['cdrom', 24], ['floppy', 25], ['tape', 26], ['sudo', 27], ['audio', 29], ['dip', 30], ['www-data', 33], ['backup', 34], ['operator', 37], ['list', 38], ['irc', 39], ['src', 40], ['shadow', 42],
  ['utmp', 43], ['video', 44], ['sasl', 45], ['plugdev', 46], ['staff', 50], ['games', 60], ['users', 100], ['nogroup', 65534], ['systemd-journal', 999], ['systemd-network', 998], ['systemd-timesync', 997],
  ['crontab', 101], ['input', 102], ['sgx', 103], ['kvm', 104], ['render', 105], ['netdev', 106], ['messagebus', 107], ['_ssh', 108],
]

export const accounts: readonly { readonly path: string; readonly text: string; readonly mode?: number }[] = [
  { path: '/etc/passwd', text: users.map(([name, uid, gid, comment, home, shell]) => `${name}:x:${uid}:${gid}:${comment}:${home}:${shell}\n`).join('') },
  { path: '/etc/group', text: groups.map(([name, gid]) => `${name}:x:${gid}:\n`).join('') },
  { path: '/etc/shadow', text: users.map(([name]) => `${name}:*:20260:0:99999:7:::\n`).join(''), mode: 0o640 },
  { path: '/etc/gshadow', text: groups.map(([name]) => `${name}:*::\n`).join(''), mode: 0o640 },
]
