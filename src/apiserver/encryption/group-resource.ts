/** A resource and its API group, either of which may be `*` in a configuration. */
export interface GroupResource {
  /** Empty for the core group. */
  readonly group: string
  readonly resource: string
}

/** Splits `deployments.apps`, `secrets`, `*.` (all of the core group), `*.apps` or `*.*`. */
export function parseGroupResource(name: string): GroupResource {
  const dot = name.indexOf('.')
  if (dot < 0) return { group: '', resource: name }
  return { resource: name.slice(0, dot), group: name.slice(dot + 1) }
}

/** The reverse, as it stands in a configuration. */
export function formatGroupResource({ group, resource }: GroupResource): string {
  if (group !== '') return `${resource}.${group}`
  return resource === '*' ? '*.' : resource
}
