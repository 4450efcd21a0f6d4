import { CountedServers, type Servers } from '../apiserver/bootstrap/counted-servers.ts'
import { EndpointLeases } from '../apiserver/bootstrap/endpoint-leases.ts'
import {
  ensureKubernetesEndpoints,
  type KubernetesServiceOptions,
} from '../apiserver/bootstrap/kubernetes-service.ts'
import { type Clock, pause } from '../base/clock.ts'
import { formatError, type Logger } from '../base/logger.ts'
import type { Client } from '../client/client.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'

export interface PresenceOptions {
  readonly leases: Servers
  readonly service: KubernetesServiceOptions
  readonly clock: Clock
  readonly logger: Logger
}

/** Well within the time after which a server counts as gone, as upstream. */
const INTERVAL_MS = 10_000
const TYPES = ['lease', 'master-count', 'none']

/** The addresses of all servers, this one among them from now on. */
async function announce({ leases, service }: PresenceOptions): Promise<readonly string[]> {
  await leases.renew(service.advertiseAddress)
  return leases.list()
}

/** What is put behind the service first: nothing where somebody else keeps its endpoints. */
export async function firstAddresses(
  { serving = {} }: Pick<ControlPlaneOptions, 'serving'>,
  presence: PresenceOptions | undefined,
): Promise<{ readonly allAddresses?: readonly string[] }> {
  if (serving.endpointReconcilerType === 'none') return { allAddresses: [] }
  return presence === undefined ? {} : { allAddresses: await announce(presence) }
}

/**
 * Puts this server behind the service as it starts. A store that takes no writes, for want of
 * space, is no reason not to start: whoever is to make space in it needs a server for that.
 */
export async function putFirst(
  client: Client,
  service: KubernetesServiceOptions,
  options: Pick<ControlPlaneOptions, 'serving' | 'logger'>,
  presence: PresenceOptions | undefined,
): Promise<void> {
  try {
    const addresses = await firstAddresses(options, presence)
    await ensureKubernetesEndpoints(client, { ...service, ...addresses })
  } catch (error) {
    logNotKept(options, error)
  }
}

/**
 * Keeps the endpoints of the service `kubernetes` true to which servers are alive, as long as this
 * one is; it takes its own address out when the signal aborts.
 */
export async function keepPresence(
  client: Client,
  signal: AbortSignal,
  options: PresenceOptions,
): Promise<void> {
  const { leases, service, clock } = options
  while (await pause(clock, INTERVAL_MS, signal)) {
    try {
      const allAddresses = await announce(options)
      await ensureKubernetesEndpoints(client, { ...service, allAddresses })
    } catch (error) {
      logNotKept(options, error)
    }
  }
  await leases.remove(service.advertiseAddress)
  const left = await leases.list()
  if (left.length > 0) await ensureKubernetesEndpoints(client, { ...service, allAddresses: left })
}

function logNotKept({ logger }: Pick<PresenceOptions, 'logger'>, error: unknown): void {
  logger.error('the endpoints of kubernetes were not kept', { error: formatError(error) })
}

/** How others learn that this server is alive; undefined where it is alone, or nobody may know. */
export function presenceOf(
  { storage, serving = {}, clock, logger }: ControlPlaneOptions,
  service: KubernetesServiceOptions,
  client: Client,
): PresenceOptions | undefined {
  const { endpointReconcilerType: type = 'lease', apiserverCount: count = 1 } = serving
  if (!TYPES.includes(type)) {
    throw new Error(`--endpoint-reconciler-type=${type}: use one of ${TYPES.join(', ')}`)
  }
  if (count < 1) {
    const what = `should be a positive number, but value '${count}' provided`
    throw new Error(`--apiserver-count ${what}`)
  }
  if (storage.isShared !== true || type === 'none') return undefined
  const isCounted = type === 'master-count'
  const leases = isCounted ? new CountedServers(client, count) : new EndpointLeases(storage)
  return { leases, service, clock, logger }
}
