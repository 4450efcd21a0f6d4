import { type Clock, formatMicroTime, pause } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import { type Random, uuid } from '../../base/random.ts'
import type { Client } from '../../client/client.ts'
import { Lease } from '../../kinds/coordination/v1/lease.ts'
import { isReason } from '../../machinery/status-error.ts'

/** Tells an API server from others that share its store. */
export interface ServerIdentity {
  /** Such as `apiserver-wlv32tlttr4jl3gtroqexyxapa`. */
  readonly id: string
  readonly hostname: string
  /** `address:port`, where other servers reach it. */
  readonly peerAddress: string
}

export interface ServerLeaseOptions {
  readonly identity: ServerIdentity
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

const NAMESPACE = 'kube-system'
/** Upstream's label of the leases by which API servers say that they live. */
const LABEL = 'apiserver.kubernetes.io/identity'
const COMPONENT = 'kube-apiserver'
const DURATION_SECONDS = 3600
const RENEW_MS = 10_000
/** How often the leases of servers that are gone for good are looked for. */
const COLLECT_MS = 3600_000

/** Keeps the lease of this API server, and removes those of others that have long ended. */
export async function keepServerLease(
  client: Client,
  signal: AbortSignal,
  options: ServerLeaseOptions,
): Promise<void> {
  const { clock, random, identity, logger } = options
  const holder = `${identity.id}_${uuid(random)}`
  let collectAt = clock.monotonic() + COLLECT_MS
  do {
    try {
      await renew(client, holder, options)
      if (clock.monotonic() >= collectAt) {
        collectAt = clock.monotonic() + COLLECT_MS
        await collectExpired(client, clock.now())
      }
    } catch (error) {
      if (signal.aborted) return
      logger.error('the lease of this server was not renewed', { error: formatError(error) })
    }
  } while (await pause(clock, RENEW_MS, signal))
}

async function renew(
  client: Client,
  holderIdentity: string,
  { clock, identity }: ServerLeaseOptions,
): Promise<void> {
  const renewTime = formatMicroTime(clock.now())
  const spec = { holderIdentity, leaseDurationSeconds: DURATION_SECONDS, renewTime }
  const key = { namespace: NAMESPACE, name: identity.id }
  const labels = { [LABEL]: COMPONENT, 'kubernetes.io/hostname': identity.hostname }
  const annotations = { 'kubernetes.io/peer-advertise-address': identity.peerAddress }
  try {
    const metadata = { labels, annotations }
    await client.patch(Lease, key, 'application/merge-patch+json', { metadata, spec })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
    await client.create(Lease, { metadata: { ...key, labels, annotations }, spec })
  }
}

/** Whoever renews its lease again meanwhile keeps it. */
async function collectExpired(client: Client, now: number): Promise<void> {
  const labelSelector = `${LABEL}=${COMPONENT}`
  const { items } = await client.list(Lease, { namespace: NAMESPACE, labelSelector })
  for (const { metadata, spec } of items) {
    const { renewTime, leaseDurationSeconds = 0 } = spec
    const end = Date.parse(renewTime ?? '') + leaseDurationSeconds * 1000
    if (end > now) continue
    const { name, resourceVersion } = metadata
    const preconditions = resourceVersion === undefined ? {} : { resourceVersion }
    try {
      await client.delete(Lease, { namespace: NAMESPACE, name }, { preconditions })
    } catch (error) {
      if (!isReason(error, 'NotFound') && !isReason(error, 'Conflict')) throw error
    }
  }
}
