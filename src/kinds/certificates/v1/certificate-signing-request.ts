import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { pathSegmentErrors } from '../../../machinery/names.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { certificateSigningRequestColumns } from './certificate-signing-request-columns.ts'
import {
  prepareRequestForCreate,
  prepareRequestForStatusUpdate,
} from './certificate-signing-request-strategy.ts'
import {
  validateRequest,
  validateRequestStatusUpdate,
  validateRequestUpdate,
} from './certificate-signing-request-validation.ts'
import { signingRequestFromV1beta1 } from './from-v1beta1.ts'

/** The request, its signer, the wanted usages and who asks. */
export const CertificateSigningRequestSpec = s.struct(
  'certificates.v1.CertificateSigningRequestSpec',
  {
    request: s.bytes(),
    signerName: s.string(),
    expirationSeconds: s.int32().optional().pointer(),
    usages: s
      .list(
        s.oneOf(
          'any',
          'cert sign',
          'client auth',
          'code signing',
          'content commitment',
          'crl sign',
          'data encipherment',
          'decipher only',
          'digital signature',
          'email protection',
          'encipher only',
          'ipsec end system',
          'ipsec tunnel',
          'ipsec user',
          'key agreement',
          'key encipherment',
          'microsoft sgc',
          'netscape sgc',
          'ocsp signing',
          's/mime',
          'server auth',
          'signing',
          'timestamping',
        ),
        { listType: 'atomic' },
      )
      .optional(),
    username: s.string().optional(),
    uid: s.string().optional(),
    groups: s.list(s.string(), { listType: 'atomic' }).optional(),
    extra: s.map(s.list(s.string())).optional(),
  },
)
export interface CertificateSigningRequestSpec
  extends Infer<typeof CertificateSigningRequestSpec> {}

/** An approval, a denial or a failure of a request. */
export const CertificateSigningRequestCondition = s.struct(
  'certificates.v1.CertificateSigningRequestCondition',
  {
    type: s.string(),
    status: s.known('True', 'False', 'Unknown'),
    reason: s.string().optional(),
    message: s.string().optional(),
    lastUpdateTime: s.time().orNull(),
    lastTransitionTime: s.time().orNull(),
  },
)
export interface CertificateSigningRequestCondition
  extends Infer<typeof CertificateSigningRequestCondition> {}

/** The decision, and the certificate once it is issued. */
export const CertificateSigningRequestStatus = s.struct(
  'certificates.v1.CertificateSigningRequestStatus',
  {
    conditions: s
      .list(CertificateSigningRequestCondition, { listType: 'map', listMapKeys: ['type'] })
      .optional(),
    certificate: s.bytes().optional(),
  },
)
export interface CertificateSigningRequestStatus
  extends Infer<typeof CertificateSigningRequestStatus> {}

const fields = {
  spec: CertificateSigningRequestSpec,
  status: CertificateSigningRequestStatus.default({}),
}

/** Asks a signer for a certificate. */
export const CertificateSigningRequest = defineKind({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  scope: 'Cluster',
  fromOtherVersion: signingRequestFromV1beta1,
  metadataRules: { onUpdate: 'both', onStatusUpdate: 'both', ignoresNamePrefix: true },
  shortNames: ['csr'],
  subresources: [{ name: 'approval', verbs: ['get', 'patch', 'update'] }],
  fields,
  prepareForCreate: prepareRequestForCreate,
  prepareForStatusUpdate: prepareRequestForStatusUpdate,
  hasGeneration: false,
  // The request itself never changes; the status and the approval have paths of their own.
  prepareForUpdate: (request, old) => ({ ...request, spec: old.spec, status: old.status }),
  selectableFields: {
    'spec.signerName': ({ spec }) => spec.signerName,
  },
  validateName: pathSegmentErrors,
  validate: validateRequest,
  validateUpdate: validateRequestUpdate,
  validateStatusUpdate: validateRequestStatusUpdate,
  columns: certificateSigningRequestColumns,
})
export interface CertificateSigningRequest extends StoredObject<typeof fields, 'Cluster'> {}
