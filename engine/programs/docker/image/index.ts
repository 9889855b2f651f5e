/** Commands of images, beside `docker image` and on top. */
import type { Command } from '#engine/programs/common/cobra/command'
import { inspectOf } from '../container/inspect'
import { group } from '../kit/command'
import { buildCommand } from './build'
import { historyCommand, imagesCommand } from './list'
import { importCommand, loadCommand, pruneImagesCommand, pullCommand, pushCommand, removeImageCommand, saveCommand, tagCommand } from './transfer'

export const topImageCommands: readonly Command[] = [buildCommand, imagesCommand('images [OPTIONS] [REPOSITORY[:TAG]]'), historyCommand, importCommand, loadCommand, pullCommand, pushCommand, removeImageCommand('rmi [OPTIONS] IMAGE [IMAGE...]'), saveCommand, tagCommand]

export const imageGroup: Command = group('image', 'Manage images', [
  buildCommand, historyCommand, importCommand, inspectOf('image', 'inspect [OPTIONS] IMAGE [IMAGE...]', 'Display detailed information on one or more images'), loadCommand, imagesCommand('ls [OPTIONS] [REPOSITORY[:TAG]]'), pruneImagesCommand, pullCommand, pushCommand,
  removeImageCommand('rm [OPTIONS] IMAGE [IMAGE...]'), saveCommand, tagCommand,
])
