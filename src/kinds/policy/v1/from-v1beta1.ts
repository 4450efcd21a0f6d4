import { deepEqual } from '../../../machinery/deep-equal.ts'
import type { KubeObject } from '../../../machinery/kind.ts'

/** By which upstream says in one version what an empty selector means in the other. */
const KEY = 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match'
const matchNone = { matchExpressions: [{ key: KEY, operator: 'Exists' }] }
const matchAll = { matchExpressions: [{ key: KEY, operator: 'DoesNotExist' }] }

interface Expression {
  readonly key?: string
}

/**
 * A budget as old servers have stored it: in v1beta1, where an empty selector selects nothing, an
 * absent one nothing either, and upstream's own key in an expression everything.
 */
export function fromV1beta1(stored: KubeObject): KubeObject {
  const { spec, ...rest } = stored as KubeObject & {
    readonly spec?: { readonly selector?: { readonly matchExpressions?: readonly Expression[] } }
  }
  const selector = spec?.selector
  if (selector === undefined) return stored
  return { ...rest, spec: { ...spec, selector: selectorOf(selector) } } as KubeObject
}

function selectorOf(selector: { readonly matchExpressions?: readonly Expression[] }): object {
  // As Go compares: lists and maps without anything in them are as good as absent.
  const filled = Object.entries(selector).filter(([, value]) => Object.keys(value).length > 0)
  if (filled.length === 0) return matchNone
  if (deepEqual(Object.fromEntries(filled), matchAll)) return {}
  const { matchExpressions, ...rest } = selector
  if (matchExpressions === undefined) return rest
  return { ...rest, matchExpressions: matchExpressions.filter(({ key }) => key !== KEY) }
}
