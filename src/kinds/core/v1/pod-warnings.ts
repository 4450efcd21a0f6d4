import { FieldPath } from '../../../machinery/field-error.ts'
import { dns1123LabelErrors } from '../../../machinery/names.ts'
import type { Affinity, NodeAffinity, PodAffinityTerm } from './affinity.ts'
import {
  byteWarnings,
  environmentWarnings,
  type PlacedPort,
  portWarnings,
  type WarnedContainer,
} from './container-warnings.ts'
import { ipWarnings } from './ip-warnings.ts'
import { nodeLabelWarning, nodeSelectorTermWarnings } from './node-label-warnings.ts'
import type { Pod } from './pod.ts'
import type { PodSpec } from './pod-spec.ts'
import type { PodTemplateSpec } from './pod-template-spec.ts'
import type { ResourceRequirements } from './resources.ts'

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
const CONTAINERS = ['initContainers', 'containers', 'ephemeralContainers'] as const
const NO_SELECTOR = 'a null labelSelector results in matching no pod'
const TERMS = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERENCES = 'preferredDuringSchedulingIgnoredDuringExecution'

/** What works in a new pod, but hardly as it was meant. Changes of pods are not looked at. */
export function podWarnings(pod: Pod): readonly string[] {
  return [
    ...nameWarnings(pod.metadata.name, "the Pod's hostname"),
    ...podTemplateWarnings(pod, FieldPath.root),
  ]
}

/** A name that becomes part of host names should be a label; `where` says of which. */
export function nameWarnings(name: string, where: string): readonly string[] {
  const reasons = dns1123LabelErrors(name)
  if (reasons.length === 0) return []
  const what = 'which can result in surprising behavior; a DNS label is recommended'
  return [`metadata.name: this is used in ${where}, ${what}: [${reasons.join(' ')}]`]
}

/** What works in the template of pods, but hardly as it was meant. */
export function podTemplateWarnings(
  { metadata, spec }: Pick<PodTemplateSpec, 'metadata' | 'spec'>,
  path: FieldPath,
): readonly string[] {
  const warnings: string[] = []
  const specPath = path.child('spec')
  schedulingWarnings(warnings, spec, specPath)
  for (const [key, warning] of ANNOTATIONS) {
    if (metadata.annotations?.[key] === undefined) continue
    warnings.push(`${path.child('metadata', 'annotations').key(key)}: ${warning}`)
  }
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    for (const [field, name, warning] of VOLUMES) {
      if (volume[field] === undefined) continue
      warnings.push(`${specPath.child('volumes').index(index).child(name)}: ${warning}`)
    }
  }
  listWarnings(warnings, spec, specPath)
  if (spec.overhead) warnings.push(...byteWarnings(spec.overhead, specPath.child('overhead')))
  containerWarnings(warnings, spec, specPath)
  if (Number(spec.terminationGracePeriodSeconds) < 0) {
    const what = 'must be >= 0; negative values are invalid and will be treated as 1'
    warnings.push(`${specPath.child('terminationGracePeriodSeconds')}: ${what}`)
  }
  if (spec.affinity) podAffinityWarnings(warnings, spec.affinity, specPath.child('affinity'))
  for (const [index, server] of (spec.dnsConfig?.nameservers ?? []).entries()) {
    const serverPath = specPath.child('dnsConfig', 'nameservers').index(index)
    warnings.push(...ipWarnings(server, serverPath))
  }
  for (const [index, { ip }] of (spec.hostAliases ?? []).entries()) {
    warnings.push(...ipWarnings(ip, specPath.child('hostAliases').index(index).child('ip')))
  }
  return warnings
}

function schedulingWarnings(warnings: string[], spec: PodSpec, path: FieldPath): void {
  for (const key in spec.nodeSelector) {
    const warning = nodeLabelWarning(key)
    if (warning !== undefined) warnings.push(`${path.child('nodeSelector').key(key)}: ${warning}`)
  }
  const { nodeAffinity } = spec.affinity ?? {}
  if (nodeAffinity) {
    nodeAffinityWarnings(warnings, nodeAffinity, path.child('affinity', 'nodeAffinity'))
  }
  for (const [index, constraint] of (spec.topologySpreadConstraints ?? []).entries()) {
    const at = path.child('topologySpreadConstraints').index(index)
    const { topologyKey: key, labelSelector } = constraint
    const warning = nodeLabelWarning(key)
    if (warning !== undefined) warnings.push(`${at.child('topologyKey')}: ${key} is ${warning}`)
    if (labelSelector === undefined) warnings.push(`${at.child('labelSelector')}: ${NO_SELECTOR}`)
  }
}

function nodeAffinityWarnings(
  warnings: string[],
  { [TERMS]: terms, [PREFERENCES]: preferences = [] }: NodeAffinity,
  path: FieldPath,
): void {
  for (const [index, term] of (terms?.nodeSelectorTerms ?? []).entries()) {
    const at = path.child(TERMS, 'nodeSelectorTerms').index(index)
    warnings.push(...nodeSelectorTermWarnings(term, false, at))
  }
  for (const [index, { preference }] of preferences.entries()) {
    const at = path.child(PREFERENCES).index(index).child('preference')
    warnings.push(...nodeSelectorTermWarnings(preference, true, at))
  }
}

function listWarnings(warnings: string[], spec: PodSpec, path: FieldPath): void {
  const { hostAliases, imagePullSecrets } = spec
  if (hostAliases) hostAliasWarnings(warnings, hostAliases, path.child('hostAliases'))
  if (imagePullSecrets) {
    pullSecretWarnings(warnings, imagePullSecrets, path.child('imagePullSecrets'))
  }
}

function hostAliasWarnings(
  warnings: string[],
  aliases: NonNullable<PodSpec['hostAliases']>,
  path: FieldPath,
): void {
  const ips = aliases.map(({ ip }) => ip)
  for (const [index, ip] of ips.entries()) {
    if (ips.indexOf(ip) === index) continue
    warnings.push(`${path.index(index).child('ip')}: duplicate ip ${JSON.stringify(ip)}`)
  }
}

function pullSecretWarnings(
  warnings: string[],
  secrets: NonNullable<PodSpec['imagePullSecrets']>,
  path: FieldPath,
): void {
  const names = secrets.map(({ name = '' }) => name)
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) === index) continue
    warnings.push(`${path.index(index).child('name')}: duplicate name ${JSON.stringify(name)}`)
  }
  for (const [index, name] of names.entries()) {
    if (name === '') warnings.push(`${path.index(index).child('name')}: invalid empty name ""`)
  }
}

function containerWarnings(warnings: string[], spec: PodSpec, path: FieldPath): void {
  const ports: PlacedPort[] = []
  for (const list of CONTAINERS) {
    const containers: readonly WarnedContainer[] = spec[list] ?? []
    for (const [index, container] of containers.entries()) {
      const at = path.child(list).index(index)
      const { resources, env } = container
      if (resources) resourceWarnings(warnings, resources, at.child('resources'))
      if (env) environmentWarnings(warnings, env, at.child('env'))
      for (const [place, port] of (container.ports ?? []).entries()) {
        ports.push({ port, path: at.child('ports').index(place) })
      }
    }
  }
  portWarnings(warnings, ports)
}

function resourceWarnings(
  warnings: string[],
  { limits, requests }: ResourceRequirements,
  path: FieldPath,
): void {
  if (limits) warnings.push(...byteWarnings(limits, path.child('limits')))
  if (requests) warnings.push(...byteWarnings(requests, path.child('requests')))
}

function podAffinityWarnings(warnings: string[], affinity: Affinity, path: FieldPath): void {
  for (const field of ['podAffinity', 'podAntiAffinity'] as const) {
    const { [TERMS]: terms = [], [PREFERENCES]: preferences = [] } = affinity[field] ?? {}
    for (const [index, term] of terms.entries()) {
      termWarnings(warnings, term, path.child(field, TERMS).index(index))
    }
    for (const [index, { podAffinityTerm }] of preferences.entries()) {
      const at = path.child(field, PREFERENCES).index(index).child('podAffinityTerm')
      termWarnings(warnings, podAffinityTerm, at)
    }
  }
}

function termWarnings(
  warnings: string[],
  { labelSelector }: PodAffinityTerm,
  path: FieldPath,
): void {
  if (labelSelector === undefined) warnings.push(`${path.child('labelSelector')}: ${NO_SELECTOR}`)
}
