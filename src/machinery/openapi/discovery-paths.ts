import { APIGroup, APIGroupList, APIResourceList, APIVersions } from '../meta-discovery.ts'
import type { Schema, StructNode } from '../schema.ts'
import { operationPrefix, operationTag } from './names.ts'
import { answer, type Operation } from './operation.ts'
import { type Definitions, GVK } from './schema-object.ts'

const TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']

type Paths = readonly (readonly [string, readonly Operation[]])[]

/** `/apis/GROUP/VERSION/`, which lists resources. */
export function groupVersionDocument(
  { group, version }: { readonly group: string; readonly version: string },
  definitions: Definitions,
): Paths {
  const root = group === '' ? `/api/${version}/` : `/apis/${group}/${version}/`
  const operation = discoveryOperation(
    `get${operationPrefix(group, version)}APIResources`,
    operationTag(group, version),
    APIResourceList,
    'APIResourceList',
    definitions,
    [...TYPES, 'application/cbor'],
  )
  return [[root, [operation]]]
}

/** `/apis/GROUP/`, which lists versions. */
export function groupDocument(group: string, definitions: Definitions): Paths {
  const name = operationPrefix(group, '')
  const schema = group === '' ? APIVersions : APIGroup
  const type = group === '' ? 'APIVersions' : 'APIGroup'
  const root = group === '' ? '/api/' : `/apis/${group}/`
  const id = group === '' ? 'getCoreAPIVersions' : `get${name}APIGroup`
  const tag = operationTag(group, undefined)
  return [[root, [discoveryOperation(id, tag, schema, type, definitions, TYPES)]]]
}

/** `/apis/`, which lists groups. */
export function groupsDocument(definitions: Definitions): Paths {
  const id = 'getAPIVersions'
  definitions.addStruct(APIGroup.node as StructNode, {
    [GVK]: [{ group: '', version: 'v1', kind: 'APIGroup' }],
  })
  return [
    ['/apis/', [discoveryOperation(id, 'apis', APIGroupList, 'APIGroupList', definitions, TYPES)]],
  ]
}

function discoveryOperation(
  id: string,
  tag: string,
  schema: Schema<unknown, unknown>,
  kind: string,
  definitions: Definitions,
  produces: readonly string[],
): Operation {
  const part = definitions.addStruct(schema.node as StructNode, {
    [GVK]: [{ group: '', version: 'v1', kind }],
  })
  return {
    method: 'get',
    id,
    description: 'Says what is served.',
    tags: [tag],
    parameters: [],
    produces,
    consumes: produces,
    answers: answer(part, '200'),
  }
}
