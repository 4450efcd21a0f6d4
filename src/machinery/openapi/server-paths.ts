import type { StructNode } from '../schema.ts'
import { s } from '../schema.ts'
import { answer, type Operation } from './operation.ts'
import type { Definitions, Part } from './schema-object.ts'

/** What `/version` answers, as OpenAPI describes it. */
const VersionInfo = s.struct('io.k8s.apimachinery.pkg.version.Info', {
  major: s.string(),
  minor: s.string(),
  emulationMajor: s.string().optional(),
  emulationMinor: s.string().optional(),
  minCompatibilityMajor: s.string().optional(),
  minCompatibilityMinor: s.string().optional(),
  gitVersion: s.string(),
  gitCommit: s.string(),
  gitTreeState: s.string(),
  buildDate: s.string(),
  goVersion: s.string(),
  compiler: s.string(),
  platform: s.string(),
})

/** A path of the server itself, beside those of groups: a document of its own in OpenAPI v3. */
export interface ServerPath {
  /** Without slashes around it: `/openapi/v3/PATH`. */
  readonly path: string
  operation(definitions: Definitions): Operation
}

const JSON_TYPES = ['application/json']

/** The paths that upstream describes though they are of no group. */
export const SERVER_PATHS: readonly ServerPath[] = [
  {
    path: '.well-known/openid-configuration',
    operation: () => ({
      ...operationOf('getServiceAccountIssuerOpenIDConfiguration', 'WellKnown'),
      description: 'Says where the keys are that service account tokens can be verified with.',
      produces: JSON_TYPES,
      answers: answer({ type: 'string' }, '200'),
    }),
  },
  {
    path: 'openid/v1/jwks',
    operation: () => ({
      ...operationOf('getServiceAccountIssuerOpenIDKeyset', 'openid'),
      description: 'The public keys that service account tokens can be verified with.',
      produces: ['application/jwk-set+json'],
      answers: answer({ type: 'string' }, '200'),
    }),
  },
  {
    path: 'version',
    operation: (definitions) => ({
      ...operationOf('getCodeVersion', 'version'),
      description: 'Says which release of Kubernetes is served, and by what.',
      produces: JSON_TYPES,
      consumes: JSON_TYPES,
      answers: answer(definitions.addStruct(VersionInfo.node as StructNode), '200'),
    }),
  },
]

function operationOf(id: string, tag: string) {
  const none: readonly string[] = []
  return { method: 'get' as const, id, tags: [tag], parameters: [], consumes: none }
}

/** The operation of a path, by the path as documents have it. */
export function serverOperations(
  { path, operation }: ServerPath,
  definitions: Definitions,
): readonly [string, readonly Operation[]] {
  return [`/${path}/`, [operation(definitions)]]
}

/** The components of a document: one without types says nothing of them. */
export function componentsPart(schemas: Part, securitySchemes: Part): Part {
  return { ...(Object.keys(schemas).length > 0 && { schemas }), securitySchemes }
}
