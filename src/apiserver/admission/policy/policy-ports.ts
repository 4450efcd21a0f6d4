import type { Clock } from '../../../base/clock.ts'
import type { Namespace } from '../../../kinds/core/v1/namespace.ts'
import type { Authorizer } from '../../authorization/authorizer.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import type { ConditionObserver } from '../cel/condition-metrics.ts'
import type { AdmissionTarget } from '../dynamic/admission-target.ts'
import type { NamespaceSelection } from '../dynamic/namespaces.ts'
import type { PolicyObserver } from './policy-metrics.ts'

/** What both policy plugins are made of. */
export interface PolicyPorts {
  readonly resources: ResourceTable
  readonly authorizer: Authorizer
  readonly clock: Clock
  readonly observer: PolicyObserver
  readonly conditionObserver: ConditionObserver
}

/** The namespace of what has one: a Namespace itself has none. Rejects with 404. */
export async function namespaceOfTarget(
  { namespace, kind }: AdmissionTarget,
  namespaces: NamespaceSelection,
): Promise<Namespace | undefined> {
  const isNamespace = kind.group === '' && kind.version === 'v1' && kind.kind === 'Namespace'
  return isNamespace || namespace === '' ? undefined : namespaces.find(namespace)
}
