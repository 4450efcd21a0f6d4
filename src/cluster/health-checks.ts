import type { HealthCheck, HealthPath } from '../apiserver/endpoints/health-endpoints.ts'
import { type Clock, deadline } from '../base/clock.ts'
import { formatError } from '../base/logger.ts'
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

/** That writes are made: what is stored can be read, and be deleted perhaps, while they are not. */
export function writeCheck(storage: Storage): HealthCheck {
  return stateCheck('etcd-readiness', ['readyz'], () => {
    const failure = storage.writeFailure?.()
    return failure === undefined ? undefined : formatError(failure)
  })
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
