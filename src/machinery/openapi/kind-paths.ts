import { subresourcesOf } from '../discovery.ts'
import type { Kind, Subresource, Verb } from '../kind.ts'
import { WatchEvent } from '../meta-watch-event.ts'
import type { StructNode } from '../schema.ts'
import type { KindDefinitions } from './kind-definitions.ts'
import { capitalized, operationPrefix, operationTag } from './names.ts'
import {
  ANY,
  answer,
  LIST_TYPES,
  type Method,
  OBJECT_TYPES,
  type Operation,
  patchTypes,
  TEXT_TYPES,
  writeParameters,
} from './operation.ts'
import {
  DELETE,
  DELETE_COLLECTION,
  LIST,
  NAMESPACE,
  nameParameter,
  type Parameter,
  PRETTY,
} from './parameters.ts'
import { gvkOf } from './schema-object.ts'
import { subresourceOperations } from './subresource-paths.ts'

/** Paths of the operations on a kind. */
export type Paths = Map<string, readonly Operation[]>

/** What the builders of operations need to know. */
export interface PathContext {
  readonly kind: Kind
  readonly definitions: KindDefinitions
  /** The kind that a subresource takes and answers, when it is not the parent's. */
  readonly kindOf: (subresource: Subresource) => Kind | undefined
  /** Fields of a subresource's options as query parameters; undefined when there are none. */
  readonly optionsOf: (subresource: Subresource) => readonly Parameter[] | undefined
}

/** All paths of a kind: collection, object, subresources and the older watch paths. */
export function kindPaths(context: PathContext): Paths {
  const { kind } = context
  const { group, version, plural, scope } = kind
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const isNamespaced = scope === 'Namespaced'
  const place = isNamespaced ? '/namespaces/{namespace}' : ''
  const collection = `${root}${place}/${plural}`
  const paths: Paths = new Map()
  const put = (path: string, operations: readonly (Operation | undefined)[]) => {
    const known = operations.filter((operation) => operation !== undefined)
    if (known.length > 0) paths.set(path, known)
  }
  put(collection, [list(context, ''), create(context), remove(context, 'deletecollection')])
  if (isNamespaced) put(`${root}/${plural}`, [list(context, 'ForAllNamespaces')])
  put(`${collection}/{name}`, [
    read(context),
    replace(context),
    patch(context),
    remove(context, 'delete'),
  ])
  for (const subresource of subresourcesOf(kind)) {
    for (const [path, operations] of subresourceOperations(context, subresource)) {
      put(`${collection}/{name}/${path}`, operations)
    }
  }
  // What is new has no older form.
  if (kind.verbs.includes('watch') && !isCustom(kind)) {
    put(`${root}/watch${place}/${plural}`, [watch(context, 'watchlist', '')])
    if (isNamespaced) {
      put(`${root}/watch/${plural}`, [watch(context, 'watchlist', 'ForAllNamespaces')])
    }
    put(`${root}/watch${place}/${plural}/{name}`, [watch(context, 'watch', '')])
  }
  return paths
}

/** Whether a definition has added the kind. */
export function isCustom({ custom }: Kind): boolean {
  return custom !== undefined
}

/** The parts that all operations of a kind share. */
export function common(
  { kind }: Pick<PathContext, 'kind'>,
  method: Method,
  action: string,
  parameters: readonly Parameter[],
): Pick<Operation, 'method' | 'action' | 'tags' | 'kind' | 'parameters' | 'produces' | 'consumes'> {
  return {
    method,
    action,
    tags: [operationTag(kind.group, kind.version)],
    kind: gvkOf(kind),
    parameters,
    produces: isCustom(kind) ? TEXT_TYPES : OBJECT_TYPES,
    consumes: isCustom(kind) ? TEXT_TYPES : ANY,
  }
}

/** `readCoreV1NamespacedPod`: the verb, the group and version, and what it is done to. */
export function operationId(
  { kind }: Pick<PathContext, 'kind'>,
  verb: string,
  suffix = '',
  method = '',
): string {
  const place = kind.scope === 'Namespaced' ? 'Namespaced' : ''
  const prefix = `${operationPrefix(kind.group, kind.version)}${capitalized(method)}`
  return `${verb}${prefix}${place}${kind.kind}${suffix}`
}

/** What upstream says of reads of custom objects, and not of built-in ones. */
export function readParameters(kind: Kind): readonly Parameter[] {
  return isCustom(kind) ? LIST.filter(({ name }) => name === 'resourceVersion') : []
}

/** That an apply creates custom objects, too, upstream does not say. */
export function patchCodes(kind: Kind): readonly string[] {
  return isCustom(kind) ? ['200'] : ['200', '201']
}

/** The parameters in the path of an object. */
export function objectParameters({ kind }: Pick<PathContext, 'kind'>): readonly Parameter[] {
  const name = nameParameter(kind.kind)
  return kind.scope === 'Namespaced' ? [NAMESPACE, name] : [name]
}

function collectionParameters({ kind }: PathContext): readonly Parameter[] {
  return kind.scope === 'Namespaced' ? [NAMESPACE] : []
}

function has({ kind }: PathContext, verb: Verb): boolean {
  return kind.verbs.includes(verb)
}

function list(context: PathContext, suffix: '' | 'ForAllNamespaces'): Operation | undefined {
  if (!has(context, 'list')) return undefined
  const { kind, definitions } = context
  const isAcross = suffix !== ''
  const place = isAcross ? [] : collectionParameters(context)
  const id = isAcross
    ? `list${operationPrefix(kind.group, kind.version)}${kind.kind}${suffix}`
    : operationId(context, 'list')
  return {
    ...common(context, 'get', 'list', [...place, ...LIST, PRETTY]),
    id,
    description: `Lists or watches objects of kind ${kind.kind}.`,
    produces: isCustom(kind) ? TEXT_TYPES : LIST_TYPES,
    answers: answer(definitions.list(kind), '200'),
  }
}

function create(context: PathContext): Operation | undefined {
  if (!has(context, 'create')) return undefined
  const { kind, definitions } = context
  const schema = definitions.object(kind)
  const parameters = [...collectionParameters(context), ...writeParameters('create'), PRETTY]
  return {
    ...common(context, 'post', 'post', parameters),
    id: operationId(context, 'create'),
    description: `Creates a ${kind.kind}.`,
    body: { schema, required: true },
    answers: answer(schema, '200', '201', '202'),
  }
}

function read(context: PathContext): Operation | undefined {
  if (!has(context, 'get')) return undefined
  const { kind, definitions } = context
  const parameters = [...objectParameters(context), ...readParameters(kind), PRETTY]
  return {
    ...common(context, 'get', 'get', parameters),
    id: operationId(context, 'read'),
    description: `Reads a ${kind.kind}.`,
    answers: answer(definitions.object(kind), '200'),
  }
}

function replace(context: PathContext): Operation | undefined {
  if (!has(context, 'update')) return undefined
  const { kind, definitions } = context
  const schema = definitions.object(kind)
  const parameters = [...objectParameters(context), ...writeParameters('update'), PRETTY]
  return {
    ...common(context, 'put', 'put', parameters),
    id: operationId(context, 'replace'),
    description: `Replaces a ${kind.kind}.`,
    body: { schema, required: true },
    answers: answer(schema, '200', '201'),
  }
}

function patch(context: PathContext): Operation | undefined {
  if (!has(context, 'patch')) return undefined
  const { kind, definitions } = context
  const parameters = [...objectParameters(context), ...writeParameters('patch'), PRETTY]
  return {
    ...common(context, 'patch', 'patch', parameters),
    id: operationId(context, 'patch'),
    description: `Changes parts of a ${kind.kind}.`,
    consumes: patchTypes(isCustom(kind)),
    body: { schema: definitions.patch(), required: true },
    answers: answer(definitions.object(kind), ...patchCodes(kind)),
  }
}

function remove(context: PathContext, verb: 'delete' | 'deletecollection'): Operation | undefined {
  if (!has(context, verb)) return undefined
  const { kind, definitions } = context
  const isOne = verb === 'delete'
  const place = isOne ? objectParameters(context) : collectionParameters(context)
  // Of the deletion of many custom objects upstream shows what a list takes, and no options.
  const many = isCustom(kind) ? LIST : DELETE_COLLECTION
  const deleted =
    isOne && kind.returnsDeletedObject ? definitions.object(kind) : definitions.status()
  return {
    ...common(context, 'delete', verb, [...place, ...(isOne ? DELETE : many), PRETTY]),
    id: isOne ? operationId(context, 'delete') : operationId(context, 'delete', '', 'collection'),
    description: isOne ? `Deletes a ${kind.kind}.` : `Deletes objects of kind ${kind.kind}.`,
    ...((isOne || !isCustom(kind)) && {
      body: { schema: definitions.deleteOptions(), required: false },
    }),
    answers: answer(deleted, '200', ...(isOne ? ['202'] : [])),
  }
}

function watch(
  context: PathContext,
  action: 'watch' | 'watchlist',
  suffix: '' | 'ForAllNamespaces',
): Operation {
  const { kind, definitions } = context
  const isAcross = suffix !== ''
  const place =
    action === 'watch' ? objectParameters(context) : isAcross ? [] : collectionParameters(context)
  const listSuffix = action === 'watch' ? '' : 'List'
  return {
    ...common(context, 'get', action, [...place, ...LIST, PRETTY]),
    id: isAcross
      ? `watch${operationPrefix(kind.group, kind.version)}${kind.kind}List${suffix}`
      : operationId(context, 'watch', listSuffix),
    description: `Watches objects of kind ${kind.kind}; older form of a list with watch=true.`,
    produces: LIST_TYPES,
    answers: answer(definitions.watchEvent(WatchEvent.node as StructNode), '200'),
  }
}
