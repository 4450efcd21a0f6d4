import type { Client } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import { ClusterRole } from '../../kinds/rbac/v1/cluster-role.ts'
import type { PolicyRule } from '../../kinds/rbac/v1/policy-rule.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { selectorOf } from '../../machinery/label-selector.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Result,
  type Watch,
  watchEvents,
} from '../runtime/controller.ts'

const FIELD_MANAGER = 'clusterrole-aggregation-controller'

/** Gives each aggregating ClusterRole the rules of all roles that its selectors choose. */
export class ClusterRoleAggregationController implements Controller {
  readonly name = 'clusterrole-aggregation-controller'
  readonly workers = 5
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #roles: Informer<ClusterRole>

  constructor({ client, informers }: ControllerContext) {
    this.#client = client
    this.#roles = informers.for(ClusterRole)
    this.watches = [
      // Any role may be part of any other one; few of them aggregate.
      watchEvents(this.#roles, (_, enqueue) => {
        for (const { metadata, aggregationRule } of this.#roles.list()) {
          if (aggregationRule !== undefined) enqueue(metadata.name)
        }
      }),
    ]
  }

  async reconcile(name: string): Promise<Result> {
    const role = this.#roles.get(name)
    if (role?.aggregationRule === undefined) return undefined
    const rules = aggregatedRules(role, this.#roles.list())
    if (deepEqual(rules, role.rules ?? [])) return undefined
    const { apiVersion, kind } = ClusterRole
    const applied = { apiVersion, kind, metadata: { name }, rules }
    try {
      await this.#client.patch(ClusterRole, { name }, 'application/apply-patch+yaml', applied, {
        fieldManager: FIELD_MANAGER,
        force: true,
      })
    } catch (error) {
      // A server without server-side apply.
      if (!isReason(error, 'UnsupportedMediaType')) throw error
      await this.#client.update(ClusterRole, { ...role, rules })
    }
    return undefined
  }
}

/** The rules of the chosen roles, by the roles' names, each rule once. */
function aggregatedRules(
  { metadata, aggregationRule }: ClusterRole,
  roles: readonly ClusterRole[],
): readonly PolicyRule[] {
  const rules: PolicyRule[] = []
  for (const spec of aggregationRule?.clusterRoleSelectors ?? []) {
    const selector = selectorOf(spec)
    const chosen = roles
      .filter((role) => role.metadata.name !== metadata.name)
      .filter((role) => selector.matches(role.metadata.labels))
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    for (const rule of chosen.flatMap((role) => role.rules ?? [])) {
      if (!rules.some((one) => deepEqual(one, rule))) rules.push(rule)
    }
  }
  return rules
}
