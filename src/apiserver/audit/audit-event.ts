import type { Status } from '../../machinery/status-error.ts'
import type { ServerRequest, UserInfo } from '../request.ts'
import type { Level, Stage } from './audit-policy.ts'

/** A user as events and reviews show one. */
export interface AuditUser {
  readonly username: string
  readonly uid?: string
  readonly groups?: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** What the request was about. */
export interface ObjectReference {
  readonly resource?: string | undefined
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly uid?: string | undefined
  readonly apiGroup?: string | undefined
  readonly apiVersion?: string | undefined
  readonly resourceVersion?: string | undefined
  readonly subresource?: string | undefined
}

/** One line of the audit log: an audit.k8s.io/v1 Event, with its fields in upstream's order. */
export interface AuditEvent {
  readonly kind: 'Event'
  readonly apiVersion: 'audit.k8s.io/v1'
  readonly level: Level
  /** The same for all events of one request, and the answer's `Audit-ID` header. */
  readonly auditID: string
  readonly stage: Stage
  readonly requestURI: string
  readonly verb: string
  readonly user: AuditUser
  readonly impersonatedUser?: AuditUser | undefined
  readonly authenticationMetadata?: { readonly impersonationConstraint: string } | undefined
  readonly sourceIPs?: readonly string[] | undefined
  readonly userAgent?: string | undefined
  readonly objectRef?: ObjectReference | undefined
  readonly responseStatus?: AuditStatus | undefined
  readonly requestObject?: unknown
  readonly responseObject?: unknown
  readonly requestReceivedTimestamp: string
  readonly stageTimestamp: string
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** A Status of which only the code is known for most answers. */
export type AuditStatus = Partial<Omit<Status, 'kind' | 'apiVersion' | 'metadata'>> & {
  readonly metadata: object
}

const LONGEST_USER_AGENT = 1024
const WRITES_AN_OBJECT: ReadonlySet<string> = new Set(['create', 'update'])

/** A user as events name it: what is empty is left out. */
export function auditUser({ name, uid, groups, extra }: UserInfo): AuditUser {
  return {
    username: name,
    ...(uid !== undefined && { uid }),
    ...(groups.length > 0 && { groups }),
    ...(extra !== undefined && Object.keys(extra).length > 0 && { extra }),
  }
}

/** Whom the request came through, the client first: what proxies say, then who has connected. */
export function sourceAddresses({
  headers,
  connection,
}: ServerRequest): readonly string[] | undefined {
  if (connection === undefined) return undefined
  const forwarded = headers['x-forwarded-for'] ?? ''
  const realAddress = headers['x-real-ip'] ?? ''
  const { remoteAddress } = connection
  if (forwarded === '' && realAddress === '') return [remoteAddress]
  const named = forwarded.split(',').map((one) => one.trim())
  const addresses = named.filter((one) => one !== '')
  if (realAddress !== '' && !addresses.includes(realAddress)) addresses.push(realAddress)
  if (addresses.at(-1) !== remoteAddress) addresses.push(remoteAddress)
  return addresses
}

/** The User-Agent of a request, cut where it is too long, as upstream cuts it. */
export function userAgentOf({ headers }: ServerRequest): string | undefined {
  const agent = headers['user-agent']
  if (agent === undefined || agent.length <= LONGEST_USER_AGENT) return agent
  return `${agent.slice(0, LONGEST_USER_AGENT)}...TRUNCATED`
}

/** What the request names, completed by the object that it carries. */
export function objectReferenceOf({ info, submitted }: ServerRequest): ObjectReference | undefined {
  if (!info.isResourceRequest) return undefined
  const given = WRITES_AN_OBJECT.has(info.verb) ? metadataOf(submitted) : {}
  return {
    resource: info.resource,
    namespace: orAbsent(info.namespace) ?? given.namespace,
    name: orAbsent(info.name) ?? given.name,
    uid: given.uid,
    apiGroup: orAbsent(info.group),
    apiVersion: info.version,
    resourceVersion: given.resourceVersion,
    subresource: orAbsent(info.subresource),
  }
}

interface GivenMetadata {
  readonly namespace?: string
  readonly name?: string
  readonly uid?: string
  readonly resourceVersion?: string
}

function metadataOf(object: unknown): GivenMetadata {
  const { metadata } = (object ?? {}) as { readonly metadata?: GivenMetadata }
  return metadata ?? {}
}

function orAbsent(text: string): string | undefined {
  return text === '' ? undefined : text
}

/** An object, list or Table without what its field managers own, which is long and says little. */
export function withoutManagedFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { metadata, items, rows } = value as Readonly<Record<string, unknown>>
  const changed: Record<string, unknown> = {}
  if (typeof metadata === 'object' && metadata !== null && 'managedFields' in metadata) {
    const { managedFields: _, ...rest } = metadata
    changed['metadata'] = rest
  }
  if (Array.isArray(items)) changed['items'] = items.map(withoutManagedFields)
  if (Array.isArray(rows)) {
    changed['rows'] = rows.map((row: { readonly object?: unknown }) => ({
      ...row,
      object: withoutManagedFields(row.object),
    }))
  }
  return { ...value, ...changed }
}
