import type { NamespaceCondition } from '../../kinds/core/v1/namespace.ts'
import { setCondition } from '../../machinery/conditions.ts'

/** What one attempt to empty a namespace has met. */
export interface Emptying {
  readonly discoveryFailures: readonly string[]
  readonly errors: readonly string[]
  /** Undefined while pods remain and nothing else was looked at. */
  readonly totals:
    | {
        /** Objects left, by `plural.group`. */
        readonly remaining: ReadonlyMap<string, number>
        /** Objects that a finalizer keeps, by finalizer. */
        readonly finalizers: ReadonlyMap<string, number>
      }
    | undefined
}

type Told = Pick<NamespaceCondition, 'status' | 'reason' | 'message'>

/** The conditions of a namespace that is going away, each one said whether it holds or not. */
export function namespaceConditions(
  old: readonly NamespaceCondition[] | undefined,
  emptying: Emptying,
  now: string,
): readonly NamespaceCondition[] {
  let conditions: readonly NamespaceCondition[] = old ?? []
  for (const [type, tell, whenFine] of RULES) {
    const told: Told = tell(emptying) ?? { status: 'False', ...whenFine }
    conditions = setCondition(conditions, { type, ...told }, now)
  }
  return conditions
}

const RULES: readonly (readonly [
  type: string,
  tell: (emptying: Emptying) => Told | undefined,
  whenFine: { readonly reason: string; readonly message: string },
])[] = [
  [
    'NamespaceDeletionDiscoveryFailure',
    ({ discoveryFailures }) => {
      if (discoveryFailures.length === 0) return undefined
      const count = discoveryFailures.length
      const list = discoveryFailures.join(', ')
      const message = `Discovery failed for some groups, ${count} failing: ${list}`
      return { status: 'True', reason: 'DiscoveryFailed', message }
    },
    { reason: 'ResourcesDiscovered', message: 'All resources successfully discovered' },
  ],
  [
    'NamespaceDeletionGroupVersionParsingFailure',
    () => undefined,
    { reason: 'ParsedGroupVersions', message: 'All legacy kube types successfully parsed' },
  ],
  [
    'NamespaceDeletionContentFailure',
    ({ errors }) => {
      if (errors.length === 0) return undefined
      const list = errors.toSorted().join(', ')
      const message = `Failed to delete all resource types, ${errors.length} remaining: ${list}`
      return { status: 'True', reason: 'ContentDeletionFailed', message }
    },
    {
      reason: 'ContentDeleted',
      message: 'All content successfully deleted, may be waiting on finalization',
    },
  ],
  [
    'NamespaceContentRemaining',
    ({ totals }) => {
      const list = listed(
        totals?.remaining,
        (name, count) => `${name} has ${count} resource instances`,
      )
      if (list === '') return undefined
      const message = `Some resources are remaining: ${list}`
      return { status: 'True', reason: 'SomeResourcesRemain', message }
    },
    { reason: 'ContentRemoved', message: 'All content successfully removed' },
  ],
  [
    'NamespaceFinalizersRemaining',
    ({ totals }) => {
      const list = listed(
        totals?.finalizers,
        (name, count) => `${name} in ${count} resource instances`,
      )
      if (list === '') return undefined
      const message = `Some content in the namespace has finalizers remaining: ${list}`
      return { status: 'True', reason: 'SomeFinalizersRemain', message }
    },
    {
      reason: 'ContentHasNoFinalizers',
      message: 'All content-preserving finalizers finished',
    },
  ],
]

function listed(
  counts: ReadonlyMap<string, number> | undefined,
  format: (name: string, count: number) => string,
): string {
  return Array.from(counts ?? [], ([name, count]) => format(name, count))
    .toSorted()
    .join(', ')
}
