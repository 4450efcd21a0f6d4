import type { Clock } from '../../base/clock.ts'
import type { Client } from '../../client/client.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import { isReason } from '../../machinery/status-error.ts'

const KEY = {
  namespace: 'kube-system',
  name: 'kube-apiserver-legacy-service-account-token-tracking',
}

/**
 * Notes since which day this server labels the lasting tokens that it sees, under upstream's name:
 * what cleans up unused ones takes nothing that was used before. A day that is there stays, what is
 * no day is replaced.
 */
export async function ensureLegacyTokenTracking(client: Client, clock: Clock): Promise<void> {
  const data = { since: new Date(clock.now()).toISOString().slice(0, 10) }
  try {
    await client.create(ConfigMap, { metadata: KEY, data })
    return
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
  }
  const current = await client.get(ConfigMap, KEY)
  if (isDay(current.data?.['since'])) return
  await client.update(ConfigMap, { ...current, data: { ...current.data, ...data } })
}

/** Such as 2026-01-31. */
function isDay(text: string | undefined): boolean {
  if (text === undefined || !/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}
