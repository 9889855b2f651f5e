import type { Program } from '#engine/linux/abi/program'
import { fuser, pidof, pstree } from './kill'
import { flock } from './flock'
import { free, last, top, uptime, vmstat, w } from './load'
import { lsof } from './lsof'
import { pgrep, pkill } from './pgrep'
import { ps } from './ps'
import { renice } from './renice'
import { kill, killall } from './signals'

export const processPrograms: readonly Program[] = [ps, pgrep, pkill, kill, killall, renice, pidof, pstree, fuser, lsof, flock, uptime, free, top, vmstat, w, last]
