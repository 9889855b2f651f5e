import { alignTabs, tableTabs } from '#engine/programs/common/tabwriter/tabwriter'
import type { KubeObject } from '#engine/api/object'
import { printFlags } from '#engine/programs/kubectl/flagsets'
import { printerFor } from '#engine/programs/kubectl/printers/printer'
import type { Session } from '#engine/programs/kubectl/session/session'
import { group, verb } from '../verb'
import { canI } from './cani'
import { reconcile } from './reconcile'

const whoami = verb({
  use: 'whoami',
  short: 'Experimental: Check self subject attributes',
  long: 'Experimental: Check who you are and your attributes (groups, extra).\n\n        This command is helpful to get yourself aware of the current user attributes,\n        especially when dynamic authentication, e.g., token webhook, auth proxy, or OIDC provider,\n        is enabled in the Kubernetes cluster.',
  example: '# Get your subject attributes\nkubectl auth whoami\n\n# Get your subject attributes in JSON format\nkubectl auth whoami -o json',
  flags: printFlags,
  run: runWhoami,
})

interface UserInfo {
  readonly username?: string
  readonly uid?: string
  readonly groups?: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

async function runWhoami(session: Session): Promise<void> {
  const review = await session.request('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} } })
  if (session.flags.string('output') !== '') {
    await session.out(printerFor(session, { made: true }).print(ordered(review as Review)))
    return
  }
  await session.out(attributes((review as Review).status.userInfo))
}

type Review = KubeObject & { status: { userInfo: UserInfo } }

/** The fields in the order of the type. */
function ordered({ status: { userInfo } }: Review): KubeObject {
  const { username, uid, groups, extra } = userInfo
  const known = Object.entries({ username, uid, groups, extra }).filter(([, value]) => value !== undefined)
  return { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1', metadata: {}, status: { userInfo: Object.fromEntries(known) } } as KubeObject
}

function attributes(user: UserInfo): string {
  const rows: [string, string][] = []
  if (user.username) rows.push(['Username', user.username])
  if (user.uid) rows.push(['UID', user.uid])
  if (user.groups && user.groups.length > 0) rows.push(['Groups', `[${user.groups.join(' ')}]`])
  for (const key of Object.keys(user.extra ?? {}).sort()) rows.push([`Extra: ${key}`, `[${(user.extra?.[key] ?? []).join(' ')}]`])
  return alignTabs(`ATTRIBUTE\tVALUE\n${rows.map((row) => `${row.join('\t')}\n`).join('')}`, tableTabs)
}

export const auth = group({
  use: 'auth',
  noFlagsInUsage: false,
  short: 'Inspect authorization',
  long: 'Inspect authorization.',
  group: 'Troubleshooting and Debugging Commands:',
  commands: [canI, reconcile, whoami],
})
