import { parse } from 'yaml'
import { JsonSyntaxError, parseJson } from '../../base/json.ts'
import { decodeObject, strictDecodingError } from '../../machinery/decode.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import { badRequest, StatusError } from '../../machinery/status-error.ts'
import type { ServerRequest } from '../request.ts'
import type { FieldValidation } from './write-options.ts'

const decoder = new TextDecoder('utf-8', { fatal: false })

/** The body of a request as an untyped value; undefined for an empty one. */
export async function readValue(request: ServerRequest): Promise<unknown> {
  if (request.object !== undefined) return request.object
  const body = await request.body()
  if (body.length === 0) return undefined
  return parseBody(decoder.decode(body), mediaTypeOf(request))
}

/** A patch as an untyped value. */
export async function readPatch(request: ServerRequest): Promise<unknown> {
  if (request.object !== undefined) return request.object
  const text = decoder.decode(await request.body())
  try {
    return parseJson(text)
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw badRequest(`error decoding patch: ${error.message}`)
  }
}

/** The media type of the body, without parameters. */
export function mediaTypeOf({ headers }: ServerRequest): string {
  const [type = ''] = (headers['content-type'] ?? 'application/json').split(';')
  return type.trim().toLowerCase()
}

/** The body as an object of a kind, with its defaults: 400 for what cannot be one. */
export async function readObject(
  request: ServerRequest,
  kind: Kind,
  fieldValidation: FieldValidation,
): Promise<KubeObject> {
  const value = await readValue(request)
  if (value === undefined) throw badRequest('the request body is empty: an object is needed')
  return decodeAs(request, kind, value, fieldValidation)
}

/** A value as an object of a kind; what it has too much is refused, warned of or ignored. */
export function decodeAs(
  request: ServerRequest,
  kind: Kind,
  value: unknown,
  fieldValidation: FieldValidation,
): KubeObject {
  const { value: object, problems } = decodeObject(kind, value)
  if (problems.length > 0 && fieldValidation === 'Strict') throw strictDecodingError(kind, problems)
  if (fieldValidation === 'Warn') for (const problem of problems) request.addWarning(problem)
  const { metadata = {} } = object as Partial<KubeObject>
  const complete = { ...object, metadata } as KubeObject
  return kind.setDefaults?.(complete) ?? complete
}

function parseBody(text: string, mediaType: string): unknown {
  if (mediaType === 'application/yaml') return parseYaml(text)
  if (mediaType !== 'application/json' && mediaType !== '') {
    throw new StatusError(
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: ' +
        'application/json, application/yaml',
    )
  }
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof JsonSyntaxError) {
      throw badRequest(`couldn't get version/kind; json parse error: ${error.message}`)
    }
    throw error
  }
}

function parseYaml(text: string): unknown {
  try {
    return parse(text, { version: '1.1' })
  } catch (error) {
    throw badRequest(`error converting YAML to JSON: ${(error as Error).message}`)
  }
}
