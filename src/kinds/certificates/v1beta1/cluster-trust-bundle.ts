import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { validateBundle, validateBundleUpdate } from './cluster-trust-bundle-validation.ts'

/** The certificates, and the signer to which they belong. */
export const ClusterTrustBundleSpec = s.struct('certificates.v1beta1.ClusterTrustBundleSpec', {
  signerName: s.string().optional(),
  trustBundle: s.string(),
})
export interface ClusterTrustBundleSpec extends Infer<typeof ClusterTrustBundleSpec> {}

const fields = {
  spec: ClusterTrustBundleSpec,
}

/** Certificates of authorities that pods may trust. */
export const ClusterTrustBundle = defineKind({
  group: 'certificates.k8s.io',
  version: 'v1beta1',
  kind: 'ClusterTrustBundle',
  plural: 'clustertrustbundles',
  scope: 'Cluster',
  metadataRules: { onUpdate: 'both' },
  allowsUnconditionalUpdate: false,
  fields,
  hasGeneration: false,
  selectableFields: {
    'spec.signerName': ({ spec }) => spec.signerName ?? '',
  },
  // Its name depends on its signer: that is judged with the rest.
  validateName: () => [],
  validate: validateBundle,
  validateUpdate: validateBundleUpdate,
  columns: [{ name: 'SignerName', type: 'string', of: ({ spec }) => spec.signerName || '<none>' }],
})
export interface ClusterTrustBundle extends StoredObject<typeof fields, 'Cluster'> {}
