import { selectorOf } from '../../../machinery/label-selector.ts'
import type { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import type { ServedResource } from '../../registry/served-resource.ts'

export interface ParamKindSpec {
  readonly apiVersion?: string | undefined
  readonly kind?: string | undefined
}

export interface ParamRefSpec {
  readonly name?: string | undefined
  readonly namespace?: string | undefined
  readonly selector?: LabelSelector | undefined
  readonly parameterNotFoundAction?: string | undefined
}

/** The resource of a policy's parameters. Throws upstream's error where no such kind is served. */
export function paramResource(
  resources: ResourceTable,
  { apiVersion = '', kind = '' }: ParamKindSpec,
): ServedResource {
  const found = resources.findKind(apiVersion, kind)
  if (found !== undefined) return found
  const slash = apiVersion.indexOf('/')
  const group = slash < 0 ? '' : apiVersion.slice(0, slash)
  const shown = `${group}/${apiVersion.slice(slash + 1)}, Kind=${kind}`
  throw new Error(`failed to find resource referenced by paramKind: '${shown}'`)
}

/**
 * The parameters with which a binding has its policy evaluated, once with each; `null` stands for
 * none, where the policy or the binding names none. Throws upstream's errors of configuration.
 */
export async function collectParams(
  resource: ServedResource | undefined,
  reference: ParamRefSpec | undefined,
  requestNamespace: string,
): Promise<readonly unknown[]> {
  if (resource === undefined || reference === undefined) return [null]
  const { name = '', namespace: given = '', selector } = reference
  const namespace = namespaceOf(resource, given, requestNamespace)
  const { cache } = resource.store
  await cache.notOlderThan(0)
  let found: readonly unknown[]
  if (name !== '') {
    if (selector !== undefined) {
      throw new Error('paramRef.name and paramRef.selector are mutually exclusive')
    }
    const stored = cache.get(namespace, name)
    found = stored === undefined ? [] : [resource.fromStored(stored.object)]
  } else if (selector !== undefined) {
    const wanted = selectorOf(selector)
    found = cache
      .list({ namespace, name: '', predicate: ({ metadata }) => wanted.matches(metadata.labels) })
      .map(({ object }) => resource.fromStored(object))
  } else {
    throw new Error('one of name or selector must be provided')
  }
  if (found.length === 0 && reference.parameterNotFoundAction === 'Deny') {
    throw new Error('no params found for policy binding with `Deny` parameterNotFoundAction')
  }
  return found
}

/** That of the reference, else that of the write; '' for parameters of cluster scope. */
function namespaceOf({ store }: ServedResource, given: string, requested: string): string {
  if (!store.isNamespaced) {
    if (given === '') return ''
    throw new Error('paramRef.namespace must not be provided for a cluster-scoped `paramKind`')
  }
  const namespace = given === '' ? requested : given
  if (namespace !== '') return namespace
  throw new Error(
    'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
  )
}
