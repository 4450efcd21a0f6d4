import type { Subresource, Verb } from '../kind.ts'
import type { PathContext } from './kind-paths.ts'
import {
  common,
  isCustom,
  objectParameters,
  operationId,
  patchCodes,
  readParameters,
} from './kind-paths.ts'
import { capitalized } from './names.ts'
import {
  ANY,
  answer,
  type Method,
  OBJECT_TYPES,
  type Operation,
  patchTypes,
  TEXT_TYPES,
  writeParameters,
} from './operation.ts'
import { type Parameter, PRETTY } from './parameters.ts'
import { gvkOf } from './schema-object.ts'

const METHODS: Readonly<Partial<Record<Verb, Method>>> = {
  get: 'get',
  create: 'post',
  update: 'put',
  patch: 'patch',
  delete: 'delete',
}

const PROXY_METHODS: readonly Method[] = [
  'get',
  'put',
  'post',
  'delete',
  'options',
  'head',
  'patch',
]

const TEXT = { type: 'string' }

/** The paths below an object, relative to it, with their operations. */
export function subresourceOperations(
  context: PathContext,
  subresource: Subresource,
): readonly (readonly [string, readonly Operation[]])[] {
  const { name, verbs } = subresource
  const options = context.optionsOf(subresource)
  if (options === undefined) {
    return [[name, verbs.flatMap((verb) => plainOperation(context, subresource, verb))]]
  }
  // Logs are read as a resource is; all other options open a connection.
  if (subresource.kind === undefined) return [[name, [logOperation(context, subresource, options)]]]
  const isProxy = name === 'proxy'
  const methods = isProxy ? PROXY_METHODS : verbs.flatMap((verb) => METHODS[verb] ?? [])
  const connect = (suffix: string, extra: readonly Parameter[]) =>
    methods.map((method) =>
      connectOperation(context, subresource, method, suffix, [...options, ...extra]),
    )
  const direct = [name, connect('', [])] as const
  if (!isProxy) return [direct]
  return [direct, [`${name}/{path}`, connect('WithPath', [REST_OF_PATH])]]
}

const REST_OF_PATH: Parameter = {
  name: 'path',
  in: 'path',
  type: 'string',
  required: true,
  description: 'The path to ask for.',
}

function plainOperation(
  context: PathContext,
  subresource: Subresource,
  verb: Verb,
): readonly Operation[] {
  const { kind, definitions } = context
  const sent = context.kindOf(subresource) ?? kind
  const schema = definitions.object(sent)
  const suffix = capitalized(subresource.name)
  const path = [...objectParameters(nameOf(context, subresource)), PRETTY]
  const write = (
    method: Method,
    action: string,
    id: string,
    codes: readonly string[],
  ): Operation => ({
    ...common(context, method, action, [...path, ...writeParameters(verb)]),
    kind: gvkOf(isCustom(kind) ? kind : sent),
    id: operationId(context, id, suffix),
    description: `Writes the ${subresource.name} of a ${kind.kind}.`,
    body:
      verb === 'patch'
        ? { schema: definitions.patch(), required: true }
        : { schema, required: true },
    consumes: verb === 'patch' ? patchTypes(isCustom(kind)) : isCustom(kind) ? TEXT_TYPES : ANY,
    answers: answer(schema, ...codes),
  })
  switch (verb) {
    case 'get':
      return [
        {
          ...common(context, 'get', 'get', [...path, ...readParameters(kind)]),
          kind: gvkOf(isCustom(kind) ? kind : sent),
          id: operationId(context, 'read', suffix),
          description: `Reads the ${subresource.name} of a ${kind.kind}.`,
          answers: answer(schema, '200'),
        },
      ]
    case 'create':
      return [write('post', 'post', 'create', ['200', '201', '202'])]
    case 'update':
      return [write('put', 'put', 'replace', ['200', '201'])]
    case 'patch':
      return [write('patch', 'patch', 'patch', patchCodes(kind))]
    default:
      return []
  }
}

/** Upstream names the path's parameter after what the subresource takes. */
function nameOf({ kind }: PathContext, { kind: own }: Subresource): Pick<PathContext, 'kind'> {
  return { kind: own === undefined ? kind : { ...kind, kind: own } }
}

function logOperation(
  context: PathContext,
  subresource: Subresource,
  options: readonly Parameter[],
): Operation {
  return {
    ...common(context, 'get', 'get', [...objectParameters(context), ...options, PRETTY]),
    id: operationId(context, 'read', capitalized(subresource.name)),
    description: `Reads the ${subresource.name} of a ${context.kind.kind}.`,
    produces: ['text/plain', ...OBJECT_TYPES],
    answers: answer(TEXT, '200'),
  }
}

function connectOperation(
  context: PathContext,
  subresource: Subresource,
  method: Method,
  suffix: string,
  options: readonly Parameter[],
): Operation {
  const { kind } = context
  const names = nameOf(context, subresource)
  return {
    ...common(context, method, 'connect', [...objectParameters(names), ...options]),
    kind: { group: kind.group, version: kind.version, kind: subresource.kind ?? kind.kind },
    id: operationId(context, 'connect', `${capitalized(subresource.name)}${suffix}`, method),
    description: `Connects to the ${subresource.name} of a ${kind.kind}.`,
    produces: ANY,
    answers: answer(TEXT, '200'),
  }
}
