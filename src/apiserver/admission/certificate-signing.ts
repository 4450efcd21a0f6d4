import { CertificateSigningRequest } from '../../kinds/certificates/v1/certificate-signing-request.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { isSubresource } from './main-resource.ts'
import { refuse } from './pods.ts'
import { mayUseSigner } from './signer-authorization.ts'

/** Who issues a certificate, or says that it failed, needs the right for its signer. */
export class CertificateSigning implements AdmissionPlugin {
  readonly name = 'CertificateSigning'
  readonly operations: readonly Operation[] = ['UPDATE']
  readonly resources: readonly string[] = ['certificates.k8s.io/certificatesigningrequests']
  readonly #authorizer: Authorizer

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    if (!isSubresource(attributes, CertificateSigningRequest, 'status')) return
    const { status } = attributes.object as CertificateSigningRequest
    const { status: old, spec } = attributes.oldObject as CertificateSigningRequest
    const isSame =
      (old.certificate ?? '') === (status.certificate ?? '') &&
      deepEqual(old.conditions ?? [], status.conditions ?? [])
    if (isSame) return
    const { signerName } = spec
    if (await mayUseSigner(this.#authorizer, attributes.user, 'sign', signerName)) return
    const quoted = JSON.stringify(signerName)
    throw refuse(attributes, `user not permitted to sign requests with signerName ${quoted}`)
  }
}
