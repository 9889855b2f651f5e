import type { Program } from '#engine/linux/abi/program'
import { apt, aptCache, aptGet, aptMark } from './apt'
import { dpkg, dpkgQuery } from './dpkg'

export const packagePrograms: readonly Program[] = [apt, aptGet, aptCache, aptMark, dpkg, dpkgQuery]
