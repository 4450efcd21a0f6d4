import type { Command } from 'commander'
import { type Flag, withFlags } from './flag-table.ts'

const FLAGS: readonly Flag[] = [
  ['--audit-log-batch-buffer-size <count>', 'events that wait in mode batch', '10000'],
  ['--audit-log-batch-max-wait <time>', 'how long a batch waits for more'],
  ['--audit-log-format <format>', 'json, or legacy: one line of text for each event'],
  ['--audit-log-maxage <days>', 'how long old audit logs are kept; 0 for ever', '366'],
  ['--audit-log-maxbackup <count>', 'how many old audit logs are kept; 0 for all', '100'],
  ['--audit-log-maxsize <megabytes>', 'how large an audit log becomes', '100'],
  ['--audit-log-mode <mode>', 'batch, blocking or blocking-strict: whether requests wait'],
  ['--audit-log-path <file>', 'where audit events go (log/audit.log in the data directory)'],
  ['--audit-log-truncate-enabled [boolean]', 'large events lose their objects', 'false'],
  ['--audit-log-truncate-max-event-size <bytes>', 'of an event', '102400'],
  ['--audit-policy-file <file>', 'what is audited (audit-policy.yaml in the data directory)'],
  ['--audit-webhook-batch-buffer-size <count>', 'events that wait in mode batch', '10000'],
  ['--audit-webhook-batch-max-size <count>', 'events that are sent at once', '400'],
  ['--audit-webhook-batch-max-wait <time>', 'how long a batch waits for more', '30s'],
  ['--audit-webhook-batch-throttle-burst <count>', 'batches that may go at once', '15'],
  ['--audit-webhook-batch-throttle-enable [boolean]', 'limit the rate of batches', 'true'],
  ['--audit-webhook-batch-throttle-qps <number>', 'batches a second', '10'],
  ['--audit-webhook-config-file <file>', 'kubeconfig of a server that audit events are sent to'],
  ['--audit-webhook-initial-backoff <time>', 'before the first repetition', '10s'],
  ['--audit-webhook-mode <mode>', 'batch, blocking or blocking-strict'],
  ['--audit-webhook-truncate-enabled [boolean]', 'large events lose their objects', 'false'],
  ['--audit-webhook-truncate-max-batch-size <bytes>', 'of a batch', '10485760'],
  ['--audit-webhook-truncate-max-event-size <bytes>', 'of an event', '102400'],
  ['--encryption-provider-config <file>', 'what is stored encrypted, and how (Secrets)'],
  [
    '--encryption-provider-config-automatic-reload [boolean]',
    'use that file anew whenever it changes',
    'false',
  ],
  ['--max-mutating-requests-inflight <count>', 'writes that are answered at once', '200'],
  ['--max-requests-inflight <count>', 'reads that are answered at once', '400'],
]

/** A command that takes the API server's flags of audit, encryption and flow control. */
export function withSecurityFlags(command: Command): Command {
  const heading = 'What is logged, encrypted and limited, as of kube-apiserver:'
  return withFlags(command, heading, FLAGS)
}
