import type { HealthCheck, HealthPath } from '../apiserver/endpoints/health-endpoints.ts'
import { type Clock, deadline } from '../base/clock.ts'
import type { Storage } from '../storage/storage.ts'

/** As upstream's `--etcd-healthcheck-timeout`. */
const STORE_CHECK_MS = 2000

/** That the store answers. */
export function storeCheck({
  clock,
  storage,
}: {
  readonly clock: Clock
  readonly storage: Storage
}): HealthCheck {
  return {
    name: 'etcd',
    paths: ['healthz', 'livez', 'readyz'],
    check: async () => {
      const why = 'the store did not answer in time'
      await deadline(clock, STORE_CHECK_MS, why, storage.currentRevision())
    },
  }
}

/** A check of something that is known: `problem` says what is wrong. */
export function stateCheck(
  name: string,
  paths: readonly HealthPath[],
  problem: () => string | undefined,
): HealthCheck {
  return {
    ...{ name, paths },
    check: () => {
      const found = problem()
      if (found !== undefined) throw new Error(found)
    },
  }
}
