import { Service } from '../../kinds/core/v1/service.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { isMainResource } from './main-resource.ts'
import { refuse } from './pods.ts'

/** Nobody draws the traffic of an address to themselves by naming it in a service. */
export class DenyServiceExternalIPs implements AdmissionPlugin {
  readonly name = 'DenyServiceExternalIPs'
  readonly isOffByDefault = true
  readonly operations: readonly Operation[] = ['CREATE', 'UPDATE']
  readonly resources: readonly string[] = [`${Service.group}/${Service.plural}`]

  async validate(attributes: AdmissionAttributes): Promise<void> {
    if (!isMainResource(attributes, Service)) return
    const { externalIPs = [] } = (attributes.object as Service).spec
    const before = (attributes.oldObject as Service | undefined)?.spec.externalIPs ?? []
    if (externalIPs.every((address) => before.includes(address))) return
    throw refuse(attributes, 'Use of external IPs is denied by admission control')
  }
}
