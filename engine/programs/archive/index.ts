/** tar, gzip and zip, in pure code. */
import type { Program } from '#engine/linux/abi/program'
import { gzipPrograms } from '#engine/programs/archive/gzip'
import { tarPrograms } from '#engine/programs/archive/tar'
import { zipPrograms } from '#engine/programs/archive/zip'

export const archivePrograms: readonly Program[] = [...tarPrograms, ...gzipPrograms, ...zipPrograms]
