import type { Client, DraftableKind, DraftObject } from '../../client/client.ts'
import { FlowSchema } from '../../kinds/flowcontrol/v1/flow-schema.ts'
import { PriorityLevelConfiguration } from '../../kinds/flowcontrol/v1/priority-level-configuration.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  AUTO_UPDATE_ANNOTATION,
  MANDATORY_LEVELS,
  MANDATORY_SCHEMAS,
  SUGGESTED_LEVELS,
  SUGGESTED_SCHEMAS,
} from './bootstrap-objects.data.ts'

const FIELD_MANAGER = 'api-priority-and-fairness-config-producer-v1'

interface Shipped extends DraftObject {
  readonly metadata: { readonly name: string }
  readonly spec: unknown
}
type WithSpec = KubeObject & { readonly spec: unknown }

/**
 * Makes the objects that every server has. What is mandatory is put back as it is shipped; what is
 * suggested only as long as its annotation allows that (or nobody has changed it). What was
 * shipped once, and is no more, is removed.
 */
export async function ensureFlowControl(client: Client): Promise<void> {
  await Promise.all([
    ensureKind(client, PriorityLevelConfiguration, MANDATORY_LEVELS, SUGGESTED_LEVELS),
    ensureKind(client, FlowSchema, MANDATORY_SCHEMAS, SUGGESTED_SCHEMAS),
  ])
}

async function ensureKind<T extends WithSpec, D extends DraftObject>(
  client: Client,
  kind: DraftableKind<T, D>,
  mandatory: readonly (D & Shipped)[],
  suggested: readonly (D & Shipped)[],
): Promise<void> {
  const { items } = await client.list(kind)
  const present = new Map(items.map((object) => [object.metadata.name, object]))
  const all = [...suggested, ...mandatory]
  const names = new Set(all.map(({ metadata }) => metadata.name))
  const dropped = items.filter(
    ({ metadata }) => !names.has(metadata.name) && autoUpdateOf(metadata) === true,
  )
  await Promise.all([
    ...all.map((draft) => {
      const current = present.get(draft.metadata.name)
      return ensureObject(client, kind, draft, current, mandatory.includes(draft))
    }),
    ...dropped.map(({ metadata }) =>
      unless('NotFound', client.delete(kind, { name: metadata.name })),
    ),
  ])
}

async function ensureObject<T extends WithSpec, D extends DraftObject>(
  client: Client,
  kind: DraftableKind<T, D>,
  draft: D & Shipped,
  current: T | undefined,
  isMandatory: boolean,
): Promise<void> {
  const options = { fieldManager: FIELD_MANAGER }
  if (current === undefined) {
    await unless('AlreadyExists', client.create(kind, draft, options))
    return
  }
  const { metadata } = current
  const isKept = isMandatory || (autoUpdateOf(metadata) ?? Number(metadata.generation) === 1)
  const isSame = !isKept || isAsShipped(current.spec, draft.spec)
  if (isSame && autoUpdateOf(metadata) === isKept) return
  const annotations = { ...metadata.annotations, [AUTO_UPDATE_ANNOTATION]: String(isKept) }
  const spec = isKept ? draft.spec : current.spec
  const revised = { ...current, metadata: { ...metadata, annotations }, spec }
  // Whoever was faster has changed it: the next round looks again.
  await unless('Conflict', client.update(kind, revised, options))
}

/** How many seats the exempt level has of its own, and lends, is everybody's choice. */
function isAsShipped(spec: unknown, shipped: unknown): boolean {
  const { type, exempt } = spec as { readonly type?: unknown; readonly exempt?: unknown }
  const isExempt = (shipped as { readonly type?: unknown }).type === 'Exempt'
  if (isExempt && type === 'Exempt') return exempt !== undefined
  return deepEqual(spec, shipped)
}

function autoUpdateOf({ annotations }: KubeObject['metadata']): boolean | undefined {
  const value = annotations?.[AUTO_UPDATE_ANNOTATION]
  if (value === 'true') return true
  return value === 'false' ? false : undefined
}

async function unless(reason: Parameters<typeof isReason>[1], call: Promise<unknown>) {
  try {
    await call
  } catch (error) {
    if (!isReason(error, reason as never)) throw error
  }
}
