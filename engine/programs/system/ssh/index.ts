import type { Program } from '#engine/linux/abi/program'
import { sshKeygen, sshKeyscan } from './keygen'
import { scp } from './scp'
import { sftpServer } from './sftp'
import { ssh } from './ssh'
import { sshd } from './sshd'

export const sshPrograms: readonly Program[] = [ssh, sshd, scp, sftpServer, sshKeygen, sshKeyscan]
