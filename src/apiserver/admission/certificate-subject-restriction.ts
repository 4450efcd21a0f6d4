import { parseCertificateRequest } from '../../base/certificate-request.ts'
import { CertificateSigningRequest } from '../../kinds/certificates/v1/certificate-signing-request.ts'
import { PRIVILEGED_GROUP } from '../authorization/authorizer.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { isMainResource } from './main-resource.ts'
import { refuse } from './pods.ts'

const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client'

/** Nobody asks the cluster for a certificate that may do everything and cannot be taken back. */
export class CertificateSubjectRestriction implements AdmissionPlugin {
  readonly name = 'CertificateSubjectRestriction'
  readonly operations: readonly Operation[] = ['CREATE']
  readonly resources: readonly string[] = ['certificates.k8s.io/certificatesigningrequests']

  async validate(attributes: AdmissionAttributes): Promise<void> {
    if (!isMainResource(attributes, CertificateSigningRequest)) return
    const { spec } = attributes.object as CertificateSigningRequest
    if (spec.signerName !== CLIENT_SIGNER) return
    if (!organizationsOf(attributes, spec.request).includes(PRIVILEGED_GROUP)) return
    const what = `${CLIENT_SIGNER} signer with ${PRIVILEGED_GROUP} group`
    throw refuse(attributes, `use of ${what} is not allowed`)
  }
}

function organizationsOf(attributes: AdmissionAttributes, request: string): readonly string[] {
  try {
    return parseCertificateRequest(Buffer.from(request, 'base64').toString('latin1')).organizations
  } catch (error) {
    throw refuse(attributes, `failed to parse CSR: ${(error as Error).message}`)
  }
}
