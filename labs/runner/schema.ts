/** The only definition of a lab file: TypeScript types and the JSON Schema for ajv and editors come from here. */
import { Type, type Static, type TSchema } from 'typebox'

const closed = <P extends Record<string, TSchema>>(properties: P, description: string) => Type.Object(properties, { additionalProperties: false, description })
const optional = <T extends TSchema>(schema: T) => Type.Optional(schema)
const text = (description: string) => Type.String({ description, minLength: 1 })
const oneOf = <V extends string>(values: readonly V[], description: string) => Type.Unsafe<V>({ type: 'string', enum: [...values], description })

const scalar = Type.Unsafe<string | number | boolean>({ type: ['string', 'number', 'boolean'] })

const variable = closed({
  oneOf: optional(Type.Array(scalar, { minItems: 1, description: 'One of these values' })),
  range: optional(Type.Array(Type.Integer(), { minItems: 2, maxItems: 2, description: 'An integer from the first to the last, both included' })),
  name: optional(Type.Boolean({ description: 'A generated object name' })),
}, 'A value that differs from candidate to candidate, chosen by the seed')

const setupStep = closed({
  manifest: optional(text('YAML applied with the rights of the cluster administrator')),
  run: optional(text('A bash script, run as root')),
  on: optional(text('The machine a script or file is for; default: the host of the task')),
  file: optional(text('Path of a file to write on the machine')),
  content: optional(Type.String({ description: 'Content of the file' })),
  mode: optional(Type.String({ pattern: '^0?[0-7]{3,4}$', description: 'Permission bits of the file, octal' })),
  until: optional(text('A bash command that is repeated until it succeeds')),
  seconds: optional(Type.Integer({ minimum: 1, maximum: 900, description: 'Virtual seconds: the limit of `until`, or how long to let time pass' })),
}, 'One step of the scene: a manifest, a script, a file, or waiting')

const matcher = {
  equals: optional(Type.Unsafe<unknown>({ description: 'The value, as JSON' })),
  contains: optional(text('A part of the text')),
  matches: optional(text('A regular expression (RE2) the text must match')),
  oneOf: optional(Type.Array(Type.Unsafe<unknown>({}), { minItems: 1, description: 'Any of these values' })),
  exists: optional(Type.Boolean({ description: 'Whether there is a value at all' })),
  count: optional(Type.Integer({ minimum: 0, description: 'How many values the path finds' })),
  quantity: optional(text('An equal quantity, however it is written: 0.5 is 500m')),
  atLeast: optional(Type.Number({ description: 'A number not smaller' })),
  atMost: optional(Type.Number({ description: 'A number not larger' })),
}

const condition = closed({ path: text('JSONPath as kubectl reads it, without the braces: .spec.replicas'), ...matcher }, 'What a field must be')
const output = closed(matcher, 'What an output must be')

const objectCheck = closed({
  kind: text('Kind or resource as kubectl takes it: deployment, pods, networkpolicies.networking.k8s.io'),
  namespace: optional(text('Default: the namespace of the lab')),
  name: optional(text('Name of the one object')),
  labels: optional(text('Label selector instead of a name')),
  absent: optional(Type.Boolean({ description: 'True: no such object may exist' })),
  where: optional(Type.Array(condition, { description: 'All of these must hold, for every selected object' })),
  anyOf: optional(Type.Array(Type.Array(condition), { minItems: 1, description: 'One of these lists must hold: where several shapes are right' })),
}, 'An object of the API and its fields')

const commandCheck = closed({
  run: text('A bash command, run as root'),
  on: optional(text('The machine; default: the host of the task')),
  exit: optional(Type.Integer({ minimum: 0, maximum: 255, description: 'Exit code; default 0' })),
  stdout: optional(output),
  stderr: optional(output),
}, 'A command and what it must give')

const fileCheck = closed({
  path: text('Absolute path'), on: optional(text('The machine')), absent: optional(Type.Boolean()), content: optional(output),
  mode: optional(Type.String({ pattern: '^0?[0-7]{3,4}$' })), owner: optional(text('USER:GROUP')),
}, 'A file on a machine')

const unitCheck = closed({ name: text('Unit, such as kubelet.service'), on: optional(text('The machine')), active: optional(Type.Boolean()), enabled: optional(Type.Boolean()) }, 'A systemd unit')

const canICheck = closed({
  as: text('User, or system:serviceaccount:NAMESPACE:NAME'), verb: text('get, list, create ...'), resource: text('pods, deployments.apps, pods/log ...'),
  namespace: optional(text('Default: the namespace of the lab')), name: optional(text('A single object')), allowed: optional(Type.Boolean({ description: 'Default true' })),
}, 'What a user may do')

const reachCheck = closed({
  from: text('pod/NAME, or a label selector such as app=web, in the namespace of the lab; or the name of a machine'), namespace: optional(text('Namespace of the pod')), to: text('A URL, HOST:PORT, or service/NAME:PORT for the cluster IP of a Service in the namespace'),
  reachable: optional(Type.Boolean({ description: 'Default true' })), body: optional(output),
}, 'Who can connect to what')

const checkFields = {
  id: Type.String({ pattern: '^[a-z0-9-]+$', description: 'Names the check in near misses' }),
  says: text('What is checked, as a sentence'),
  why: text('What to say when it is lost: the reason, in a sentence'),
  read: optional(Type.String({ format: 'uri', description: 'Where to read about it' })),
  eventually: optional(Type.Integer({ minimum: 1, maximum: 600, description: 'May become true within so many virtual seconds after grading began' })),
  object: optional(objectCheck),
  command: optional(commandCheck),
  file: optional(fileCheck),
  unit: optional(unitCheck),
  canI: optional(canICheck),
  reach: optional(reachCheck),
}

const check = closed({ ...checkFields, points: Type.Integer({ minimum: 1, maximum: 20 }) }, 'Earns points')
const gate = closed(checkFields, 'Can only lose: what must stay as it was')

const step = closed({ run: text('What a candidate types'), on: optional(text('The machine; default: the host of the task')), needed: optional(Type.Boolean({ description: 'False for a step that only looks or waits: leaving it out costs nothing' })) }, 'One step of a solution')

const nearMiss = closed({ says: text('What is wrong about it'), steps: Type.Array(step, { minItems: 1 }), fails: Type.Array(Type.String(), { minItems: 1, description: 'Ids of exactly the checks and gates that are lost' }) }, 'A wrong solution')

export const labSchema = closed({
  id: Type.String({ pattern: '^[a-z]+[a-z0-9-]*$', description: 'Never reused' }),
  title: text('A short title'),
  exam: oneOf(['CKA', 'CKAD', 'CKS'], 'The exam it prepares for'),
  domain: text('The domain of the curriculum'),
  curriculum: Type.Array(Type.String(), { minItems: 1, description: 'Curriculum bullets' }),
  level: oneOf(['easy', 'medium', 'hard'], 'How hard it is'),
  targetSeconds: Type.Integer({ minimum: 30, maximum: 3600 }),
  kubernetes: Type.String({ pattern: '^1\\.[0-9]+$' }),
  tags: optional(Type.Array(Type.String())),
  cluster: closed({ profile: oneOf(['one', 'two', 'three'], 'Control plane alone, with one, or with two workers') }, 'The machines'),
  host: text('The machine the task names to ssh to'),
  namespace: optional(text('The namespace of the task')),
  variables: optional(Type.Record(Type.String({ pattern: '^[a-z][A-Za-z0-9]*$' }), variable)),
  setup: Type.Array(setupStep),
  task: text('The task, in Markdown'),
  checks: Type.Array(check, { minItems: 1 }),
  gates: optional(Type.Array(gate)),
  hints: Type.Array(closed({ text: text('A hint'), costs: optional(Type.Integer({ minimum: 0, maximum: 20, description: 'Points it costs in practice mode' })) }, 'A hint'), { minItems: 1 }),
  solution: Type.Array(step, { minItems: 1 }),
  alternatives: Type.Array(closed({ says: text('How it differs'), steps: Type.Array(step, { minItems: 1 }) }, 'Another right way'), { minItems: 1 }),
  nearMisses: Type.Array(nearMiss, { minItems: 2 }),
}, 'A lab: one task with its scene, checks and solution')

export type Lab = Static<typeof labSchema>
export type Check = Static<typeof check>
export type Gate = Static<typeof gate>
export type SetupStep = Static<typeof setupStep>
export type Step = Static<typeof step>
export type Condition = Static<typeof condition>
export type Matcher = Static<typeof output>
export type ObjectCheck = Static<typeof objectCheck>
export type CommandCheck = Static<typeof commandCheck>
export type FileCheck = Static<typeof fileCheck>
export type UnitCheck = Static<typeof unitCheck>
export type CanICheck = Static<typeof canICheck>
export type ReachCheck = Static<typeof reachCheck>
