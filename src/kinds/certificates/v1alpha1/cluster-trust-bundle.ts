import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { storedUnderVersion } from '../../../machinery/stored-as.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import {
  ClusterTrustBundleSpec,
  ClusterTrustBundle as ClusterTrustBundleV1beta1,
} from '../v1beta1/cluster-trust-bundle.ts'

const fields = {
  spec: inVersion(ClusterTrustBundleSpec, 'certificates.v1beta1', 'certificates.v1alpha1'),
}

/** Certificates of authorities that pods may trust. */
export const ClusterTrustBundle = defineKind({
  group: 'certificates.k8s.io',
  version: 'v1alpha1',
  kind: 'ClusterTrustBundle',
  plural: 'clustertrustbundles',
  scope: 'Cluster',
  allowsUnconditionalUpdate: false,
  fields,
  hasGeneration: false,
  selectableFields: {
    'spec.signerName': ({ spec }) => spec.signerName ?? '',
  },
  columns: [{ name: 'SignerName', type: 'string', of: ({ spec }) => spec.signerName || '<none>' }],
  storedAs: storedUnderVersion(() => ClusterTrustBundleV1beta1, 'certificates.k8s.io/v1alpha1'),
})
export interface ClusterTrustBundle extends StoredObject<typeof fields, 'Cluster'> {}
