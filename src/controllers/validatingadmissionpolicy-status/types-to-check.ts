import type { ValidatingAdmissionPolicy } from '../../kinds/admissionregistration/v1/validating-admission-policy.ts'

/** A resource that a rule names in full. */
export interface NamedResource {
  /** '' names the core group and, as upstream's mapper has it, any other one too. */
  readonly group: string
  readonly version: string
  readonly resource: string
}

/**
 * The resources that a policy's rules name, each rule's sorted. A rule with a wildcard in its groups
 * or versions names none, and subresources have no types of their own.
 */
export function namedResources({ spec }: ValidatingAdmissionPolicy): readonly NamedResource[][] {
  return (spec.matchConstraints?.resourceRules ?? []).map((rule) => {
    const { apiGroups = [], apiVersions = [], resources = [] } = rule
    if ([...apiGroups, ...apiVersions].some((name) => name.includes('*'))) return []
    const plain = resources.filter((name) => !/[*/]/.test(name)).toSorted()
    return apiGroups
      .toSorted()
      .flatMap((group) =>
        apiVersions
          .toSorted()
          .flatMap((version) => plain.map((resource) => ({ group, version, resource }))),
      )
  })
}
