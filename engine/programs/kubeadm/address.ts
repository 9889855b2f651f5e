/** The address by which others reach this machine. */
import { KubeadmError, type Session } from './session'

/** The address of the interface with the default route, as the machine itself would say. */
export async function ownAddress(session: Session): Promise<string> {
  const addresses = await session.process.net.lookup(session.hostname()).catch(() => [])
  const usable = addresses.find((address) => !address.startsWith('127.') && !address.includes(':'))
  if (!usable) throw new KubeadmError('unable to select an IP from default routes')
  return usable
}
