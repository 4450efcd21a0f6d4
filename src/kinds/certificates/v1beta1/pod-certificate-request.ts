import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { Condition } from '../../../machinery/meta-condition.ts'
import { type Infer, s } from '../../../machinery/schema.ts'

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
    maxExpirationSeconds: s.int32().publishedDefault(86400),
    pkixPublicKey: s.bytes().optional(),
    proofOfPossession: s.bytes().optional(),
    stubPKCS10Request: s.bytes(),
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
    notBefore: s.time().optional(),
    beginRefreshAt: s.time().optional(),
    notAfter: s.time().optional(),
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
  allowsUnconditionalUpdate: false,
  fields,
})
export interface PodCertificateRequest extends StoredObject<typeof fields, 'Namespaced'> {}
