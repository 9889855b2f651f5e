/** `seatrial image build [PROFILE...]`: makes the disk images; part of the build. */
import { isProfileName, type ProfileName } from '#engine/cluster/index'
import { buildImage } from '#app/host/images'
import { UsageError } from './arguments'

export async function imageCommand(args: readonly string[]): Promise<number> {
  const [verb, ...given] = args
  if (verb !== 'build') throw new UsageError('usage: seatrial image build [one] [two] [three]')
  const names: readonly string[] = given.length > 0 ? given : ['one', 'two', 'three']
  for (const name of names) {
    if (!isProfileName(name)) throw new UsageError(`no profile is named "${name}": there are one, two, three`)
    const started = performance.now()
    await buildImage(name as ProfileName, (line) => process.stderr.write(`${line}\n`))
    process.stdout.write(`image ${name}: ${((performance.now() - started) / 1000).toFixed(1)} s\n`)
  }
  return 0
}
