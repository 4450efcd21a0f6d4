import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { Condition } from '../../../machinery/meta-condition.ts'
import { STATUS_KEEPS_METADATA } from '../../../machinery/metadata-rules.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { labelsText } from '../../column-text.ts'
import { validatePodCertificateStatusUpdate } from './pod-certificate-request-status-validation.ts'
import {
  validatePodCertificateRequest,
  validatePodCertificateRequestUpdate,
} from './pod-certificate-request-validation.ts'

/** The pod, its key with proof of possession, and the signer. */
export const PodCertificateRequestSpec = s.struct(
  'certificates.v1beta1.PodCertificateRequestSpec',
  {
    signerName: s.string(),
    podName: s.string(),
    podUID: s.string(),
    serviceAccountName: s.string(),
    serviceAccountUID: s.string(),
    nodeName: s.string(),
    nodeUID: s.string(),
    maxExpirationSeconds: s.int32().publishedDefault(86400).pointer(),
    pkixPublicKey: s.bytes().orNull(),
    proofOfPossession: s.bytes().orNull(),
    stubPKCS10Request: s.bytes().nullWhenEmpty(),
    unverifiedUserAnnotations: s.map(s.string()).optional(),
  },
)
export interface PodCertificateRequestSpec extends Infer<typeof PodCertificateRequestSpec> {}

/** The decision, the chain that was issued and when to renew it. */
export const PodCertificateRequestStatus = s.struct(
  'certificates.v1beta1.PodCertificateRequestStatus',
  {
    conditions: s
      .list(Condition, {
        listType: 'map',
        listMapKeys: ['type'],
        patchStrategy: 'merge',
        patchMergeKey: 'type',
      })
      .optional(),
    certificateChain: s.string().optional(),
    notBefore: s.time().optional().pointer(),
    beginRefreshAt: s.time().optional().pointer(),
    notAfter: s.time().optional().pointer(),
  },
)
export interface PodCertificateRequestStatus extends Infer<typeof PodCertificateRequestStatus> {}

const fields = {
  spec: PodCertificateRequestSpec,
  status: PodCertificateRequestStatus.default({}),
}

/** Asks a signer for the certificate of one pod. */
export const PodCertificateRequest = defineKind({
  group: 'certificates.k8s.io',
  version: 'v1beta1',
  kind: 'PodCertificateRequest',
  plural: 'podcertificaterequests',
  scope: 'Namespaced',
  metadataRules: STATUS_KEEPS_METADATA,
  allowsUnconditionalUpdate: false,
  fields,
  hasGeneration: false,
  validate: validatePodCertificateRequest,
  validateUpdate: validatePodCertificateRequestUpdate,
  validateStatusUpdate: validatePodCertificateStatusUpdate,
  selectableFields: {
    'spec.signerName': ({ spec }) => spec.signerName,
    'spec.nodeName': ({ spec }) => spec.nodeName,
    'spec.podName': ({ spec }) => spec.podName,
  },
  columns: [
    { name: 'PodName', type: 'string', of: ({ spec }) => spec.podName },
    { name: 'ServiceAccountName', type: 'string', of: ({ spec }) => spec.serviceAccountName },
    { name: 'NodeName', type: 'string', of: ({ spec }) => spec.nodeName },
    { name: 'SignerName', type: 'string', of: ({ spec }) => spec.signerName },
    {
      name: 'State',
      type: 'string',
      of: ({ status }) =>
        status.conditions?.findLast(({ type }) => ['Issued', 'Denied', 'Failed'].includes(type))
          ?.type ?? 'Pending',
    },
    {
      name: 'UnverifiedUserAnnotations',
      type: 'string',
      of: ({ spec }) => labelsText(spec.unverifiedUserAnnotations),
    },
  ],
})
export interface PodCertificateRequest extends StoredObject<typeof fields, 'Namespaced'> {}
