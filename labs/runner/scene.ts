/** Lays a lab's scene onto a fresh cluster, step by step. */
import type { Lab, SetupStep } from './schema'
import type { World } from './world'

/** A step of the setup that failed: a fault of the lab, never of a candidate. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
}

export async function setScene(world: World, lab: Lab): Promise<void> {
  await must(world, 'controlplane', 'until kubectl get --raw /readyz >/dev/null 2>&1; do sleep 0.1; done', 60_000)
  if (lab.namespace && lab.namespace !== 'default') await must(world, 'controlplane', `kubectl get namespace ${lab.namespace} >/dev/null 2>&1 || kubectl create namespace ${lab.namespace}; until kubectl -n ${lab.namespace} get serviceaccount default >/dev/null 2>&1; do sleep 0.1; done`)
  for (const [index, step] of lab.setup.entries()) {
    try {
      await perform(world, lab, step)
    } catch (error) {
      throw new SetupError(`setup step ${index + 1}: ${(error as Error).message}`)
    }
  }
}

async function perform(world: World, lab: Lab, step: SetupStep): Promise<void> {
  const host = step.on ?? lab.host
  if (step.manifest !== undefined) return must(world, 'controlplane', `kubectl apply -f - <<'SEATRIAL_MANIFEST'\n${step.manifest}\nSEATRIAL_MANIFEST`)
  if (step.file !== undefined) return must(world, host, `mkdir -p "$(dirname '${step.file}')" && cat > '${step.file}' <<'SEATRIAL_FILE'\n${step.content ?? ''}\nSEATRIAL_FILE\nchmod ${step.mode ?? '644'} '${step.file}'`)
  if (step.run !== undefined) return must(world, host, step.run)
  if (step.until !== undefined) return must(world, host, `until ${step.until}; do sleep 0.5; done`, (step.seconds ?? 60) * 1000)
  if (step.seconds !== undefined) return world.pass(step.seconds * 1000)
  throw new SetupError('has nothing to do: give it manifest, run, file, until or seconds')
}

async function must(world: World, host: string, command: string, limitMs?: number): Promise<void> {
  const result = await world.run(host, command, limitMs)
  if (result.code !== 0) throw new SetupError(`exit ${result.code} on ${host}: ${command.split('\n')[0] ?? ''}\n${result.stderr || result.stdout}`)
}
