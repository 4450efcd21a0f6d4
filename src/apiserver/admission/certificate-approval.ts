import { CertificateSigningRequest } from '../../kinds/certificates/v1/certificate-signing-request.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { isSubresource } from './main-resource.ts'
import { refuse } from './pods.ts'
import { mayUseSigner } from './signer-authorization.ts'

/** Who approves or denies a request for a certificate needs the right for its signer. */
export class CertificateApproval implements AdmissionPlugin {
  readonly name = 'CertificateApproval'
  readonly operations: readonly Operation[] = ['UPDATE']
  readonly resources: readonly string[] = ['certificates.k8s.io/certificatesigningrequests']
  readonly #authorizer: Authorizer

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    if (!isSubresource(attributes, CertificateSigningRequest, 'approval')) return
    // The old object counts: an approval cannot turn to another signer.
    const { signerName } = (attributes.oldObject as CertificateSigningRequest).spec
    if (await mayUseSigner(this.#authorizer, attributes.user, 'approve', signerName)) return
    const quoted = JSON.stringify(signerName)
    throw refuse(attributes, `user not permitted to approve requests with signerName ${quoted}`)
  }
}
