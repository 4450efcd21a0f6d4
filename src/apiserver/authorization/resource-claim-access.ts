import { Namespace } from '../../kinds/core/v1/namespace.ts'
import { ResourceClaim } from '../../kinds/resource/v1/resource-claim.ts'
import { ResourceClaimTemplate } from '../../kinds/resource/v1/resource-claim-template.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { type FieldError, FieldPath, forbidden } from '../../machinery/field-error.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { invalidObject } from '../../machinery/status-error.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../admission/admission.ts'
import type { ResourceTable } from '../registry/resource-table.ts'
import { type Authorizer, attributesOf, isPrivileged } from './authorizer.ts'
import { driversWithChanges, isOnNodeOf } from './claimed-devices.ts'
import { forbidden as forbiddenRequest } from './forbidden.ts'

const ADMIN_LABEL = 'resource.kubernetes.io/admin-access'
const REQUESTS = FieldPath.root.child('spec', 'devices', 'requests')
const RESULTS = FieldPath.root.child('status', 'allocation', 'devices', 'results')
const ALLOCATION = FieldPath.root.child('status', 'allocation')
const DEVICES = FieldPath.root.child('status', 'devices')

interface DeviceRequest {
  readonly exactly?: { readonly adminAccess?: boolean }
}

/**
 * Who may claim devices how (upstream's strategies of resource.k8s.io check it):
 *
 * 1. Access to devices of others, as an administrator, is had in namespaces alone whose label says
 *    so.
 * 2. The status of a claim says in its parts whose it is: allocation and reservation are for those
 *    who may write `resourceclaims/binding`, what a driver reports for those who may write
 *    `resourceclaims/driver` under the driver's name.
 */
export class ResourceClaimAccess implements AdmissionPlugin {
  readonly name = 'ResourceClaimAccess'
  readonly operations = ['CREATE', 'UPDATE'] as const
  readonly resources = [ResourceClaim, ResourceClaimTemplate].map(
    ({ group, plural }) => `${group}/${plural}`,
  )
  readonly #resources: ResourceTable
  readonly #authorizer: Authorizer

  constructor(resources: ResourceTable, authorizer: Authorizer) {
    this.#resources = resources
    this.#authorizer = authorizer
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { object, kind } = attributes
    if (object === undefined) return
    const errors = await this.fieldErrors(attributes)
    if (errors.length > 0) throw invalidObject(kind, object.metadata.name, errors)
  }

  async fieldErrors(attributes: AdmissionAttributes): Promise<readonly FieldError[]> {
    const { operation, subresource, object, oldObject, kind } = attributes
    if (object === undefined) return []
    const errors: FieldError[] = []
    if (subresource === 'status' && kind.plural === ResourceClaim.plural) {
      const claim = object as ResourceClaim
      const old = oldObject as ResourceClaim
      errors.push(...(await this.#adminErrors(attributes, grantedAdminAccess(claim, old))))
      errors.push(...(await this.#bindingErrors(attributes, claim, old)))
      errors.push(...(await this.#deviceErrors(attributes, claim, old)))
    } else if (subresource === '' && operation === 'CREATE') {
      errors.push(...(await this.#adminErrors(attributes, wantedAdminAccess(object))))
    }
    return errors
  }

  async #adminErrors(
    { namespace }: AdmissionAttributes,
    path: FieldPath | undefined,
  ): Promise<readonly FieldError[]> {
    if (path === undefined) return []
    const found = await this.#resources.store(Namespace).find('', namespace)
    if (found?.object.metadata.labels?.[ADMIN_LABEL] === 'true') return []
    const label = `the \`${ADMIN_LABEL}: true\` label on the containing namespace`
    return [forbidden(path, `admin access to devices requires ${label}`)]
  }

  async #bindingErrors(
    attributes: AdmissionAttributes,
    { status }: ResourceClaim,
    old: ResourceClaim,
  ): Promise<readonly FieldError[]> {
    const isSame =
      deepEqual(status.allocation, old.status.allocation) &&
      deepEqual(status.reservedFor ?? [], old.status.reservedFor ?? [])
    if (isSame) return []
    const { verb } = attributes.request.info
    const asked = { subresource: 'binding', namespace: '', name: '' }
    const why = await this.#refusal(attributes, [verb], asked)
    if (why === undefined) return []
    const what = 'changing status.allocation or status.reservedFor'
    const needed = `requires resource="resourceclaims/binding", verb="${verb}" permission`
    return [forbidden(ALLOCATION, `${what} ${needed}: ${why}`)]
  }

  /** What drivers report goes with the allocation: whoever ends that needs no other permission. */
  async #deviceErrors(
    attributes: AdmissionAttributes,
    { status }: ResourceClaim,
    old: ResourceClaim,
  ): Promise<readonly FieldError[]> {
    if (status.allocation === undefined) return []
    const drivers = driversWithChanges(status.devices ?? [], old.status.devices ?? [])
    if (drivers.length === 0) return []
    const { user, namespace, request } = attributes
    const anywhere = `arbitrary-node:${request.info.verb}`
    const isHere = isOnNodeOf(user, status.allocation)
    const verbs = isHere ? [`associated-node:${request.info.verb}`, anywhere] : [anywhere]
    const errors: FieldError[] = []
    for (const name of drivers) {
      const asked = { subresource: 'driver', namespace, name }
      const why = await this.#refusal(attributes, verbs, asked)
      if (why === undefined) continue
      const needed = `resource="resourceclaims/driver", verb="[${verbs.join(' ')}]" permission`
      errors.push(forbidden(DEVICES, `changing status.devices requires ${needed}: ${why}`))
    }
    return errors
  }

  /** Why none of the verbs is allowed: the first one's reason; undefined where one is. */
  async #refusal(
    { user, request }: AdmissionAttributes,
    verbs: readonly string[],
    asked: { readonly subresource: string; readonly namespace: string; readonly name: string },
  ): Promise<string | undefined> {
    if (isPrivileged(user)) return undefined
    let first: string | undefined
    for (const verb of verbs) {
      const attributes = { ...attributesOf(request, user), ...asked, verb }
      const { verdict, reason, error } = await this.#authorizer.authorize(attributes)
      if (verdict === 'Allow') return undefined
      const why = [error, reason].filter((one) => one !== undefined && one !== '').join(': ')
      first ??= forbiddenRequest(attributes, why).message
    }
    return first
  }
}

/** Where a new claim, or a template for claims, asks for an administrator's access. */
function wantedAdminAccess(object: KubeObject): FieldPath | undefined {
  const { spec } = object as { readonly spec?: unknown } as {
    readonly spec: { readonly devices?: unknown; readonly spec?: { readonly devices?: unknown } }
  }
  const devices = (spec.spec ?? spec).devices as
    | { readonly requests?: readonly DeviceRequest[] }
    | undefined
  const index = (devices?.requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess === true)
  return index < 0 ? undefined : REQUESTS.index(index).child('adminAccess')
}

/** Where a new allocation grants it. */
function grantedAdminAccess(claim: ResourceClaim, old: ResourceClaim): FieldPath | undefined {
  const indexOf = ({ status }: ResourceClaim) =>
    (status.allocation?.devices?.results ?? []).findIndex(({ adminAccess }) => adminAccess === true)
  const index = indexOf(claim)
  return index < 0 || indexOf(old) >= 0 ? undefined : RESULTS.index(index).child('adminAccess')
}
