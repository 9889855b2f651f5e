/** Who belongs to the cluster, and what may change in that. */
import { EtcdError, type Member } from '#engine/etcd/api'
import type { MemberChange } from './messages'

export class Members {
  private list: readonly Member[]

  constructor(list: readonly Member[]) {
    this.list = list
  }

  all(): readonly Member[] {
    return this.list
  }

  get(id: string): Member | undefined {
    return this.list.find((member) => member.id === id)
  }

  voters(): readonly Member[] {
    return this.list.filter((member) => !member.isLearner)
  }

  /** How many voters decide. */
  majority(): number {
    return Math.floor(this.voters().length / 2) + 1
  }

  replace(list: readonly Member[]): void {
    this.list = list
  }

  /** Throws what etcd refuses; the same on every member. */
  apply(change: MemberChange): readonly Member[] {
    if (change.verb === 'add') this.add(change.member)
    else this.change(change)
    return this.list
  }

  private add(member: Member): void {
    if (this.list.some((known) => known.peerUrls.some((url) => member.peerUrls.includes(url)))) throw new EtcdError('FailedPrecondition', 'etcdserver: Peer URLs already exists')
    if (this.get(member.id)) throw new EtcdError('FailedPrecondition', 'etcdserver: member ID already exist')
    if (member.isLearner && this.list.some((known) => known.isLearner)) throw new EtcdError('FailedPrecondition', 'etcdserver: too many learner members in cluster')
    this.list = [...this.list, member]
  }

  private change(change: Exclude<MemberChange, { verb: 'add' }>): void {
    const member = this.get(change.id)
    if (!member) throw new EtcdError('NotFound', 'etcdserver: member not found')
    if (change.verb === 'remove') this.list = this.list.filter((known) => known !== member)
    else if (change.verb === 'promote' && !member.isLearner) throw new EtcdError('FailedPrecondition', 'etcdserver: can only promote a learner member')
    else this.list = this.list.map((known) => (known === member ? changed(member, change) : known))
  }
}

function changed(member: Member, change: Exclude<MemberChange, { verb: 'add' }>): Member {
  if (change.verb === 'promote') return { ...member, isLearner: false }
  if (change.verb === 'update') return { ...member, peerUrls: change.peerUrls }
  return change.verb === 'publish' ? { ...member, name: change.name, clientUrls: change.clientUrls } : member
}
