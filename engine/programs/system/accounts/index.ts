import type { Program } from '#engine/linux/abi/program'
import { chpasswd, passwd } from './passwd'
import { chage, getent, nologin } from './query'
import { runuser, su, sudo } from './su'
import { groupadd, groupdel, groupmod, useradd, userdel, usermod } from './useradd'

export const accountPrograms: readonly Program[] = [su, sudo, runuser, passwd, chpasswd, getent, chage, nologin, useradd, usermod, userdel, groupadd, groupmod, groupdel]
