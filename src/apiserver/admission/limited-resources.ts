import {
  type ResourceQuota,
  ScopedResourceSelectorRequirement,
} from '../../kinds/core/v1/resource-quota.ts'
import type { Amounts } from '../../kinds/quota/amounts.ts'
import type { QuotaEvaluator } from '../../kinds/quota/evaluator.ts'
import { FieldPath, formatFieldError, required } from '../../machinery/field-error.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { type Infer, s } from '../../machinery/schema.ts'
import { type ConfigurationSort, readConfiguration } from '../read-configuration.ts'

const LimitedResource = s.struct('apiserver.config.v1.LimitedResource', {
  apiGroup: s.string().default(''),
  resource: s.string().default(''),
  matchContains: s.list(s.string()).default([]),
  matchScopes: s.list(ScopedResourceSelectorRequirement).default([]),
})

/** What nobody may use without a quota that bounds it: `ResourceQuotaConfiguration`. */
export interface LimitedResource extends Infer<typeof LimitedResource> {}

const Configuration = s.struct('apiserver.config.v1.ResourceQuotaConfiguration', {
  limitedResources: s.list(LimitedResource).default([]),
})

const sort: ConfigurationSort<Infer<typeof Configuration>> = {
  apiVersions: ['apiserver.config.k8s.io/v1'],
  kind: 'ResourceQuotaConfiguration',
  schema: Configuration,
}

/** Reads the configuration of the ResourceQuota plugin. Throws with all that is wrong with it. */
export async function parseLimitedResources(text: string): Promise<readonly LimitedResource[]> {
  const { limitedResources } = await readConfiguration(text, sort)
  const path = FieldPath.root.child('limitedResources')
  const errors = limitedResources.flatMap(({ resource }, index) =>
    resource === '' ? [required(path.index(index).child('resource'))] : [],
  )
  if (errors.length > 0) throw new Error(errors.map(formatFieldError).join(', '))
  return limitedResources
}

/** One write, and the quotas of its namespace. */
export interface LimitedUse {
  readonly evaluator: QuotaEvaluator
  readonly object: KubeObject
  readonly usage: Amounts
  readonly quotas: readonly ResourceQuota[]
  /** The bounds of those quotas that are for the object. */
  readonly bounded: ReadonlySet<string>
}

/** The resources that an object uses, that need a quota, and that have none. */
export function uncoveredResources(
  limited: readonly LimitedResource[],
  { evaluator, usage, bounded }: LimitedUse,
): readonly string[] {
  const { group, plural } = evaluator.kind
  const parts = limited
    .filter(({ apiGroup, resource }) => apiGroup === group && resource === plural)
    .flatMap(({ matchContains }) => matchContains)
  const names = Array.from(usage).flatMap(([name, amount]) => (amount.sign > 0 ? [name] : []))
  return names
    .filter((name) => parts.some((part) => name.includes(part)) && !bounded.has(name))
    .sort()
}

/** The scopes that an object is in, that need a quota, and that no quota names. */
export function uncoveredScopes(
  limited: readonly LimitedResource[],
  { evaluator, object, quotas }: LimitedUse,
): readonly ScopedResourceSelectorRequirement[] {
  const wanted = limited
    .flatMap(({ matchScopes }) => matchScopes)
    .filter((scope) => evaluator.isInScope(scope, object))
  if (wanted.length === 0) return []
  const named = new Set(
    quotas
      .flatMap(scopesOf)
      .filter((scope) => evaluator.isInScope(scope, object))
      .map(({ scopeName }) => scopeName),
  )
  return wanted.filter(({ scopeName }) => !named.has(scopeName))
}

function scopesOf({ spec }: ResourceQuota): readonly ScopedResourceSelectorRequirement[] {
  const { scopes = [], scopeSelector } = spec
  const plain = scopes.map((scopeName) => ({ scopeName, operator: 'Exists' as const }))
  return [...plain, ...(scopeSelector?.matchExpressions ?? [])]
}

/** As upstream's messages show them: `[{PriorityClass In [a b]}]`. */
export function formatScopes(scopes: readonly ScopedResourceSelectorRequirement[]): string {
  const texts = scopes.map(
    ({ scopeName, operator, values = [] }) => `{${scopeName} ${operator} [${values.join(' ')}]}`,
  )
  return `[${texts.join(' ')}]`
}
