import { applyDefaults } from '../../../machinery/apply-defaults.ts'
import type { Completion } from '../../../machinery/kind.ts'
import type { PersistentVolumeClaim } from './persistent-volume-claim.ts'
import { PersistentVolumeClaimSpec } from './persistent-volume-claim-spec.ts'

/** What a volume is made from has an older and a newer field; both say the same once stored. */
export function prepareClaimForCreate(claim: PersistentVolumeClaim): PersistentVolumeClaim {
  return withSpec(claim, withBothSources(withoutUnknownSource(claim.spec)))
}

/** As for a new claim, but what the old claim was allowed to name may stay. */
export function prepareClaimForUpdate(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
): PersistentVolumeClaim {
  const wasInUse = old.spec.dataSource !== undefined || old.spec.dataSourceRef !== undefined
  return withSpec(claim, withBothSources(wasInUse ? claim.spec : withoutUnknownSource(claim.spec)))
}

/** The older field only ever named claims and snapshots; all else was dropped silently. */
function withoutUnknownSource(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { dataSource, ...rest } = spec
  if (dataSource === undefined || spec.dataSourceRef !== undefined) return spec
  const { kind } = dataSource
  const apiGroup = dataSource.apiGroup ?? ''
  const isClaim = kind === 'PersistentVolumeClaim' && apiGroup === ''
  const isSnapshot = kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io'
  return isClaim || isSnapshot ? spec : rest
}

function withBothSources(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { dataSourceRef: given } = spec
  // Data of other namespaces is an alpha feature that upstream has off.
  if (given?.namespace) {
    const { dataSourceRef: _, ...rest } = spec
    return withBothSources(rest)
  }
  return withLinkedSources(spec)
}

/** Claims that were stored before the newer field was there have the older one alone. */
export const claimCompletion: Completion<PersistentVolumeClaim> = {
  looksComplete: (bytes) =>
    bytes.includes('"volumeMode":"') &&
    bytes.includes('"dataSource":{') === bytes.includes('"dataSourceRef":{'),
  complete(stored) {
    const spec = applyDefaults(PersistentVolumeClaimSpec.node, stored.spec)
    return withSpec(stored, withLinkedSources(spec))
  },
}

function withLinkedSources(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { dataSource, dataSourceRef } = spec
  if (dataSource !== undefined && dataSourceRef === undefined) {
    return { ...spec, dataSourceRef: dataSource }
  }
  if (dataSource !== undefined || dataSourceRef === undefined) return spec
  const { namespace, ...local } = dataSourceRef
  // Another namespace can only be named by the newer field.
  return namespace ? spec : { ...spec, dataSource: local }
}

function withSpec(
  claim: PersistentVolumeClaim,
  spec: PersistentVolumeClaimSpec,
): PersistentVolumeClaim {
  return spec === claim.spec ? claim : { ...claim, spec }
}
