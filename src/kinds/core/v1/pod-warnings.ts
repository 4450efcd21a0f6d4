import { FieldPath } from '../../../machinery/field-error.ts'
import { dns1123LabelErrors } from '../../../machinery/names.ts'
import type { PodAffinityTerm } from './affinity.ts'
import {
  byteWarnings,
  environmentWarnings,
  portWarnings,
  type WarnedContainer,
} from './container-warnings.ts'
import { ipWarnings } from './ip-warnings.ts'
import { nodeLabelWarning, nodeSelectorTermWarnings } from './node-label-warnings.ts'
import type { Pod } from './pod.ts'
import type { PodSpec } from './pod-spec.ts'
import type { PodTemplateSpec } from './pod-template-spec.ts'

const SYSCTLS = 'non-functional in v1.11+; use the "sysctls" field instead'
const ANNOTATIONS = [
  [
    'scheduler.alpha.kubernetes.io/critical-pod',
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  ],
  ['security.alpha.kubernetes.io/sysctls', SYSCTLS],
  ['security.alpha.kubernetes.io/unsafe-sysctls', SYSCTLS],
] as const
const VOLUMES = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
] as const
const NO_SELECTOR = 'a null labelSelector results in matching no pod'
const TERMS = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERENCES = 'preferredDuringSchedulingIgnoredDuringExecution'

/** What works in a new pod, but hardly as it was meant. Changes of pods are not looked at. */
export function* podWarnings({ metadata, spec }: Pod): Iterable<string> {
  yield* nameWarnings(metadata.name, "the Pod's hostname")
  yield* podTemplateWarnings({ metadata, spec }, FieldPath.root)
}

/** A name that becomes part of host names should be a label; `where` says of which. */
export function* nameWarnings(name: string, where: string): Iterable<string> {
  const reasons = dns1123LabelErrors(name)
  if (reasons.length === 0) return
  const what = 'which can result in surprising behavior; a DNS label is recommended'
  yield `metadata.name: this is used in ${where}, ${what}: [${reasons.join(' ')}]`
}

/** What works in the template of pods, but hardly as it was meant. */
export function* podTemplateWarnings(
  { metadata, spec }: Pick<PodTemplateSpec, 'metadata' | 'spec'>,
  path: FieldPath,
): Iterable<string> {
  const specPath = path.child('spec')
  yield* schedulingWarnings(spec, specPath)
  for (const [key, warning] of ANNOTATIONS) {
    if (metadata.annotations?.[key] === undefined) continue
    yield `${path.child('metadata', 'annotations').key(key)}: ${warning}`
  }
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    for (const [field, name, warning] of VOLUMES) {
      if (volume[field] === undefined) continue
      yield `${specPath.child('volumes').index(index).child(name)}: ${warning}`
    }
  }
  yield* listWarnings(spec, specPath)
  yield* byteWarnings(spec.overhead, specPath.child('overhead'))
  yield* containerWarnings(spec, specPath)
  if (Number(spec.terminationGracePeriodSeconds) < 0) {
    const what = 'must be >= 0; negative values are invalid and will be treated as 1'
    yield `${specPath.child('terminationGracePeriodSeconds')}: ${what}`
  }
  yield* podAffinityWarnings(spec, specPath.child('affinity'))
  for (const [index, server] of (spec.dnsConfig?.nameservers ?? []).entries()) {
    yield* ipWarnings(server, specPath.child('dnsConfig', 'nameservers').index(index))
  }
  for (const [index, { ip }] of (spec.hostAliases ?? []).entries()) {
    yield* ipWarnings(ip, specPath.child('hostAliases').index(index).child('ip'))
  }
}

function* schedulingWarnings(spec: PodSpec, path: FieldPath): Iterable<string> {
  for (const key of Object.keys(spec.nodeSelector ?? {})) {
    const warning = nodeLabelWarning(key)
    if (warning !== undefined) yield `${path.child('nodeSelector').key(key)}: ${warning}`
  }
  const affinityPath = path.child('affinity', 'nodeAffinity')
  const { [TERMS]: terms, [PREFERENCES]: preferences = [] } = spec.affinity?.nodeAffinity ?? {}
  for (const [index, term] of (terms?.nodeSelectorTerms ?? []).entries()) {
    const at = affinityPath.child(TERMS, 'nodeSelectorTerms').index(index)
    yield* nodeSelectorTermWarnings(term, false, at)
  }
  for (const [index, { preference }] of preferences.entries()) {
    const at = affinityPath.child(PREFERENCES).index(index).child('preference')
    yield* nodeSelectorTermWarnings(preference, true, at)
  }
  for (const [index, constraint] of (spec.topologySpreadConstraints ?? []).entries()) {
    const at = path.child('topologySpreadConstraints').index(index)
    const { topologyKey: key, labelSelector } = constraint
    const warning = nodeLabelWarning(key)
    if (warning !== undefined) yield `${at.child('topologyKey')}: ${key} is ${warning}`
    if (labelSelector === undefined) yield `${at.child('labelSelector')}: ${NO_SELECTOR}`
  }
}

function* listWarnings(spec: PodSpec, path: FieldPath): Iterable<string> {
  const ips = (spec.hostAliases ?? []).map(({ ip }) => ip)
  for (const [index, ip] of ips.entries()) {
    if (ips.indexOf(ip) === index) continue
    yield `${path.child('hostAliases').index(index).child('ip')}: duplicate ip ${JSON.stringify(ip)}`
  }
  const names = (spec.imagePullSecrets ?? []).map(({ name = '' }) => name)
  const namePath = (index: number) => path.child('imagePullSecrets').index(index).child('name')
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) {
      yield `${namePath(index)}: duplicate name ${JSON.stringify(name)}`
    }
  }
  for (const [index, name] of names.entries()) {
    if (name === '') yield `${namePath(index)}: invalid empty name ""`
  }
}

function* containerWarnings(spec: PodSpec, path: FieldPath): Iterable<string> {
  const containers = placed(spec, path)
  for (const { container, at } of containers) {
    const { limits, requests } = container.resources ?? {}
    yield* byteWarnings(limits, at.child('resources', 'limits'))
    yield* byteWarnings(requests, at.child('resources', 'requests'))
    yield* environmentWarnings(container.env ?? [], at.child('env'))
  }
  const ports = containers.flatMap(({ container, at }) =>
    (container.ports ?? []).map((port, index) => ({ port, path: at.child('ports').index(index) })),
  )
  yield* portWarnings(ports)
}

function placed(
  spec: PodSpec,
  path: FieldPath,
): readonly { readonly container: WarnedContainer; readonly at: FieldPath }[] {
  const of = (containers: readonly WarnedContainer[] | undefined, field: string) =>
    (containers ?? []).map((container, index) => ({
      container,
      at: path.child(field).index(index),
    }))
  return [
    ...of(spec.initContainers, 'initContainers'),
    ...of(spec.containers, 'containers'),
    ...of(spec.ephemeralContainers, 'ephemeralContainers'),
  ]
}

function* podAffinityWarnings({ affinity }: PodSpec, path: FieldPath): Iterable<string> {
  for (const field of ['podAffinity', 'podAntiAffinity'] as const) {
    const { [TERMS]: terms = [], [PREFERENCES]: preferences = [] } = affinity?.[field] ?? {}
    for (const [index, term] of terms.entries()) {
      yield* termWarnings(term, path.child(field, TERMS).index(index))
    }
    for (const [index, { podAffinityTerm }] of preferences.entries()) {
      const at = path.child(field, PREFERENCES).index(index).child('podAffinityTerm')
      yield* termWarnings(podAffinityTerm, at)
    }
  }
}

function* termWarnings({ labelSelector }: PodAffinityTerm, path: FieldPath): Iterable<string> {
  if (labelSelector === undefined) yield `${path.child('labelSelector')}: ${NO_SELECTOR}`
}
