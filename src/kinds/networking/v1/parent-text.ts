import type { ParentReference } from './ip-address.ts'

/** The owner of an address as `resource.group/namespace/name`. */
export function parentText(parent: ParentReference | undefined): string {
  if (parent === undefined) return '<none>'
  const { group = '', resource = '', namespace = '', name = '' } = parent
  const type = group === '' ? resource : `${resource}.${group}`
  return [type.toLowerCase(), ...(namespace === '' ? [] : [namespace]), name].join('/')
}
