/** Every image the simulated registries hold. */
import type { ImageDefinition } from '#engine/cri/images/definition'
import { controlPlaneImages } from '#engine/images/control-plane/images'
import { nginxImages } from '#engine/images/nginx/images'
import { toolImages } from '#engine/images/tools/images'

export const images: readonly ImageDefinition[] = [...controlPlaneImages, ...nginxImages, ...toolImages]
