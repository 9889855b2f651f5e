/** Docker's executables. */
import type { Program } from '#engine/linux/abi/program'
import { docker } from './client'
import { dockerd } from './daemon'
import { dockerInit } from './init'
import { dockerProxy } from './proxy'

export const dockerPrograms: readonly Program[] = [docker, dockerd, dockerProxy, dockerInit]
