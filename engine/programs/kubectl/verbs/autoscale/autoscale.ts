import { int32, string } from '#engine/programs/common/cobra/flags'
import type { KubeObject } from '#engine/api/object'
import { dryRunFlag, fieldManagerFlag, filenameFlags, printFlags, saveConfigFlag } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { builtin, type DryRun, dryRunOf, type Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { createObject, resultPrinter, withLastApplied } from '../write'
import { completeTypes } from '../completion/resources'
import { record, recordFlag } from '../record'

const autoscalers = builtin('autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler')

export const autoscale = verb({
  use: 'autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [--memory=MEMORY]',
  short: 'Auto-scale a deployment, replica set, stateful set, or replication controller',
  long: 'Creates an autoscaler that automatically chooses and sets the number of pods that run in a Kubernetes cluster. The command looks up a deployment, replica set, stateful set, or replication controller by name and creates an autoscaler that uses it as its target.',
  example: '# Between 2 and 10 pods, no target CPU utilization given\nkubectl autoscale deployment foo --min=2 --max=10\n\n# Between 1 and 5 pods at 80% of the requested CPU\nkubectl autoscale rc foo --max=5 --cpu=80%',
  group: 'Deploy Commands:',
  flags: [
    recordFlag,
    ...printFlags, ...filenameFlags('identifying the resource to autoscale.'), dryRunFlag, fieldManagerFlag('kubectl-autoscale'), saveConfigFlag,
    string('cpu', 'Target CPU utilization over all the pods. When specified as a percentage (e.g.\'70%\' for 70% of requested CPU) it will target average utilization. When specified as quantity (e.g.\'500m\' for 500 milliCPU) it will target average value. Value without units is treated as a quantity with miliCPU being the unit (e.g.\'500\' is \'500m\').'),
    int32('cpu-percent', 'The target average CPU utilization (represented as a percent of requested CPU) over all the pods.', { default: -1, hidden: true, deprecated: 'Use --cpu with percentage or resource quantity format (e.g., \'70%\' for utilization or \'500m\' for milliCPU).' }),
    int32('max', 'The upper limit for the number of pods that can be set by the autoscaler. Required.', { default: -1, required: true }),
    string('memory', 'Target memory utilization over all the pods. A percentage (e.g. \'60%\') targets average utilization, a quantity (e.g. \'200Mi\') average value. Value without units is treated as a quantity with mebibytes being the unit.'),
    int32('min', "The lower limit for the number of pods that can be set by the autoscaler. If it's not specified or negative, the server will apply a default value.", { default: -1 }),
    string('name', 'The name for the newly created object. If not specified, the name of the input resource will be used.'),
  ],
  complete: completeTypes('deployment', 'replicaset', 'replicationcontroller', 'statefulset'),
  run: runAutoscale,
})

async function runAutoscale(session: Session): Promise<void> {
  const { flags } = session
  const dryRun = await dryRunOf(session)
  if (flags.number('max') < 1) throw new CliError(`--max=MAXPODS is required and must be at least 1, max: ${flags.number('max')}`)
  if (flags.number('max') < flags.number('min')) throw new CliError(`--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${flags.number('max')}, min: ${flags.number('min')}`)
  if (flags.changed('cpu-percent') && flags.string('cpu') !== '') throw new CliError('--cpu-percent and --cpu are mutually exclusive')
  const built = await build(session, { args: session.args, filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive') })
  let count = 0
  await built.visit(async (info) => {
    if (!info.mapping.subresources.some((sub) => sub.name === 'scale')) throw new CliError(`cannot autoscale a ${info.mapping.kind}: could not find scale subresource for ${info.mapping.group}/${info.mapping.version}, Resource=${info.mapping.resource} in discovery information`)
    const printer = resultPrinter(session, dryRun === 'client' ? 'created' : 'autoscaled', dryRun, { made: dryRun === 'client' })
    const object = makeAutoscaler(session, info)
    record(session, object)
    count++
    if (dryRun === 'client') return await session.out(printer.print(session.namespaceGiven ? { ...object, metadata: { ...object.metadata, namespace: session.namespace } } : object))
    await session.out(printer.print(await create(session, flags.bool('save-config') ? withLastApplied(object) : object, dryRun)))
  })
  if (count === 0) throw new CliError('no objects passed to autoscale')
}

/** Where v2 refuses, the same is tried as v1, if --cpu can be said there. */
async function create(session: Session, object: KubeObject, dryRun: DryRun): Promise<KubeObject> {
  const { flags } = session
  const fields = { dryRun, fieldManager: flags.string('field-manager') }
  try {
    return await createObject(session, autoscalers, session.namespace, object, fields)
  } catch {
    const cpu = flags.string('cpu')
    if (!cpu.endsWith('%')) throw new CliError(`failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: ${cpu === '' ? 'empty input' : '%!w(<nil>)'}`)
    const { metrics: _, ...spec } = object['spec'] as Record<string, unknown>
    const first = { ...object, apiVersion: 'autoscaling/v1', spec: { ...spec, targetCPUUtilizationPercentage: Number(cpu.slice(0, -1)) }, status: { currentReplicas: 0, desiredReplicas: 0 } }
    return await createObject(session, { ...autoscalers, version: 'v1' }, session.namespace, first, fields)
  }
}

function makeAutoscaler(session: Session, info: Info): KubeObject {
  const { flags } = session
  const { group, version, kind } = info.mapping
  const metrics: Record<string, unknown>[] = []
  const percent = flags.number('cpu-percent')
  if (percent >= 0) metrics.push(metric('cpu', `${percent}%`, 'm'))
  if (flags.string('cpu') !== '') metrics.push(metric('cpu', flags.string('cpu'), 'm'))
  if (flags.string('memory') !== '') metrics.push(metric('memory', flags.string('memory'), 'Mi'))
  const min = flags.number('min')
  return {
    kind: 'HorizontalPodAutoscaler', apiVersion: 'autoscaling/v2', metadata: { name: flags.string('name') || info.name },
    spec: { scaleTargetRef: { kind, name: info.name, apiVersion: group === '' ? version : `${group}/${version}` }, ...(min > 0 ? { minReplicas: min } : {}), maxReplicas: flags.number('max'), ...(metrics.length > 0 ? { metrics } : {}) },
    status: { desiredReplicas: 0, currentMetrics: null },
  }
}

function metric(name: string, text: string, unit: string): Record<string, unknown> {
  if (text.endsWith('%')) {
    const value = text.slice(0, -1)
    if (!/^\d+$/.test(value)) throw new CliError(`invalid resource ${name} value: ${text}`)
    return { type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization: Number(value) } } }
  }
  return { type: 'Resource', resource: { name, target: { type: 'AverageValue', averageValue: amountOf(name, text, unit) } } }
}

function amountOf(name: string, text: string, unit: string): string {
  if (/^\d+$/.test(text)) return `${text}${unit}`
  if (!/^\d+(\.\d+)?([eE]\d+|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/.test(text)) throw new CliError(`invalid resource ${name} value: ${text}`)
  return text
}
