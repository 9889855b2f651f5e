import type { Program } from '#engine/linux/abi/program'
import { systemd } from '#engine/linux/systemd/pid1'
import { daemons } from './daemons'
import { aaStatus, apparmorParser, chroot, dmesg, hostname, hostnamectl, loginctl, lscpu, lsmod, modprobe, nsenter, reboots, strace, timedatectl, unshare } from './machine/identity'
import { sysctl, systemdSysctl } from './machine/sysctl'
import { locale } from './machine/locale'
import { namei } from './machine/namei'
import { systemdInhibit } from './machine/logind'
import { cron, crontab } from './machine/cron'
import { swapPrograms } from './machine/swap'
import { pwdx, service, setsid, whereis } from './processes/session'
import { findmnt, lsblk, mount, mountpoint, umount } from './machine/storage'
import { accountPrograms } from './accounts/index'
import { packagePrograms } from './packages/index'
import { processPrograms } from './processes/index'
import { sshPrograms } from './ssh/index'
import { journalctl } from './journalctl/journalctl'
import { tmux } from './tmux/tmux'
import { systemctl } from './systemctl/systemctl'
import { logger, systemdAnalyze, systemdCat, systemdCgls, systemdEscape, systemdRun } from './systemctl/tools'

export const systemPrograms: readonly Program[] = [systemd, ...daemons, systemctl, journalctl, ...sshPrograms, ...processPrograms, ...accountPrograms, mount, umount, findmnt, mountpoint, lsblk, setsid, pwdx, whereis, service, namei, locale,
  ...packagePrograms, cron, crontab, tmux,
  hostname, hostnamectl, timedatectl, loginctl, lscpu, dmesg, sysctl, systemdSysctl, lsmod, modprobe, ...swapPrograms, ...reboots, aaStatus, apparmorParser, strace, chroot, nsenter, unshare,
  logger, systemdInhibit, systemdAnalyze, systemdCat, systemdCgls, systemdEscape, systemdRun,
]
