import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
} from '../../../machinery/field-error.ts'
import { validateDnsLabel, validateNonNegative } from '../../core/v1/field-rules.ts'
import { validateClaimSpec } from '../../core/v1/persistent-volume-claim-validation.ts'
import type { PodTemplateSpec } from '../../core/v1/pod-template-spec.ts'
import {
  amountOf,
  validateAtMost100Percent,
  validateCountOrPercent,
  validateCounts,
  validateNotDecremented,
  validateSelectorAndTemplate,
} from '../../core/v1/workload-rules.ts'
import type { StatefulSet, StatefulSetSpec } from './stateful-set.ts'

const MANAGEMENT_POLICIES = ['OrderedReady', 'Parallel']
const RETENTION_POLICIES = ['Retain', 'Delete']
const UPDATABLE = [
  ...(['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit'] as const),
  ...(['persistentVolumeClaimRetentionPolicy', 'minReadySeconds'] as const),
]

export function* validateStatefulSet({ spec }: StatefulSet, path: FieldPath): FieldErrors {
  const specPath = path.child('spec')
  yield* validateSpec(spec, specPath)
  if (spec.serviceName) yield* validateDnsLabel(spec.serviceName, specPath.child('serviceName'))
  for (const [index, { spec: claim }] of (spec.volumeClaimTemplates ?? []).entries()) {
    const claimPath = specPath.child('volumeClaimTemplates').index(index).child('spec')
    yield* validateClaimSpec(claim, claimPath)
  }
}

export function* validateStatefulSetUpdate(
  statefulSet: StatefulSet,
  old: StatefulSet,
  path: FieldPath,
): FieldErrors {
  const specPath = path.child('spec')
  yield* validateSpec(statefulSet.spec, specPath)
  const kept = Object.fromEntries(UPDATABLE.map((field) => [field, old.spec[field]]))
  if (deepEqual({ ...statefulSet.spec, ...kept }, old.spec)) return
  const names = UPDATABLE.map((field) => `'${field}'`)
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  yield forbidden(
    specPath,
    `updates to statefulset spec for fields other than ${list} are forbidden`,
  )
}

export function* validateStatefulSetStatusUpdate(
  { status }: StatefulSet,
  old: StatefulSet,
  path: FieldPath,
): FieldErrors {
  const statusPath = path.child('status')
  yield* validateCounts(
    status,
    [
      ...(['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas'] as const),
      ...(['availableReplicas', 'observedGeneration', 'collisionCount'] as const),
    ],
    ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
    statusPath,
    'status.readyReplicas',
  )
  const collisionsPath = statusPath.child('collisionCount')
  yield* validateNotDecremented(status.collisionCount, old.status.collisionCount, collisionsPath)
}

function* validateSpec(spec: StatefulSetSpec, path: FieldPath): FieldErrors {
  const { podManagementPolicy: management, persistentVolumeClaimRetentionPolicy: retention } = spec
  if (!MANAGEMENT_POLICIES.includes(management)) {
    const why = "must be 'OrderedReady' or 'Parallel'"
    yield invalid(path.child('podManagementPolicy'), management, why)
  }
  yield* validateStrategy(spec, path.child('updateStrategy'))
  for (const [name, policy] of Object.entries(retention ?? {})) {
    if (policy === undefined || RETENTION_POLICIES.includes(policy)) continue
    const policyPath = path.child('persistentVolumeClaimRetentionPolicy', name)
    yield notSupported(policyPath, policy, RETENTION_POLICIES)
  }
  yield* validateNonNegative(spec.replicas, path.child('replicas'))
  yield* validateNonNegative(spec.minReadySeconds ?? 0, path.child('minReadySeconds'))
  yield* validateNonNegative(spec.ordinals?.start ?? 0, path.child('ordinals', 'start'))
  const template = templateAsRun(spec)
  const names = { empty: 'statefulset', kind: 'StatefulSet', wrongSelector: '' }
  yield* validateSelectorAndTemplate({ selector: spec.selector, template }, names, path)
}

/** The controller gives each pod its name, its domain and the volumes of its claims. */
function templateAsRun(spec: StatefulSetSpec): PodTemplateSpec {
  const { template, volumeClaimTemplates = [] } = spec
  const { subdomain: _, hostname: __, volumes = [], ...rest } = template.spec
  const claims = volumeClaimTemplates.map(({ metadata }) => {
    const name = metadata?.name ?? ''
    return { name, persistentVolumeClaim: { claimName: name } }
  })
  const others = volumes.filter((volume) => claims.every(({ name }) => name !== volume.name))
  // Of two claims with one name the last is the volume, as in a map.
  const byName = new Map(claims.map((claim) => [claim.name, claim]))
  return { ...template, spec: { ...rest, volumes: [...byName.values(), ...others] } }
}

function* validateStrategy({ updateStrategy }: StatefulSetSpec, path: FieldPath): FieldErrors {
  const { type, rollingUpdate } = updateStrategy
  const rollingPath = path.child('rollingUpdate')
  if (type === 'OnDelete') {
    if (rollingUpdate === undefined) return
    yield invalid(rollingPath, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")
  } else if (type !== 'RollingUpdate') {
    yield invalid(path, updateStrategy, "must be 'RollingUpdate' or 'OnDelete'")
  } else if (rollingUpdate !== undefined) {
    const { partition = 0, maxUnavailable } = rollingUpdate
    yield* validateNonNegative(partition, rollingPath.child('partition'))
    if (maxUnavailable === undefined) return
    const unavailablePath = rollingPath.child('maxUnavailable')
    yield* validateCountOrPercent(maxUnavailable, unavailablePath)
    if (amountOf(maxUnavailable) === 0)
      yield invalid(unavailablePath, maxUnavailable, 'cannot be 0')
    yield* validateAtMost100Percent(maxUnavailable, unavailablePath)
  }
}
