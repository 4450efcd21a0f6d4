import type { HealthCheck, HealthPath } from '../apiserver/endpoints/health-endpoints.ts'
import { type Clock, deadline } from '../base/clock.ts'
import { formatError } from '../base/logger.ts'
import type { Storage } from '../storage/storage.ts'

/** As upstream's `--etcd-healthcheck-timeout` and `--etcd-readycheck-timeout`. */
const STORE_CHECK_MS = 2000

interface CheckedStores {
  readonly clock: Clock
  readonly storage: Storage
  readonly others?: { readonly storages: readonly Storage[] } | undefined
}

/**
 * That each store answers, and that it takes writes: what is stored can be read, and be deleted
 * perhaps, while it does not. Upstream's names, where a store beside the first is an override.
 */
export function storeChecks({ clock, storage, others }: CheckedStores): readonly HealthCheck[] {
  const checks = [answers('etcd', storage, clock), takesWrites('etcd-readiness', storage, clock)]
  for (const [index, other] of (others?.storages ?? []).entries()) {
    const [health, readiness] = [`etcd-override-${index}`, `etcd-override-readiness-${index}`]
    checks.push({ ...answers(health, other, clock), group: 'etcd' })
    checks.push({ ...takesWrites(readiness, other, clock), group: 'etcd-readiness' })
  }
  return checks
}

function answers(name: string, storage: Storage, clock: Clock): HealthCheck {
  return {
    ...{ name, paths: ['healthz', 'livez', 'readyz'] },
    check: () => requireAnswer(storage, clock),
  }
}

function takesWrites(name: string, storage: Storage, clock: Clock): HealthCheck {
  return {
    ...{ name, paths: ['readyz'] },
    check: async () => {
      const failure = storage.writeFailure?.()
      if (failure !== undefined) throw new Error(formatError(failure))
      await requireAnswer(storage, clock)
    },
  }
}

async function requireAnswer(storage: Storage, clock: Clock): Promise<void> {
  const why = 'the store did not answer in time'
  await deadline(clock, STORE_CHECK_MS, why, storage.currentRevision())
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
