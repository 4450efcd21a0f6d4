import { formatError, type Logger } from '../../../base/logger.ts'
import type { Client, DraftableKind, DraftObject } from '../../../client/client.ts'
import { Namespace } from '../../../kinds/core/v1/namespace.ts'
import { ClusterRole } from '../../../kinds/rbac/v1/cluster-role.ts'
import { ClusterRoleBinding } from '../../../kinds/rbac/v1/cluster-role-binding.ts'
import { Role } from '../../../kinds/rbac/v1/role.ts'
import { RoleBinding } from '../../../kinds/rbac/v1/role-binding.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import { isReason } from '../../../machinery/status-error.ts'
import { bootstrapPolicy } from './bootstrap-policy.ts'
import { planBinding, planRole } from './plan-bootstrap.ts'
import { planAggregatedRoles, planSplitBindings } from './plan-successors.ts'

/** How often a write is tried again that somebody else was faster with. */
const MOST_ATTEMPTS = 5

/** The fields to change, the order to make it anew, or nothing. */
type Plan = object | 'recreate' | undefined

/** What is made of existing objects, by name, before the rest is looked at. */
type Successors<T, D, W> = (
  existing: ReadonlyMap<string, T>,
  wanted: readonly W[],
) => readonly (D & Wanted)[]

interface Wanted {
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

/**
 * Brings the bootstrap roles and bindings into being, and back to what they must hold at least.
 * The client needs the rights of `system:masters`. Throws when something could not be written.
 */
export async function reconcileBootstrapPolicy(client: Client, logger: Logger): Promise<void> {
  const policy = bootstrapPolicy()
  const namespaces = new Set(
    [...policy.roles, ...policy.roleBindings].flatMap(({ metadata }) => metadata.namespace ?? []),
  )
  await Promise.all([...namespaces].map((name) => ensureNamespace(client, name)))
  const reconciler = new Reconciler(client, logger)
  await Promise.all([
    reconciler.reconcile(ClusterRole, policy.clusterRoles, planRole, planAggregatedRoles),
    reconciler.reconcile(Role, policy.roles, planRole),
    reconciler.reconcile(
      ClusterRoleBinding,
      policy.clusterRoleBindings,
      planBinding,
      planSplitBindings,
    ),
    reconciler.reconcile(RoleBinding, policy.roleBindings, planBinding),
  ])
}

class Reconciler {
  readonly #client: Client
  readonly #logger: Logger

  constructor(client: Client, logger: Logger) {
    this.#client = client
    this.#logger = logger
  }

  async reconcile<T extends KubeObject, D extends DraftObject, W extends D & Wanted>(
    kind: DraftableKind<T, D>,
    wanted: readonly W[],
    plan: (existing: T, wanted: W) => Plan,
    planSuccessors: Successors<T, D, W> = () => [],
  ): Promise<void> {
    const { items } = await this.#client.list(kind)
    const byId = new Map(items.map((item) => [idOf(item), item]))
    const byName = new Map(items.map((item) => [item.metadata.name, item]))
    for (const draft of planSuccessors(byName, wanted)) {
      const made = await this.#ensure(kind, draft)
      if (made !== undefined) byId.set(idOf(made), made)
    }
    const outcomes = await Promise.allSettled(
      wanted.map((one) => this.#one(kind, one, byId.get(idOf(one)), plan)),
    )
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected')
    for (const { reason } of failed) {
      const fields = { resource: kind.plural, error: formatError(reason) }
      this.#logger.error('a bootstrap role or binding could not be written', fields)
    }
    const [first] = failed
    if (first !== undefined)
      throw new Error(`bootstrapping ${kind.plural}`, { cause: first.reason })
  }

  async #one<T extends KubeObject, D extends DraftObject, W extends D & Wanted>(
    kind: DraftableKind<T, D>,
    wanted: W,
    known: T | undefined,
    plan: (existing: T, wanted: W) => Plan,
  ): Promise<void> {
    let existing = known
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#write(kind, wanted, existing, plan)
      } catch (error) {
        const isRace = isReason(error, 'Conflict', 'AlreadyExists', 'NotFound')
        if (!isRace || attempt === MOST_ATTEMPTS) throw error
        existing = await this.#find(kind, wanted)
      }
    }
  }

  async #write<T extends KubeObject, D extends DraftObject, W extends D & Wanted>(
    kind: DraftableKind<T, D>,
    wanted: W,
    existing: T | undefined,
    plan: (existing: T, wanted: W) => Plan,
  ): Promise<void> {
    if (existing === undefined) {
      await this.#client.create(kind, wanted)
      return
    }
    const change = plan(existing, wanted)
    if (change === undefined) return
    const { name, namespace } = wanted.metadata
    if (change === 'recreate') {
      const preconditions = { uid: existing.metadata.uid }
      await this.#client.delete(kind, { name, namespace }, { preconditions })
      await this.#client.create(kind, wanted)
    } else {
      await this.#client.update(kind, { ...existing, ...change })
    }
    this.#logger.info('brought a bootstrap role or binding up to date', {
      resource: kind.plural,
      name,
    })
  }

  /** The object made; the one that somebody else has made first, where it still is there. */
  async #ensure<T extends KubeObject, D extends DraftObject>(
    kind: DraftableKind<T, D>,
    draft: D & Wanted,
  ): Promise<T | undefined> {
    try {
      return await this.#client.create(kind, draft)
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error
      return this.#find(kind, draft)
    }
  }

  async #find<T extends KubeObject, D extends DraftObject>(
    kind: DraftableKind<T, D>,
    { metadata }: Wanted,
  ): Promise<T | undefined> {
    try {
      return await this.#client.get(kind, metadata)
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined
      throw error
    }
  }
}

async function ensureNamespace(client: Client, name: string): Promise<void> {
  try {
    await client.create(Namespace, { metadata: { name } })
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
  }
}

function idOf({ metadata }: Wanted | KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}
