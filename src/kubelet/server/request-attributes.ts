/** What the authorizer is asked about a request to the kubelet: a subresource of its node. */
export interface NodeAccess {
  readonly verb: string
  /** Any one that is allowed will do. */
  readonly subresources: readonly string[]
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** Paths with a permission of their own, in place of the one for everything (`proxy`). */
const OWN = [
  ['/stats', 'stats'],
  ['/metrics', 'metrics'],
  ['/logs', 'log'],
  ['/checkpoint', 'checkpoint'],
] as const
/** Paths for which either their own permission or `proxy` will do. */
const FINE = [
  ['/pods', 'pods'],
  ['/runningpods', 'pods'],
  ['/healthz', 'healthz'],
  ['/configz', 'configz'],
] as const

/** Upstream's mapping from kubelet requests to permissions on `nodes/...`. */
export function nodeAccessOf(method: string, path: string): NodeAccess {
  const verb = VERBS[method] ?? ''
  const isBelow = ([prefix]: readonly [string, string]) =>
    path === prefix || path.startsWith(`${prefix}/`)
  const own = OWN.find(isBelow)
  if (own !== undefined) return { verb, subresources: [own[1]] }
  const fine = FINE.find(isBelow)
  return { verb, subresources: fine === undefined ? ['proxy'] : [fine[1], 'proxy'] }
}
