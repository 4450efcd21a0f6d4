import type { FieldPathElements } from '../../machinery/apply/path-element.ts'

const SPEC = ['f:spec']
const STATUS = ['f:status']
const METADATA = ['f:metadata']
const NEITHER_METADATA_NOR_SPEC = { status: [METADATA, SPEC] }

/** Fields that a write to the main resource ('') or to a subresource leaves as they are. */
export type ResetFields = Readonly<Record<string, readonly FieldPathElements[]>>

/**
 * By `group/plural`, where this is not the usual: the main resource keeps `status`, and `status`
 * keeps `spec` (upstream's GetResetFields).
 */
export const RESET_FIELDS: Readonly<Record<string, ResetFields>> = {
  '/namespaces': { finalize: [STATUS] },
  '/pods': {
    status: [SPEC, ['f:metadata', 'f:deletionTimestamp'], ['f:metadata', 'f:ownerReferences']],
  },
  'admissionregistration.k8s.io/validatingadmissionpolicies': NEITHER_METADATA_NOR_SPEC,
  'apiregistration.k8s.io/apiservices': NEITHER_METADATA_NOR_SPEC,
  'apps/deployments': { status: [SPEC, ['f:metadata', 'f:labels']] },
  'certificates.k8s.io/certificatesigningrequests': {
    '': [SPEC, STATUS],
    status: [SPEC, ['f:status', 'f:conditions']],
    approval: [SPEC, ['f:status', 'f:certificate']],
  },
  'flowcontrol.apiserver.k8s.io/flowschemas': NEITHER_METADATA_NOR_SPEC,
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': NEITHER_METADATA_NOR_SPEC,
  'internal.apiserver.k8s.io/storageversions': NEITHER_METADATA_NOR_SPEC,
  'networking.k8s.io/servicecidrs': NEITHER_METADATA_NOR_SPEC,
  'resource.k8s.io/devicetaintrules': NEITHER_METADATA_NOR_SPEC,
  'resource.k8s.io/resourceclaims': NEITHER_METADATA_NOR_SPEC,
  'resource.k8s.io/resourcepoolstatusrequests': NEITHER_METADATA_NOR_SPEC,
  'scheduling.k8s.io/podgroups': NEITHER_METADATA_NOR_SPEC,
  'storage.k8s.io/volumeattachments': NEITHER_METADATA_NOR_SPEC,
  'storagemigration.k8s.io/storageversionmigrations': NEITHER_METADATA_NOR_SPEC,
}
