import type { Program } from '#engine/linux/abi/program'
import { systemd } from '#engine/linux/systemd/pid1'
import { daemons } from './daemons'
import { findmnt, lsblk, mount, umount } from './machine/storage'
import { processPrograms } from './processes/index'
import { sshPrograms } from './ssh/index'
import { journalctl } from './journalctl/journalctl'
import { systemctl } from './systemctl/systemctl'

export const systemPrograms: readonly Program[] = [systemd, ...daemons, systemctl, journalctl, ...sshPrograms, ...processPrograms, mount, umount, findmnt, lsblk]
