/** Flags of whatever talks to a registry. */
import type { TransferOptions } from '#engine/cri/podman/images'
import { encodeAuth } from '#engine/cri/podman/registries'
import type { Session } from './session'

export function transferOptions({ flags }: Session): TransferOptions {
  const creds = flags.value('creds')
  const at = creds?.indexOf(':') ?? -1
  const verify = flags.value('tls-verify')
  return {
    quiet: flags.has('quiet'),
    ...(verify === undefined ? {} : { tlsVerify: verify !== 'false' }),
    ...(creds === undefined ? {} : { auth: { auth: encodeAuth(creds.slice(0, at < 0 ? undefined : at), at < 0 ? '' : creds.slice(at + 1)) } }),
    ...(flags.value('authfile') === undefined ? {} : { authFile: flags.value('authfile') }),
  }
}
