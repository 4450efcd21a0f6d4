import { ClusterTrustBundle } from '../../kinds/certificates/v1beta1/cluster-trust-bundle.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { refuse } from './pods.ts'
import { mayUseSigner } from './signer-authorization.ts'

/** Who publishes the roots of a signer needs the right to speak for it. */
export class ClusterTrustBundleAttest implements AdmissionPlugin {
  readonly name = 'ClusterTrustBundleAttest'
  readonly operations: readonly Operation[] = ['CREATE', 'UPDATE']
  readonly resources: readonly string[] = ['certificates.k8s.io/clustertrustbundles']
  readonly #authorizer: Authorizer

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { kind, object, oldObject, user } = attributes
    if (kind.group !== ClusterTrustBundle.group) return
    if (kind.plural !== ClusterTrustBundle.plural || object === undefined) return
    const { signerName = '' } = (object as ClusterTrustBundle).spec
    if (signerName === '') return
    if (oldObject !== undefined && isCollectorsWork(object, oldObject)) return
    if (await mayUseSigner(this.#authorizer, user, 'attest', signerName)) return
    const quoted = JSON.stringify(signerName)
    throw refuse(attributes, `user not permitted to attest for signerName ${quoted}`)
  }
}

/** True where only owners and finalizers differ, which the garbage collector changes. */
function isCollectorsWork(object: KubeObject, old: KubeObject): boolean {
  const { ownerReferences, finalizers, managedFields } = old.metadata
  const metadata = { ...object.metadata, ownerReferences, finalizers, managedFields }
  return deepEqual({ ...object, metadata }, old)
}
