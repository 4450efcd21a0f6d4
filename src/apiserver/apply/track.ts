import { formatTime } from '../../base/clock.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import type { ManagedFieldsEntry } from '../../machinery/object-meta.ts'
import { hasStatusSubresource } from '../registry/strategy.ts'
import type { ServerRequest } from '../request.ts'
import { FieldSet } from './field-set.ts'
import { type Manager, readManagers, writeManagers } from './managed-fields.ts'
import { trackUpdate, type Writer } from './ownership.ts'
import { shapeOf } from './shape.ts'

/** Who owned an object's fields before anybody applied to it. */
const BEFORE_FIRST_APPLY = 'before-first-apply'
const MOST_MANAGER_BYTES = 128

/** Who writes with this request. */
export function writerOf(
  request: ServerRequest,
  kind: Kind,
  operation: Manager['operation'],
  now: number,
): Writer {
  const { info, query } = request
  return {
    id: {
      manager: query.get('fieldManager') || userAgentOf(request),
      operation,
      apiVersion: kind.apiVersion,
      subresource: info.subresource,
    },
    ignored: ignoredOf(kind, info.subresource),
    time: formatTime(now),
  }
}

/** A client that gives no name is known by its program. */
function userAgentOf({ headers, user }: ServerRequest): string {
  const [program = ''] = (headers['user-agent'] ?? user?.name ?? 'unknown').split('/')
  return program.slice(0, MOST_MANAGER_BYTES)
}

/** What a write to this part of an object cannot set, so that it owns none of it. */
function ignoredOf(kind: Kind, subresource: string): FieldSet {
  if (!hasStatusSubresource(kind)) return FieldSet.empty
  if (subresource === '') return FieldSet.of([['f:status']])
  if (subresource !== 'status') return FieldSet.empty
  const others = Object.keys(kind.schema.fields).filter(
    (field) => field !== 'status' && field !== 'metadata',
  )
  return FieldSet.of(others.map((field) => [`f:${field}`]))
}

/**
 * The managed fields of an object that a plain write has changed. Objects are tracked from the
 * first time that something is applied to them: those who never apply pay nothing.
 */
export function managedAfterUpdate(
  request: ServerRequest,
  kind: Kind,
  before: KubeObject,
  after: KubeObject,
  now: number,
): readonly ManagedFieldsEntry[] | undefined {
  const entries = after.metadata.managedFields ?? before.metadata.managedFields
  if (entries === undefined || entries.length === 0) return undefined
  const writer = writerOf(request, kind, 'Update', now)
  const managers = trackUpdate(shapeOf(kind.schema), before, after, readManagers(entries), writer)
  return managers.length === 0 ? undefined : writeManagers(managers)
}

/** The managers of an object to which something is applied. */
export function managersOf(kind: Kind, live: KubeObject | undefined): readonly Manager[] {
  if (live === undefined) return []
  const managers = readManagers(live.metadata.managedFields)
  if (managers.length > 0) return managers
  const writer: Writer = {
    id: {
      manager: BEFORE_FIRST_APPLY,
      operation: 'Update',
      apiVersion: kind.apiVersion,
      subresource: '',
    },
    ignored: FieldSet.empty,
    time: live.metadata.creationTimestamp,
  }
  return trackUpdate(shapeOf(kind.schema), { metadata: {}, spec: {}, status: {} }, live, [], writer)
}
