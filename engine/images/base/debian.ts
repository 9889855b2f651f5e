/** The root of Debian's image: what images from the Docker library stand on. */
import type { ImageFiles, ImageLayer } from '#engine/cri/images/definition'
import { commands, commonDirectories, link, program, text } from '#engine/images/base/files'

const passwd = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
sync:x:4:65534:sync:/bin:/bin/sync
games:x:5:60:games:/usr/games:/usr/sbin/nologin
man:x:6:12:man:/var/cache/man:/usr/sbin/nologin
lp:x:7:7:lp:/var/spool/lpd:/usr/sbin/nologin
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
news:x:9:9:news:/var/spool/news:/usr/sbin/nologin
uucp:x:10:10:uucp:/var/spool/uucp:/usr/sbin/nologin
proxy:x:13:13:proxy:/bin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
backup:x:34:34:backup:/var/backups:/usr/sbin/nologin
list:x:38:38:Mailing List Manager:/var/list:/usr/sbin/nologin
irc:x:39:39:ircd:/run/ircd:/usr/sbin/nologin
_apt:x:42:65534::/nonexistent:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`

const group = `root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
lp:x:7:
mail:x:8:
news:x:9:
uucp:x:10:
man:x:12:
proxy:x:13:
kmem:x:15:
dialout:x:20:
cdrom:x:24:
audio:x:29:
www-data:x:33:
backup:x:34:
list:x:38:
irc:x:39:
shadow:x:42:
utmp:x:43:
video:x:44:
staff:x:50:
games:x:60:
users:x:100:
nogroup:x:65534:
`

export const debianPasswd = passwd
export const debianGroup = group

/** In /usr/bin of every Debian image: coreutils, and the essential packages. */
export const debianCommands: readonly string[] = [
  'arch', 'awk', 'b2sum', 'base32', 'base64', 'basename', 'bash', 'cat', 'chgrp', 'chmod', 'chown', 'cksum', 'cmp', 'comm', 'cp', 'cut', 'date', 'dd', 'df', 'diff', 'dirname', 'dpkg', 'du', 'echo', 'egrep', 'env', 'expand', 'expr', 'factor', 'false', 'fgrep',
  'find', 'fold', 'getent', 'getopt', 'grep', 'groups', 'gunzip', 'gzip', 'head', 'hostname', 'id', 'install', 'join', 'link', 'ln', 'logname', 'ls', 'lsblk', 'mawk', 'md5sum', 'mkdir', 'mkfifo', 'mknod', 'mktemp', 'more', 'mount', 'mountpoint', 'mv', 'nice', 'nl', 'nohup', 'nproc', 'numfmt', 'od',
  'paste', 'pathchk', 'perl', 'pr', 'printenv', 'printf', 'pwd', 'readlink', 'realpath', 'rm', 'rmdir', 'sed', 'seq', 'sh', 'sha1sum', 'sha224sum', 'sha256sum', 'sha384sum', 'sha512sum', 'shred', 'shuf', 'sleep', 'sort', 'split', 'stat', 'stdbuf', 'stty', 'sum', 'sync', 'tac', 'tail', 'tar', 'tee', 'test',
  'timeout', 'touch', 'tr', 'true', 'truncate', 'tsort', 'tty', 'umount', 'uname', 'unexpand', 'uniq', 'unlink', 'users', 'wc', 'which', 'who', 'whoami', 'xargs', 'yes', 'zcat', 'apt', 'apt-get', 'apt-cache', 'findmnt', 'setsid', 'su', 'nsenter', 'unshare',
]

function root(release: ImageFiles): ImageFiles {
  return {
    ...commonDirectories,
    '/bin': link('usr/bin'), '/sbin': link('usr/sbin'), '/lib': link('usr/lib'), '/lib64': link('usr/lib64'),
    ...commands('/usr/bin', debianCommands), '/usr/bin/[': program('['),
    ...commands('/usr/sbin', ['chroot', 'nologin', 'ldconfig', 'groupadd', 'useradd', 'adduser', 'addgroup', 'groupdel', 'userdel']),
    '/usr/lib': { kind: 'directory' }, '/usr/lib64': { kind: 'directory' },
    '/etc/passwd': text(passwd), '/etc/group': text(group), '/etc/shadow': text('root:*:20000:0:99999:7:::\n', 0o640),
    '/etc/hostname': text('localhost\n'), '/etc/nsswitch.conf': text('passwd:         files\ngroup:          files\nshadow:         files\nhosts:          files dns\n'),
    '/root/.bashrc': text('# ~/.bashrc: executed by bash(1) for non-login shells.\n'), '/root/.profile': text('# ~/.profile: executed by Bourne-compatible login shells.\n'),
    '/etc/profile': text('# /etc/profile: system-wide .profile file\n'), '/etc/ssl/certs': { kind: 'directory' },
    ...release,
  }
}

const bookworm: ImageFiles = {
  '/etc/debian_version': text('12.12\n'), '/etc/issue': text('Debian GNU/Linux 12 \\n \\l\n\n'),
  '/etc/os-release': link('../usr/lib/os-release'),
  '/usr/lib/os-release': text('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL="https://www.debian.org/"\nSUPPORT_URL="https://www.debian.org/support"\nBUG_REPORT_URL="https://bugs.debian.org/"\n'),
}

const noble: ImageFiles = {
  '/etc/issue': text('Ubuntu 24.04.3 LTS \\n \\l\n\n'), '/etc/debian_version': text('trixie/sid\n'), '/etc/os-release': link('../usr/lib/os-release'), '/etc/lsb-release': text('DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=24.04\nDISTRIB_CODENAME=noble\nDISTRIB_DESCRIPTION="Ubuntu 24.04.3 LTS"\n'),
  '/usr/lib/os-release': text('PRETTY_NAME="Ubuntu 24.04.3 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nVERSION="24.04.3 LTS (Noble Numbat)"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\nHOME_URL="https://www.ubuntu.com/"\nSUPPORT_URL="https://help.ubuntu.com/"\nBUG_REPORT_URL="https://bugs.launchpad.net/ubuntu/"\nUBUNTU_CODENAME=noble\nLOGO=ubuntu-logo\n'),
}

export const debianLayer: ImageLayer = { files: root(bookworm), sizeBytes: 28_228_450, createdBy: '# debian.sh --arch \'amd64\' out/ \'bookworm\'' }
export const ubuntuLayer: ImageLayer = { files: root(noble), sizeBytes: 29_724_688, createdBy: '/bin/sh -c #(nop) ADD file in / ' }
