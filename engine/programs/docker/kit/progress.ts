/** Progress of pulls, pushes, loads and builds, as it is printed where no terminal is. */
import type { HttpBody } from '#engine/base/http'
import type { ByteWriter } from '#engine/linux/abi/process'
import { DockerFailure, jsonLines } from './api'

export interface ProgressLine {
  readonly status?: string
  readonly id?: string
  readonly stream?: string
  readonly progress?: string
  readonly error?: string
  readonly errorDetail?: { readonly code?: number; readonly message: string }
  readonly aux?: { readonly ID?: string; readonly Digest?: string }
}

/** Undefined `out`: nothing is printed. `onAux` gets what is not for people. */
export async function printProgress(out: ByteWriter | undefined, body: HttpBody, onAux: (aux: NonNullable<ProgressLine['aux']>) => void = () => undefined): Promise<void> {
  for await (const line of jsonLines<ProgressLine>(body)) {
    if (line.errorDetail) throw new DockerFailure(line.errorDetail.message, line.errorDetail.code ?? 1)
    if (line.aux) {
      onAux(line.aux)
      continue
    }
    if (line.progress) continue
    const text = line.stream ?? `${line.id === undefined ? '' : `${line.id}: `}${line.status ?? ''}\n`
    await out?.write(text)
  }
}
