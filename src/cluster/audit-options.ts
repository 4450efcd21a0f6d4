import type { Registry } from 'prom-client'
import type { AuditOptions } from '../apiserver/audit/audit-filter.ts'
import { addAuditMetrics } from '../apiserver/audit/audit-metrics.ts'
import type { Ports } from '../apiserver/compose.ts'
import { AuditIds } from '../apiserver/listener/audit-ids.ts'

/** What the audit filters need beside the policy and the backends. */
export function auditOptions(
  audit: Pick<AuditOptions, 'evaluate' | 'backends'>,
  { clock, random }: Ports,
  registry: Registry,
): AuditOptions {
  const counts = { events: 0, rejected: 0, byLevel: new Map<string, number>() }
  addAuditMetrics(registry, counts, audit.backends)
  return { ...audit, clock, counts, ids: new AuditIds(random) }
}
