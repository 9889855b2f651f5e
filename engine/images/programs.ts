/** Programs that only images hold. */
import type { Program } from '#engine/linux/abi/program'
import { busyboxPs } from '#engine/images/busybox/ps'
import { httpPrograms } from '#engine/images/httpd/programs'
import { nginxEntrypoint } from '#engine/images/nginx/entrypoint'
import { nginx } from '#engine/images/nginx/program'
import { redisPrograms } from '#engine/images/redis/programs'
import { registry } from '#engine/images/registry/program'
import { toolPrograms } from '#engine/images/tools/programs'

export const imagePrograms: readonly Program[] = [busyboxPs, nginx, nginxEntrypoint, registry, ...toolPrograms, ...redisPrograms, ...httpPrograms]
