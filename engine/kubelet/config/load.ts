/** Reads and merges the configuration of disk and flags. What is wrong ends the kubelet in its own words. */
import { remembered } from '#engine/base/remembered'
import { parseYaml, YamlError } from '#engine/base/yaml/parser'
import type { Klog } from '#engine/base/klog'
import { isErrno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'
import { type KubeletConfig, type KubeletFlags, KubeletStartError } from './config'
import { decodeFields } from './decode'
import { defaultDocument } from './defaults.table'
import { parseGoDuration } from './duration'
import type { KubeletTables } from '../tables'
import { validateConfig } from './validate'

type Document = Record<string, unknown>

export function loadKubeletConfig(files: Files, flags: KubeletFlags, klog: Klog, tables: Pick<KubeletTables, 'gateProblem'>): KubeletConfig {
  let document: Document = {}
  if (flags.config !== '') document = withoutZeroes(readFile(files, flags.config, klog))
  if (flags.configDirectory !== '') document = { ...document, ...withoutZeroes(readDropIns(files, flags.configDirectory, klog)) }
  const merged = mergedOf(JSON.stringify({ ...document, ...flags.overrides }))
  const gates = tables.gateProblem(merged['featureGates'] as Record<string, boolean> | undefined ?? {}, (line) => klog.line('W', 'feature_gate.go:352', line))
  if (gates !== undefined) throw new KubeletStartError(`failed to set feature gates from initial flags-based config: ${gates}`)
  const errors = problemsOf(merged)
  if (errors.length > 0) {
    const text = errors.length === 1 ? (errors[0] as string) : `[${errors.join(', ')}]`
    throw new KubeletStartError(`failed to validate kubelet configuration, error: ${text}, path: &TypeMeta{Kind:,APIVersion:,}`)
  }
  return typedOf(merged)
}

const mergedOf = remembered(20, (text) => merge(defaultDocument, JSON.parse(text) as Document))
const problemsOf = perDocument(validateConfig)
const typedOf = perDocument(typed)

/** A function of a merged document, asked once for each. */
function perDocument<T extends object>(make: (document: Document) => T): (document: Document) => T {
  const known = new WeakMap<Document, T>()
  return (document) => {
    const made = known.get(document) ?? make(document)
    known.set(document, made)
    return made
  }
}

function readFile(files: Files, path: string, klog: Klog): Document {
  const fail = (why: string): never => {
    throw new KubeletStartError(`failed to load kubelet config file, path: ${path}, error: failed to load Kubelet config file ${path}, error ${why}`)
  }
  let text = ''
  try {
    text = files.readText(path)
  } catch (error) {
    if (!isErrno(error)) throw error
    fail(`failed to read kubelet config file "${path}", error: open ${path}: ${error.message.toLowerCase()}`)
  }
  if (text.trim() === '') fail(`kubelet config file "${path}" was empty`)
  try {
    return decode(text, klog)
  } catch (error) {
    if (error instanceof YamlError) return fail(`failed to decode: ${error.message}`)
    if (error instanceof DecodeError) return fail(`failed to decode: ${error.message}`)
    throw error
  }
}

class DecodeError extends Error {}

function decode(text: string, klog: Klog): Document {
  const { value, unknown, failure } = decodedOf(text)
  if (failure !== undefined) throw new DecodeError(failure)
  if (unknown.length > 0) klog.info('codec.go:102', 'Using lenient decoding as strict decoding failed', { err: `strict decoding error: ${unknown.map((field) => `unknown field "${field}"`).join(', ')}` })
  return value
}

/** Copies of a node read the same file: what it says is found once. */
const decodedOf = remembered(20, (text) => decodeFields(kubeletDocument(text)))

/** The document, once its kind and version are known to be the kubelet's. */
function kubeletDocument(text: string): Document {
  const parsed = parseYaml(text)
  if (!isObject(parsed)) throw new DecodeError(`couldn't get version/kind; json parse error: json: cannot unmarshal ${Array.isArray(parsed) ? 'array' : typeof parsed} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`)
  const { apiVersion, kind } = parsed
  if (!kind) throw new DecodeError(`Object 'Kind' is missing in '${text}'`)
  if (!apiVersion) throw new DecodeError(`Object 'apiVersion' is missing in '${text}'`)
  if (apiVersion !== 'kubelet.config.k8s.io/v1beta1' || kind !== 'KubeletConfiguration') throw new DecodeError(`no kind "${String(kind)}" is registered for version "${String(apiVersion)}" in scheme "pkg/runtime/scheme.go:111"`)
  return parsed
}

function readDropIns(files: Files, directory: string, klog: Klog): Document {
  if (!files.exists(directory)) return {}
  const names = files.readDirectory(directory).filter((entry) => entry.name.endsWith('.conf')).map((entry) => entry.name).sort()
  return names.reduce<Document>((merged, name) => merge(merged, decode(files.readText(`${directory}/${name}`), klog)), {})
}

/** Zero durations and empty structures are what is not set. */
function withoutZeroes(document: Document): Document {
  const out: Document = {}
  for (const [key, value] of Object.entries(document)) {
    if (value === null || value === '0s' || (value === '' && key !== 'staticPodPath')) continue
    out[key] = isObject(value) && key !== 'evictionHard' ? withoutZeroes(value) : value
  }
  return out
}

function merge(base: Readonly<Document>, over: Readonly<Document>): Document {
  const out: Document = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const known = out[key]
    out[key] = isObject(known) && isObject(value) && key !== 'evictionHard' ? merge(known, value) : value
  }
  return out
}

function isObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function typed(document: Document): KubeletConfig {
  const durations = Object.fromEntries(Object.entries(document).filter(([, value]) => typeof value === 'string').map(([key, value]) => [`${key}Ms`, parseGoDuration(value as string) ?? 0]))
  const authentication = document['authentication'] as { x509: { clientCAFile?: string }; webhook: { enabled: boolean }; anonymous: { enabled: boolean } }
  const endpoint = document['containerRuntimeEndpoint'] as string
  return {
    ...document,
    ...durations,
    clientCAFile: authentication.x509.clientCAFile ?? '',
    webhookAuthentication: authentication.webhook.enabled,
    anonymousAuthentication: authentication.anonymous.enabled,
    authorizationMode: (document['authorization'] as { mode: string }).mode,
    maxContainerRestartPeriodMs: parseGoDuration((document['crashLoopBackOff'] as { maxContainerRestartPeriod?: string }).maxContainerRestartPeriod ?? '5m') ?? 300_000,
    containerRuntimeEndpoint: endpoint === '' ? 'unix:///run/containerd/containerd.sock' : endpoint,
    document,
  } as unknown as KubeletConfig
}
