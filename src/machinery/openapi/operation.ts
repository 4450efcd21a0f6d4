import type { Verb } from '../kind.ts'
import { PATCH, type Parameter, parameterPart, WRITE } from './parameters.ts'
import type { Form, GroupVersionKind, Part } from './schema-object.ts'

/** An HTTP method of a path. */
export type Method = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch'

/** One operation, before it is written in the form of a document. */
export interface Operation {
  readonly method: Method
  readonly id: string
  readonly action?: string
  readonly description: string
  readonly tags: readonly string[]
  readonly kind?: GroupVersionKind
  readonly parameters: readonly Parameter[]
  readonly body?: Body
  /** What is answered, by status code. */
  readonly answers: Readonly<Record<string, Part>>
  readonly produces: readonly string[]
  readonly consumes: readonly string[]
}

export interface Body {
  readonly schema: Part
  readonly required: boolean
}

export const ANY = ['*/*']
/** Of kinds that were added at run time. */
export const TEXT_TYPES = ['application/json', 'application/yaml']
export const OBJECT_TYPES = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/cbor',
]
export const LIST_TYPES = [
  ...OBJECT_TYPES,
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
  'application/cbor-seq',
]
export const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/apply-patch+cbor',
]
const CUSTOM_PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/apply-patch+yaml',
]

/** Custom resources have no merge keys, and so no strategic merge. */
export function patchTypes(isCustom: boolean): readonly string[] {
  return isCustom ? CUSTOM_PATCH_TYPES : PATCH_TYPES
}

const STATUS_TEXT: Readonly<Record<string, string>> = {
  '200': 'OK',
  '201': 'Created',
  '202': 'Accepted',
  '401': 'Unauthorized',
}

/** The same answer under several codes. */
export function answer(schema: Part, ...codes: readonly string[]): Readonly<Record<string, Part>> {
  return Object.fromEntries(codes.map((code) => [code, schema]))
}

/** The query parameters of the verbs that write. */
export function writeParameters(verb: Verb): readonly Parameter[] {
  return verb === 'patch' ? PATCH : WRITE
}

/** All operations of a path; what all of them have as parameters stands above them. */
export function pathPart(operations: readonly Operation[], form: Form): Part {
  const [first, ...rest] = operations
  if (first === undefined) return {}
  const isShared = (parameter: Parameter) =>
    rest.every(({ parameters }) => parameters.some((other) => isSame(parameter, other)))
  const shared = first.parameters.filter(isShared)
  const own = ({ parameters }: Operation) =>
    parameters.filter((parameter) => !shared.some((other) => isSame(parameter, other)))
  return {
    ...Object.fromEntries(
      operations.map((operation) => [operation.method, operationPart(operation, own, form)]),
    ),
    ...(shared.length > 0 ? { parameters: parameterParts(shared, form) } : {}),
  }
}

function isSame(a: Parameter, b: Parameter): boolean {
  return a.name === b.name && a.in === b.in
}

function parameterParts(parameters: readonly Parameter[], form: Form): readonly Part[] {
  return parameters
    .toSorted((a, b) => (a.name === b.name ? compare(a.in, b.in) : compare(a.name, b.name)))
    .map((parameter) => parameterPart(parameter, form))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function operationPart(
  operation: Operation,
  own: (operation: Operation) => readonly Parameter[],
  form: Form,
): Part {
  const { id, action, description, tags, kind, answers } = operation
  const parameters = parameterParts(own(operation), form)
  return {
    ...(description === '' ? {} : { description }),
    operationId: id,
    tags,
    ...(form === 'v3'
      ? bodyAndAnswersV3(operation, parameters)
      : bodyAndAnswersV2(operation, parameters)),
    ...(action === undefined ? {} : { 'x-kubernetes-action': action }),
    ...(kind === undefined ? {} : { 'x-kubernetes-group-version-kind': kind }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([code, schema]) => [
          code,
          { description: STATUS_TEXT[code], ...contentPart(schema, operation.produces, form) },
        ]),
      ),
      '401': { description: STATUS_TEXT['401'] },
    },
  }
}

function bodyAndAnswersV3({ body, consumes }: Operation, parameters: readonly Part[]): Part {
  return {
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            ...contentPart(body.schema, consumes, 'v3'),
            ...(body.required ? { required: true } : {}),
          },
        }),
  }
}

function bodyAndAnswersV2(
  { body, consumes, produces }: Operation,
  parameters: readonly Part[],
): Part {
  const all =
    body === undefined
      ? parameters
      : [
          {
            name: 'body',
            in: 'body',
            ...(body.required ? { required: true } : {}),
            schema: body.schema,
          },
          ...parameters,
        ]
  return {
    ...(consumes.length > 0 ? { consumes } : {}),
    produces,
    schemes: ['https'],
    ...(all.length > 0 ? { parameters: all } : {}),
  }
}

function contentPart(schema: Part, types: readonly string[], form: Form): Part {
  if (form === 'v2') return { schema }
  return { content: Object.fromEntries(types.map((type) => [type, { schema }])) }
}
