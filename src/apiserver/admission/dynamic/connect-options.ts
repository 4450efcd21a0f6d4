import { subresourceOptions } from '../../../kinds/subresource-options.ts'
import { apiVersionOf } from '../../../machinery/kind.ts'
import type { FieldNode, StructNode } from '../../../machinery/schema.ts'
import type { ServerRequest } from '../../request.ts'
import { splitProxyPath } from '../../streaming/proxy-name.ts'
import type { GroupVersionKind } from './admission-target.ts'

type Options = Readonly<Record<string, unknown>>

/** What a client asks of a connection, as the object that upstream reads the query into. */
export function connectOptions(gvk: GroupVersionKind, request: ServerRequest): Options {
  const names = { kind: gvk.kind, apiVersion: apiVersionOf(gvk.group, gvk.version) }
  const node = nodeOf(gvk)
  if (node === undefined) return names
  // A list that need not be named is null, as Go writes it.
  const given: Record<string, unknown> = 'command' in node.fields ? { command: null } : {}
  for (const [name, field] of Object.entries(node.fields)) {
    const values = request.query.getAll(name)
    if (name in names || values.length === 0) continue
    given[name] = readQuery(field, values)
  }
  if (gvk.kind.endsWith('ProxyOptions')) given['path'] = proxiedPath(request)
  return { ...names, ...given }
}

function proxiedPath({ url }: ServerRequest): string {
  return splitProxyPath(url).rest.replace(/\?.*$/s, '')
}

/** Makes the query say what a webhook or a policy has made of the options. */
export function applyConnectOptions({ query }: ServerRequest, options: Options): void {
  for (const name of [...query.keys()]) if (!(name in options)) query.delete(name)
  for (const [name, value] of Object.entries(options)) {
    if (name === 'kind' || name === 'apiVersion') continue
    query.delete(name)
    for (const one of [value ?? []].flat()) query.append(name, String(one))
  }
}

function nodeOf({ kind }: GroupVersionKind): StructNode | undefined {
  return subresourceOptions[kind]?.node as StructNode | undefined
}

/** Present means true, unless it says false or 0. */
function readQuery({ node }: FieldNode, values: readonly string[]): unknown {
  const [first = ''] = values
  if (node.type === 'list') {
    const isNumber = node.items.type === 'scalar' && node.items.format !== 'string'
    return isNumber ? values.flatMap((value) => value.split(',').map(Number)) : values
  }
  if (node.type !== 'scalar') return undefined
  if (node.format === 'boolean') return first !== '0' && first.toLowerCase() !== 'false'
  return node.format === 'string' ? first : Number(first)
}
