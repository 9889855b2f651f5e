/** `auth reconcile`: roles gain the rules they miss, bindings the subjects. */
import { bool } from '#engine/programs/common/cobra/flags'
import { copyObject, equalJson, type KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { dryRunFlag, filenameFlags, printFlags } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { type DryRun, dryRunOf, namespaces, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { createObject, resultPrinter, writeQuery } from '../write'

export const reconcile = verb({
  use: 'reconcile -f FILENAME',
  short: 'Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects',
  long: "Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects.\n\n Missing objects are created, and the containing namespace is created for namespaced objects, if required.\n\n Existing roles are updated to include the permissions in the input objects, and remove extra permissions if --remove-extra-permissions is specified.\n\n Existing bindings are updated to include the subjects in the input objects, and remove extra subjects if --remove-extra-subjects is specified.\n\n This is preferred to 'apply' for RBAC resources so that semantically-aware merging of rules and subjects is done.",
  example: '# Reconcile RBAC resources from a file\nkubectl auth reconcile -f my-rbac-rules.yaml',
  flags: [...printFlags, dryRunFlag, ...filenameFlags('identifying the resource to reconcile.'), bool('remove-extra-permissions', 'If true, removes extra permissions added to roles'), bool('remove-extra-subjects', 'If true, removes extra subjects added to rolebindings')],
  run: runReconcile,
})

interface Rule {
  readonly verbs?: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

interface Subject {
  readonly kind: string
  readonly apiGroup?: string
  readonly name: string
  readonly namespace?: string
}

interface Outcome {
  readonly operation: 'none' | 'create' | 'update' | 'recreate'
  readonly object: KubeObject
  readonly missing: readonly string[]
  readonly extra: readonly string[]
  readonly removed: boolean
  readonly what: 'rules' | 'subjects'
}

async function runReconcile(session: Session): Promise<void> {
  const { flags } = session
  if (flags.list('filename').length === 0 && flags.string('kustomize') === '') throw new CliError('must specify one of -f and -k')
  if (session.args.length > 0) throw new CliError('no arguments are allowed')
  const dryRun = await dryRunOf(session)
  if (dryRun === 'server') throw new CliError('--dry-run=server for command reconcile is not supported yet')
  const built = await build(session, { typed: true, filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive'), overrideNamespace: '' })
  const printer = resultPrinter(session, 'reconciled', dryRun)
  await built.visit(async (info) => {
    const outcome = await reconcileOne(session, info, dryRun)
    if (!outcome) return
    await session.out(printer.print(outcome.object))
    await session.err(report(outcome))
  })
}

async function reconcileOne(session: Session, info: Info, dryRun: DryRun): Promise<Outcome | undefined> {
  const { kind } = info.mapping
  if (info.mapping.group !== 'rbac.authorization.k8s.io') return undefined
  const wanted = info.object as KubeObject
  // The real command looks only for the namespace that stands in the file.
  if (info.mapping.namespaced && info.namespace === '') throw new CliError('resource name may not be empty')
  const live = await liveOf(session, info)
  if (!live) return await create(session, info, wanted, dryRun)
  return kind.endsWith('Binding') ? await reconcileBinding(session, info, wanted, live, dryRun) : await reconcileRole(session, info, wanted, live, dryRun)
}

async function liveOf(session: Session, info: Info): Promise<KubeObject | undefined> {
  try {
    return await session.get(info.mapping, info.namespace, info.name)
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}

async function create(session: Session, info: Info, wanted: KubeObject, dryRun: DryRun): Promise<Outcome> {
  const role = !info.mapping.kind.endsWith('Binding')
  const missing = role ? rulesOf(wanted).map(goRule) : subjectsOf(wanted).map(goSubject)
  const outcome = (object: KubeObject): Outcome => ({ operation: 'create', object, missing, extra: [], removed: false, what: role ? 'rules' : 'subjects' })
  if (dryRun === 'client') return outcome(wanted)
  if (info.mapping.namespaced) await ensureNamespace(session, info.namespace)
  return outcome(await createObject(session, info.mapping, info.namespace, wanted, { dryRun }))
}

async function ensureNamespace(session: Session, name: string): Promise<void> {
  try {
    await session.get(namespaces, '', name)
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
    await createObject(session, namespaces, '', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } as KubeObject, {})
  }
}

async function reconcileRole(session: Session, info: Info, wanted: KubeObject, live: KubeObject, dryRun: DryRun): Promise<Outcome> {
  const missing = uncovered(rulesOf(wanted), rulesOf(live))
  const extra = uncovered(rulesOf(live), rulesOf(wanted))
  const removes = session.flags.bool('remove-extra-permissions')
  const next = merged(live, wanted)
  next['rules'] = removes && extra.length > 0 ? rulesOf(wanted) : [...rulesOf(live), ...missing]
  const object = await update(session, info, live, next, dryRun)
  return { operation: object === live ? 'none' : 'update', object, missing: missing.map(goRule), extra: extra.map(goRule), removed: removes, what: 'rules' }
}

async function reconcileBinding(session: Session, info: Info, wanted: KubeObject, live: KubeObject, dryRun: DryRun): Promise<Outcome> {
  const isIn = (list: readonly Subject[]) => (subject: Subject): boolean => list.some((other) => goSubject(other) === goSubject(subject))
  const missing = subjectsOf(wanted).filter((subject) => !isIn(subjectsOf(live))(subject))
  const extra = subjectsOf(live).filter((subject) => !isIn(subjectsOf(wanted))(subject))
  const removes = session.flags.bool('remove-extra-subjects')
  const base = { missing: missing.map(goSubject), extra: extra.map(goSubject), removed: removes, what: 'subjects' as const }
  if (!equalJson(live['roleRef'], wanted['roleRef'])) {
    const anew = { missing: [], extra: [], removed: removes, what: 'subjects' } as const
    if (dryRun === 'client') return { operation: 'recreate', object: wanted, ...anew }
    await session.request('DELETE', resourcePath(info.mapping, info.namespace, info.name) + writeQuery({ dryRun }))
    return { operation: 'recreate', object: await createObject(session, info.mapping, info.namespace, wanted, { dryRun }), ...anew }
  }
  const next = merged(live, wanted)
  next['subjects'] = removes ? subjectsOf(wanted) : [...subjectsOf(live), ...missing]
  const object = await update(session, info, live, next, dryRun)
  return { operation: object === live ? 'none' : 'update', object, ...base }
}

/** The live object where nothing changes. */
async function update(session: Session, info: Info, live: KubeObject, next: KubeObject, dryRun: DryRun): Promise<KubeObject> {
  if (equalJson(live, next)) return live
  if (dryRun === 'client') return next
  return await session.request('PUT', resourcePath(info.mapping, info.namespace, info.name) + writeQuery({ dryRun }), { body: next })
}

function merged(live: KubeObject, wanted: KubeObject): KubeObject {
  const next = copyObject(live)
  if (wanted.metadata.labels) next.metadata.labels = { ...live.metadata.labels, ...wanted.metadata.labels }
  if (wanted.metadata.annotations) next.metadata.annotations = { ...live.metadata.annotations, ...wanted.metadata.annotations }
  return next
}

function rulesOf(object: KubeObject): Rule[] {
  return [...((object['rules'] as Rule[] | undefined) ?? [])]
}

function subjectsOf(object: KubeObject): Subject[] {
  return [...((object['subjects'] as Subject[] | undefined) ?? [])]
}

/** The single permissions of `rules` that `owners` do not grant, as rules of one each. */
function uncovered(rules: readonly Rule[], owners: readonly Rule[]): Rule[] {
  return rules.flatMap(breakdown).filter((rule) => !owners.some((owner) => covers(owner, rule)))
}

function breakdown(rule: Rule): Rule[] {
  const verbs = rule.verbs ?? []
  const urls = (rule.nonResourceURLs ?? []).flatMap((url) => verbs.map((verbName) => ({ verbs: [verbName], nonResourceURLs: [url] })))
  const names = rule.resourceNames && rule.resourceNames.length > 0 ? rule.resourceNames.map((name) => [name]) : [undefined]
  const resources = (rule.apiGroups ?? []).flatMap((group) => (rule.resources ?? []).flatMap((resource) => verbs.flatMap((verbName) => names.map((name) => ({ verbs: [verbName], apiGroups: [group], resources: [resource], ...(name ? { resourceNames: name } : {}) })))))
  return [...resources, ...urls]
}

function covers(owner: Rule, rule: Rule): boolean {
  const has = (list: readonly string[] | undefined, wanted: readonly string[] | undefined): boolean => (wanted ?? []).every((value) => (list ?? []).includes(value) || (list ?? []).includes('*'))
  if (!has(owner.verbs, rule.verbs)) return false
  if (rule.nonResourceURLs) return rule.nonResourceURLs.every((url) => (owner.nonResourceURLs ?? []).some((pattern) => pattern === '*' || pattern === url || (pattern.endsWith('*') && url.startsWith(pattern.slice(0, -1)))))
  if (!has(owner.apiGroups, rule.apiGroups) || !has(owner.resources, rule.resources)) return false
  return (owner.resourceNames ?? []).length === 0 || (rule.resourceNames !== undefined && rule.resourceNames.every((name) => owner.resourceNames?.includes(name)))
}

function goRule(rule: Rule): string {
  const list = (values: readonly string[] | undefined): string => `[${(values ?? []).join(' ')}]`
  return `{Verbs:${list(rule.verbs)} APIGroups:${list(rule.apiGroups)} Resources:${list(rule.resources)} ResourceNames:${list(rule.resourceNames)} NonResourceURLs:${list(rule.nonResourceURLs)}}`
}

function goSubject(subject: Subject): string {
  return `{Kind:${subject.kind} APIGroup:${subject.apiGroup ?? ''} Name:${subject.name} Namespace:${subject.namespace ?? ''}}`
}

function report(outcome: Outcome): string {
  const lines: string[] = []
  if (outcome.operation === 'none') return ''
  if (outcome.operation === 'create') lines.push('\treconciliation required create')
  else lines.push(`\treconciliation required ${outcome.operation}`)
  if (outcome.missing.length > 0) lines.push(`\tmissing ${outcome.what} added:`, ...outcome.missing.map((text) => `\t\t${text}`))
  if (outcome.extra.length > 0 && outcome.removed) lines.push(`\textra ${outcome.what} removed:`, ...outcome.extra.map((text) => `\t\t${text}`))
  return `${lines.join('\n')}\n`
}
