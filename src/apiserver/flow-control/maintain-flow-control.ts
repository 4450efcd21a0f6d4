import { type Clock, formatTime, pause } from '../../base/clock.ts'
import { inBackground } from '../../base/lifetime.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import { jitter, type Random } from '../../base/random.ts'
import type { Client } from '../../client/client.ts'
import { FlowSchema } from '../../kinds/flowcontrol/v1/flow-schema.ts'
import { isReason } from '../../machinery/status-error.ts'
import { ensureFlowControl } from './ensure-bootstrap.ts'
import type { FlowControl } from './flow-control.ts'
import { UpdateRate } from './update-rate.ts'

const FIELD_MANAGER = 'api-priority-and-fairness-config-consumer-v1'
/** Conditions follow a change after so long, together with those of other changes. */
const GATHER_MS = 100
const ENSURE_MS = 60_000
const RETRY_MS = 10_000
/** Who has written an object too often writes it again after so long, and up to so much longer. */
const PATIENCE_MS = 30_000
const PATIENCE_JITTER = 1.5

export interface MaintainOptions {
  readonly flowControl: FlowControl
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly signal: AbortSignal
}

/**
 * Keeps the configuration of priority and fairness in order, by way of the API: the objects that
 * are shipped, and the condition that says whether a schema's level exists. Resolves after the
 * first round.
 */
export async function maintainFlowControl(client: Client, options: MaintainOptions): Promise<void> {
  await ensureFlowControl(client)
  const rate = new UpdateRate(options.clock)
  await writeConditions(client, options, rate)
  const keeping = keepOn(client, options, rate)
  inBackground(options.logger, 'keeping priority and fairness in order', keeping)
}

async function keepOn(client: Client, options: MaintainOptions, rate: UpdateRate): Promise<void> {
  const { clock, random, logger, signal, flowControl } = options
  let isDue = false
  let wake: (() => void) | undefined
  flowControl.onChange = () => {
    isDue = true
    wake?.()
  }
  let ensureAt = clock.monotonic() + ENSURE_MS
  let writeAt = Number.POSITIVE_INFINITY
  while (!signal.aborted) {
    if (!isDue) {
      await timeOr(clock, Math.min(ensureAt, writeAt) - clock.monotonic(), signal, (change) => {
        wake = change
      })
    }
    if (!(await pause(clock, GATHER_MS, signal))) return
    isDue = false
    try {
      if (clock.monotonic() >= ensureAt) {
        ensureAt = clock.monotonic() + ENSURE_MS
        await ensureFlowControl(client)
      }
      const isWritten = await writeConditions(client, options, rate)
      writeAt = Number.POSITIVE_INFINITY
      if (!isWritten) writeAt = clock.monotonic() + jitter(random, PATIENCE_MS, PATIENCE_JITTER)
    } catch (error) {
      if (signal.aborted) return
      logger.error('priority and fairness cannot be kept', { error: formatError(error) })
      await pause(clock, RETRY_MS, signal)
      isDue = true
    }
  }
}

/** Waits for so long, until it is woken, or for the end. */
function timeOr(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  onWaiting: (wake: () => void) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      timer[Symbol.dispose]()
      signal.removeEventListener('abort', settle)
      resolve()
    }
    const timer = clock.after(Math.max(0, ms), settle)
    signal.addEventListener('abort', settle, { once: true })
    onWaiting(settle)
  })
}

/** False where some are left for later. */
async function writeConditions(
  client: Client,
  { flowControl, clock }: MaintainOptions,
  rate: UpdateRate,
): Promise<boolean> {
  let isWritten = true
  const { items } = await client.list(FlowSchema, { resourceVersion: '0' })
  await Promise.all(
    items.map(async (schema) => {
      const wanted = danglingCondition(schema, flowControl)
      const current = schema.status.conditions?.find(({ type }) => type === wanted.type)
      const { status, reason, message } = wanted
      const isSame = current?.status === status && current.reason === reason
      if (isSame && current.message === message) return
      const { name } = schema.metadata
      if (rate.isTooHigh(name)) {
        isWritten = false
        return
      }
      rate.note(name)
      const lastTransitionTime = formatTime(clock.now())
      const conditions = [{ ...wanted, lastTransitionTime }]
      const { apiVersion, kind } = schema
      const patch = { apiVersion, kind, metadata: { name }, status: { conditions } }
      try {
        await client.patch(FlowSchema, { name }, 'application/apply-patch+yaml', patch, {
          subresource: 'status',
          fieldManager: FIELD_MANAGER,
          force: true,
        })
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
    }),
  )
  return isWritten
}

function danglingCondition({ spec }: FlowSchema, flowControl: FlowControl) {
  const { name } = spec.priorityLevelConfiguration
  const start =
    'This FlowSchema references the PriorityLevelConfiguration object named ' +
    `${JSON.stringify(name)} `
  return flowControl.hasLevel(name)
    ? { type: 'Dangling', status: 'False', reason: 'Found', message: `${start}and it exists` }
    : {
        type: 'Dangling',
        status: 'True',
        reason: 'NotFound',
        message: `${start}but there is no such object`,
      }
}
