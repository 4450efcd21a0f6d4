import { ValidatingAdmissionPolicy } from '../../../kinds/admissionregistration/v1/validating-admission-policy.ts'
import { ValidatingAdmissionPolicyBinding } from '../../../kinds/admissionregistration/v1/validating-admission-policy-binding.ts'
import { MutatingAdmissionPolicy } from '../../../kinds/admissionregistration/v1beta1/mutating-admission-policy.ts'
import { MutatingAdmissionPolicyBinding } from '../../../kinds/admissionregistration/v1beta1/mutating-admission-policy-binding.ts'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import { FieldPath, forbidden } from '../../../machinery/field-error.ts'
import type { Kind, KindRef } from '../../../machinery/kind.ts'
import { invalidObject } from '../../../machinery/status-error.ts'
import { type Attributes, type Authorizer, isPrivileged } from '../../authorization/authorizer.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import type { UserInfo } from '../../request.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.ts'
import { type ParamKindSpec, paramResource } from './collect-params.ts'
import type { Policy, PolicyBinding } from './policy-source.ts'

/** The policies of each kind of bindings. */
const POLICIES: Readonly<Record<string, KindRef>> = {
  [ValidatingAdmissionPolicyBinding.plural]: ValidatingAdmissionPolicy,
  [MutatingAdmissionPolicyBinding.plural]: MutatingAdmissionPolicy,
}
const PARAM_KIND = FieldPath.root.child('spec', 'paramKind')
const PARAM_REF = FieldPath.root.child('spec', 'paramRef')

type Asked = Pick<Attributes, 'group' | 'version' | 'resource'>

/** Where it is not known what is read: whoever says so must be allowed to read everything. */
const EVERYTHING: Asked = { group: '*', version: '*', resource: '*' }

/**
 * Whoever makes a policy read parameters must be allowed to read them: expressions could give away
 * what is in them (upstream's strategies check it once all else is right).
 */
export class PolicyParameterAccess implements AdmissionPlugin {
  readonly name = 'PolicyParameterAccess'
  readonly operations = ['CREATE', 'UPDATE'] as const
  readonly resources = [
    ...[ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding],
    ...[MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding],
  ].map(({ group, plural }) => `${group}/${plural}`)
  readonly #resources: ResourceTable
  readonly #authorizer: Authorizer

  constructor(resources: ResourceTable, authorizer: Authorizer) {
    this.#resources = resources
    this.#authorizer = authorizer
  }

  async validate({ kind, subresource, user, object, oldObject }: AdmissionAttributes) {
    if (subresource !== '' || object === undefined || isPrivileged(user)) return
    const policies = POLICIES[kind.plural]
    if (policies === undefined) {
      await this.#checkPolicy(kind, object as Policy, oldObject as Policy | undefined, user)
      return
    }
    const old = oldObject as PolicyBinding | undefined
    await this.#checkBinding(kind, policies, object as PolicyBinding, old, user)
  }

  async #checkPolicy(
    kind: Kind,
    { metadata, spec }: Policy,
    old: Policy | undefined,
    user: UserInfo,
  ): Promise<void> {
    const { paramKind } = spec
    if (paramKind === undefined || deepEqual(paramKind, old?.spec.paramKind)) return
    const asked = this.#resourceOf(paramKind).asked
    if (await this.#may(user, 'get', { ...asked, namespace: '*', name: '*' })) return
    const { kind: name = '', apiVersion = '' } = paramKind
    const referenced = `(kind=${name}, apiVersion=${apiVersion})`
    const why = `must have "get" permission on all objects of the referenced paramKind ${referenced}`
    const error = forbidden(PARAM_KIND, `user ${formatUser(user)} ${why}`)
    throw invalidObject(kind, metadata.name, [error])
  }

  async #checkBinding(
    kind: Kind,
    policies: KindRef,
    { metadata, spec }: PolicyBinding,
    old: PolicyBinding | undefined,
    user: UserInfo,
  ): Promise<void> {
    const { paramRef, policyName = '' } = spec
    if (paramRef === undefined) return
    if (deepEqual(paramRef, old?.spec.paramRef) && policyName === old?.spec.policyName) return
    const policy = await this.#resources.store(policies).find('', policyName)
    const paramKind = (policy?.object as Policy | undefined)?.spec.paramKind
    const found = paramKind === undefined ? { asked: EVERYTHING } : this.#resourceOf(paramKind)
    const { name = '', namespace = '' } = paramRef
    const verb = name === '' ? 'list' : 'get'
    if (await this.#may(user, verb, { ...found.asked, namespace, name })) return
    const who = formatUser(user)
    const lacks = `user ${who} does not have "${verb}" permission`
    const minimum = `to determine minimum required permissions and ${lacks} for all groups, versions and resources`
    // Upstream's text for mutating policies has the two the wrong way round.
    const isMutating = policies === MutatingAdmissionPolicy
    const said = isMutating ? `user ${verb} does not have "${who}" permission` : lacks
    let why = `${said} on the object referenced by paramRef`
    if (policy === undefined) why = `unable to get policy ${policyName} ${minimum}`
    else if (found.asked.resource === '*' && paramKind !== undefined) {
      const { apiVersion = '', kind: paramName = '' } = paramKind
      why = `unable to resolve paramKind &{${apiVersion} ${paramName}} ${minimum}`
    }
    throw invalidObject(kind, metadata.name, [forbidden(PARAM_REF, why)])
  }

  /** As much of a parameter's kind as can be found out. */
  #resourceOf(paramKind: ParamKindSpec): { readonly asked: Asked } {
    const { apiVersion = '' } = paramKind
    const slash = apiVersion.indexOf('/')
    const group = slash < 0 ? '' : apiVersion.slice(0, slash)
    const version = apiVersion.slice(slash + 1)
    try {
      const { kind } = paramResource(this.#resources, paramKind)
      return { asked: { group, version, resource: kind.plural } }
    } catch {
      return { asked: { group, version, resource: '*' } } // It is not served (yet).
    }
  }

  async #may(
    user: UserInfo,
    verb: string,
    asked: Asked & Pick<Attributes, 'namespace' | 'name'>,
  ): Promise<boolean> {
    const { verdict } = await this.#authorizer.authorize({
      ...{ user, verb, isResourceRequest: true, subresource: '', path: '', fieldSelector: '' },
      ...asked,
    })
    return verdict === 'Allow'
  }
}

/** As Go prints a user. */
function formatUser({ name, uid = '', groups, extra = {} }: UserInfo): string {
  const entries = Object.entries(extra)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, values]) => `${key}:[${values.join(' ')}]`)
  return `&{${name} ${uid} [${groups.join(' ')}] map[${entries.join(' ')}]}`
}
