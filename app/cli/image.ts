/** `seatrial image build [PROFILE...]`: makes the disk images; part of the build. */
import { isProfileName, type ProfileName } from '#engine/cluster/index'
import { buildImage } from '#app/host/images'
import { parseArguments, UsageError } from './arguments'
import { usageOf } from './usage'

export async function imageCommand(args: readonly string[]): Promise<number> {
  const [verb, ...given] = parseArguments(args, []).operands
  if (verb !== 'build') throw new UsageError(usageOf('image'))
  const names: readonly string[] = given.length > 0 ? given : ['one', 'two', 'three']
  for (const name of names) {
    if (!isProfileName(name)) throw new UsageError(`no profile is named "${name}": there are one, two, three`)
    const started = performance.now()
    await buildImage(name as ProfileName, (line) => process.stderr.write(`${line}\n`))
    process.stdout.write(`image ${name}: ${((performance.now() - started) / 1000).toFixed(1)} s\n`)
  }
  return 0
}
