import { type Clock, formatTime } from '../../base/clock.ts'
import { formatError } from '../../base/logger.ts'
import { type Random, uuid } from '../../base/random.ts'
import { TokenRequest } from '../../kinds/authentication/v1/token-request.ts'
import { Node } from '../../kinds/core/v1/node.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { Secret } from '../../kinds/core/v1/secret.ts'
import { FieldPath, invalid } from '../../machinery/field-error.ts'
import type { Kind, KindRef, KubeObject } from '../../machinery/kind.ts'
import {
  badRequest,
  conflict,
  internalError,
  invalidObject,
  isReason,
} from '../../machinery/status-error.ts'
import { withReviewTracked } from '../apply/review-managers.ts'
import type { ServerRequest } from '../request.ts'
import { readCreation } from '../subresources/read-creation.ts'
import type { SubresourceHandler, VerbContext } from '../verbs/dispatch.ts'
import { respondWithAnswer } from '../verbs/respond.ts'
import { notAllowed } from '../verbs/routes.ts'
import { attributesOf } from '../verbs/write-context.ts'
import {
  type ClaimedObject,
  type ServiceAccountClaims,
  serviceAccountUserName,
} from './service-account-claims.ts'
import type { TokenSigner } from './signing-keys.ts'

export interface TokenIssuerOptions {
  readonly clock: Clock
  readonly random: Random
  readonly key: TokenSigner
  /** The `iss` of new tokens. */
  readonly issuer: string
  /** Of tokens that are asked for without an audience: this API server's own. */
  readonly audiences: readonly string[]
  /** What is asked for beyond it is shortened; no bound when absent. */
  readonly maxExpirationSeconds?: number | undefined
  /** Of tokens that are extended: a year when absent. */
  readonly maxExtendedExpirationSeconds?: number | undefined
  /** False: programs that never read their token again fail after an hour. */
  readonly extendsExpiration?: boolean | undefined
}

const DEFAULT_EXPIRATION_SECONDS = 3600
const LEAST_EXPIRATION_SECONDS = 600
const MOST_EXPIRATION_SECONDS = 2 ** 32
/**
 * Programs that never read their token again must not fail after an hour: what a kubelet asks for
 * by this odd number of seconds lives for a year, and its use after the hour is told.
 */
const WARN_ONLY_EXPIRATION_SECONDS = 3607
const EXTENDED_EXPIRATION_SECONDS = 365 * 24 * 3600

/** The objects that a token dies with. */
interface Binding {
  readonly pod?: ClaimedObject
  readonly secret?: ClaimedObject
  readonly node?: ClaimedObject
}

/** POST to `serviceaccounts/NAME/token`. */
export function serviceAccountToken(options: TokenIssuerOptions): SubresourceHandler {
  return async (request, resource, context) => {
    const { info } = request
    if (info.verb !== 'create') throw notAllowed()
    const kind = TokenRequest as unknown as Kind
    const { object: given, isDryRun } = await readCreation(request, resource, TokenRequest)
    checkName(given, info)
    const now = options.clock.now()
    const attributes = {
      ...attributesOf(request, resource, 'CREATE', isDryRun),
      kind,
      oldObject: undefined,
    }
    const object = withReviewTracked(request, kind, withDefaults(given), now) as TokenRequest
    // A node that may not have the token does not even learn whether there is such an account.
    await context.admission.mutate({ ...attributes, object })
    const account = (await resource.store.get(info.namespace, info.name)).object
    const { uid } = account.metadata
    const wantedUid = given.metadata.uid ?? ''
    if (wantedUid !== '' && wantedUid !== uid) {
      const why =
        `the UID in the token request (${wantedUid}) does not match the UID of the service account ` +
        `(${uid})`
      throw conflict({ group: kind.group, plural: kind.kind }, info.name, why)
    }
    const asked = complete(object, account, now, options)
    checkExpiration(asked)
    await context.admission.validate({ ...attributes, object: asked })
    const completed = shorten(asked, request, options)
    const binding = await findBinding(completed, request, context)
    const claims = claimsOf(completed, binding, now, options)
    request.auditAnnotations.set(
      'authentication.kubernetes.io/issued-credential-id',
      `JTI=${claims.jti}`,
    )
    const expirationSeconds = completed.spec.expirationSeconds ?? DEFAULT_EXPIRATION_SECONDS
    const status = {
      token: await signed(claims, options),
      expirationTimestamp: formatTime(now + expirationSeconds * 1000),
    }
    return respondWithAnswer(request, kind, { ...completed, status } as KubeObject)
  }
}

async function signed(claims: ServiceAccountClaims, { key }: TokenIssuerOptions): Promise<string> {
  try {
    return await key.signToken(claims)
  } catch (error) {
    throw internalError(`failed to generate token: ${formatError(error)}`)
  }
}

function checkName({ metadata }: TokenRequest, info: ServerRequest['info']): void {
  const { name = '' } = metadata
  if (name === '' || name === info.name) return
  const path = FieldPath.root.child('metadata', 'name')
  const error = invalid(path, name, 'must match the service account name if specified')
  throw invalidObject(TokenRequest, info.name, [error])
}

function withDefaults({ spec, ...request }: TokenRequest): TokenRequest {
  const { expirationSeconds = DEFAULT_EXPIRATION_SECONDS } = spec
  return { ...request, spec: { ...spec, expirationSeconds } }
}

function complete(
  { spec, ...request }: TokenRequest,
  { metadata }: KubeObject,
  now: number,
  { audiences }: TokenIssuerOptions,
): TokenRequest {
  const { name, namespace = '', uid } = metadata
  const hasAudiences = (spec.audiences ?? []).length > 0
  return {
    ...request,
    metadata: { ...request.metadata, name, namespace, uid, creationTimestamp: formatTime(now) },
    spec: {
      ...spec,
      audiences: hasAudiences ? (spec.audiences ?? []) : audiences,
    },
  }
}

function checkExpiration({ spec }: TokenRequest): void {
  const seconds = spec.expirationSeconds ?? DEFAULT_EXPIRATION_SECONDS
  const path = FieldPath.root.child('spec', 'expirationSeconds')
  const refuse = (why: string) => invalidObject(TokenRequest, '', [invalid(path, seconds, why)])
  if (seconds < LEAST_EXPIRATION_SECONDS) {
    throw refuse('may not specify a duration less than 10 minutes')
  }
  if (seconds > MOST_EXPIRATION_SECONDS) {
    throw refuse('may not specify a duration larger than 2^32 seconds')
  }
}

function shorten(
  given: TokenRequest,
  request: ServerRequest,
  { maxExpirationSeconds: most = Number.POSITIVE_INFINITY }: TokenIssuerOptions,
): TokenRequest {
  const seconds = given.spec.expirationSeconds ?? DEFAULT_EXPIRATION_SECONDS
  if (seconds <= most) return given
  request.addWarning(`requested expiration of ${seconds} seconds shortened to ${most} seconds`)
  return { ...given, spec: { ...given.spec, expirationSeconds: most } }
}

async function findBinding(
  { spec }: TokenRequest,
  { info }: ServerRequest,
  { resources }: VerbContext,
): Promise<Binding> {
  const reference = spec.boundObjectRef
  if (reference === undefined || reference === null) return {}
  const { kind = '', apiVersion = '', name = '' } = reference
  const find = async (of: KindRef, namespace: string) => {
    if (name === '') throw badRequest('Name parameter required.')
    return (await resources.store(of).get(namespace, name)).object
  }
  const isCore = !apiVersion.includes('/')
  if (isCore && kind === 'Pod') {
    const pod = (await find(Pod, info.namespace)) as Pod
    if (pod.spec.serviceAccountName !== info.name) {
      throw badRequest(
        `cannot bind token for serviceaccount ${JSON.stringify(info.name)} to pod running with ` +
          'different serviceaccount name.',
      )
    }
    checkUid('Pod', pod, reference.uid)
    const node = await findNode(pod.spec.nodeName ?? '', resources)
    return { pod: claimed(pod), ...(node !== undefined && { node }) }
  }
  if (isCore && kind === 'Secret') {
    const secret = await find(Secret, info.namespace)
    checkUid('Secret', secret, reference.uid)
    return { secret: claimed(secret) }
  }
  if (isCore && kind === 'Node') {
    const node = await find(Node, '')
    checkUid('Node', node, reference.uid)
    return { node: claimed(node) }
  }
  throw badRequest(`cannot bind token to object of type ${formatType(apiVersion, kind)}`)
}

/** A node that is not there is still named: it tells where the pod was. */
async function findNode(
  name: string,
  resources: VerbContext['resources'],
): Promise<ClaimedObject | undefined> {
  if (name === '') return undefined
  try {
    return claimed((await resources.store(Node).get('', name)).object)
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
    return { name }
  }
}

function claimed({ metadata: { name, uid } }: KubeObject): ClaimedObject {
  return { name, uid }
}

function checkUid(kind: string, { metadata }: KubeObject, wanted = ''): void {
  if (wanted === '' || wanted === metadata.uid) return
  const why =
    `the UID in the bound object reference (${wanted}) does not match the UID in record. ` +
    'The object might have been deleted and then recreated'
  throw conflict({ group: '', plural: kind }, metadata.name, why)
}

/** A type as Go prints it. */
function formatType(apiVersion: string, kind: string): string {
  const [group = '', version = ''] = apiVersion.includes('/')
    ? apiVersion.split('/')
    : ['', apiVersion]
  return `${group}/${version}, Kind=${kind}`
}

function claimsOf(
  { metadata, spec }: TokenRequest,
  binding: Binding,
  now: number,
  options: TokenIssuerOptions,
): ServiceAccountClaims {
  const { random, issuer, audiences: own, extendsExpiration = true } = options
  const { maxExtendedExpirationSeconds: most = EXTENDED_EXPIRATION_SECONDS } = options
  const extended = Math.min(most, EXTENDED_EXPIRATION_SECONDS)
  const seconds = Math.floor(now / 1000)
  const { expirationSeconds = DEFAULT_EXPIRATION_SECONDS, audiences = [] } = spec
  const isExtended =
    extendsExpiration &&
    binding.pod !== undefined &&
    expirationSeconds === WARN_ONLY_EXPIRATION_SECONDS &&
    audiences.every((audience) => own.includes(audience))
  const { name, namespace, uid } = metadata
  return {
    aud: audiences,
    exp: seconds + (isExtended ? extended : expirationSeconds),
    iat: seconds,
    iss: issuer,
    jti: uuid(random),
    'kubernetes.io': {
      namespace,
      ...binding,
      serviceaccount: { name, uid },
      ...(isExtended && { warnafter: seconds + expirationSeconds }),
    },
    nbf: seconds,
    sub: serviceAccountUserName(namespace, name),
  }
}
