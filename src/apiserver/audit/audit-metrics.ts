import { Counter, type Registry } from 'prom-client'
import type { AuditBackend, AuditCounts } from './audit-filter.ts'

/** Shows under upstream's names how much was audited. */
export function addAuditMetrics(
  registry: Registry,
  counts: AuditCounts,
  backends: readonly AuditBackend[],
): void {
  const registers = [registry]
  new Counter({
    name: 'apiserver_audit_requests_rejected_total',
    help: 'Requests that were refused since they could not be audited.',
    registers,
    collect() {
      this.reset()
      this.inc(counts.rejected)
    },
  })
  new Counter({
    name: 'apiserver_audit_error_total',
    help: 'Audit events that were lost, by the backend that has lost them.',
    labelNames: ['plugin'],
    registers,
    collect() {
      this.reset()
      for (const { plugin, events } of backends.flatMap(({ losses = [] }) => losses)) {
        if (events > 0) this.inc({ plugin }, events)
      }
    },
  })
  new Counter({
    name: 'apiserver_audit_event_total',
    help: 'Audit events that were made and handed to the backends.',
    registers,
    collect() {
      this.reset()
      this.inc(counts.events)
    },
  })
  new Counter({
    name: 'apiserver_audit_level_total',
    help: 'Requests by the audit level that the policy gave them.',
    labelNames: ['level'],
    registers,
    collect() {
      this.reset()
      for (const [level, count] of counts.byLevel) this.inc({ level }, count)
    },
  })
}
