import { join } from 'node:path'
import type { AuditBackend, AuditMode, AuditOptions } from '../apiserver/audit/audit-filter.ts'
import { parseAuditPolicy } from '../apiserver/audit/audit-policy.ts'
import { DEFAULT_AUDIT_POLICY } from '../apiserver/audit/default-policy.ts'
import { policyEvaluator } from '../apiserver/audit/evaluate-policy.ts'
import { EVENT_FORMATS } from '../apiserver/audit/event-line.ts'
import { LogBackend } from '../apiserver/audit/log-backend.ts'
import { DEFAULT_LOG_LIMITS, LogFile, type LogLimits } from '../apiserver/audit/log-file.ts'
import {
  DEFAULT_MAX_EVENT_BYTES,
  TruncatingBackend,
} from '../apiserver/audit/truncating-backend.ts'
import {
  DEFAULT_WEBHOOK_LIMITS,
  WebhookBackend,
  type WebhookLimits,
} from '../apiserver/audit/webhook-backend.ts'
import type { Logger } from '../base/logger.ts'
import type { ServerOptions } from './cluster-options.ts'
import type { Egress } from './egress/open-egress.ts'
import type { SecurityFlags } from './security-flags.ts'
import { durationOf } from './serving-flags.ts'
import { postTo, readWebhookTarget } from './webhook-target.ts'

/** An audit.k8s.io/v1 Policy, made at the first start and read at each. */
const AUDIT_POLICY_FILE = 'audit-policy.yaml'

/**
 * What is logged of requests: by the policy in the data directory, to `log/audit.log` there, where
 * flags do not name others. A cluster without a data directory logs nothing.
 */
export async function openAudit(
  options: ServerOptions,
  egress: Egress,
): Promise<Pick<AuditOptions, 'evaluate' | 'backends'> | undefined> {
  const { dataDirectory, files, clock, random, logger, security = {} } = options
  if (dataDirectory === undefined) return undefined
  const policy = await parseAuditPolicy(await readPolicy(dataDirectory, options))
  const path = security.auditLogPath ?? join(dataDirectory, 'log', 'audit.log')
  const file =
    path === '-' ? standardOutput : new LogFile(path, limitsOf(security), { files, clock })
  const backends: AuditBackend[] = [logBackend(file, options)]
  const target = await readWebhookTarget(security.auditWebhookConfigFile, files)
  if (target !== undefined) {
    const send = egress.send('controlplane')
    const post = (body: string) => postTo(target, body, send)
    const limits = webhookLimitsOf(security)
    const mode = modeOf('audit-webhook-mode', security.auditWebhookMode)
    const webhook = new WebhookBackend({ ...{ post, limits, mode, clock, random, logger } })
    const { auditWebhookTruncateEnabled, auditWebhookTruncateMaxEventSize: most } = security
    const isTruncated = auditWebhookTruncateEnabled === true
    backends.push(isTruncated ? truncating(webhook, most, logger) : webhook)
  }
  return { evaluate: policyEvaluator(policy), backends }
}

function logBackend(
  file: ConstructorParameters<typeof LogBackend>[0]['file'],
  { clock, logger, security = {} }: ServerOptions,
): AuditBackend {
  const { auditLogFormat, auditLogTruncateEnabled, auditLogTruncateMaxEventSize } = security
  const format = EVENT_FORMATS[auditLogFormat ?? 'json']
  if (format === undefined) {
    const known = Object.keys(EVENT_FORMATS).join(', ')
    throw new Error(`--audit-log-format=${auditLogFormat}: use one of ${known}`)
  }
  const backend = new LogBackend({
    ...{ file, clock, logger, format },
    mode: modeOf('audit-log-mode', security.auditLogMode),
    bufferSize: security.auditLogBatchBufferSize,
    maxWaitMs: durationOf('audit-log-batch-max-wait', security.auditLogBatchMaxWait),
  })
  return auditLogTruncateEnabled === true
    ? truncating(backend, auditLogTruncateMaxEventSize, logger)
    : backend
}

function truncating(backend: AuditBackend, most: number | undefined, logger: Logger): AuditBackend {
  return new TruncatingBackend(backend, most ?? DEFAULT_MAX_EVENT_BYTES, logger)
}

const MODES: readonly AuditMode[] = ['batch', 'blocking', 'blocking-strict']

function modeOf(flag: string, text: string | undefined): AuditMode | undefined {
  if (text === undefined) return undefined
  const mode = MODES.find((one) => one === text)
  if (mode === undefined) throw new Error(`--${flag}=${text}: use one of ${MODES.join(', ')}`)
  return mode
}

/** Upstream's of a batch, where batches are truncated. */
const MOST_BATCH_BYTES = 10_485_760

function webhookLimitsOf(flags: SecurityFlags): WebhookLimits {
  const usual = DEFAULT_WEBHOOK_LIMITS
  const isThrottled = flags.auditWebhookBatchThrottleEnable !== false
  return {
    bufferSize: flags.auditWebhookBatchBufferSize ?? usual.bufferSize,
    maxBatchSize: flags.auditWebhookBatchMaxSize ?? usual.maxBatchSize,
    maxBatchWaitMs:
      durationOf('audit-webhook-batch-max-wait', flags.auditWebhookBatchMaxWait) ??
      usual.maxBatchWaitMs,
    throttleQps: isThrottled ? (flags.auditWebhookBatchThrottleQps ?? usual.throttleQps) : 1e9,
    throttleBurst: isThrottled
      ? (flags.auditWebhookBatchThrottleBurst ?? usual.throttleBurst)
      : 1e9,
    initialBackoffMs:
      durationOf('audit-webhook-initial-backoff', flags.auditWebhookInitialBackoff) ??
      usual.initialBackoffMs,
    ...(flags.auditWebhookTruncateEnabled === true && {
      maxBatchBytes: flags.auditWebhookTruncateMaxBatchSize ?? MOST_BATCH_BYTES,
    }),
  }
}

/** Upstream's `-`. */
const standardOutput = {
  append: async (text: string) => void process.stdout.write(text),
}

function limitsOf(flags: SecurityFlags): LogLimits {
  const { maxSizeBytes, maxAgeDays, maxBackups } = DEFAULT_LOG_LIMITS
  const { auditLogMaxsize: megabytes, auditLogMaxage, auditLogMaxbackup } = flags
  return {
    maxSizeBytes: megabytes === undefined ? maxSizeBytes : megabytes * 1024 * 1024,
    maxAgeDays: auditLogMaxage ?? maxAgeDays,
    maxBackups: auditLogMaxbackup ?? maxBackups,
  }
}

/** The file that the flag names must be there; that of the data directory is made. */
async function readPolicy(
  dataDirectory: string,
  { files, security = {} }: ServerOptions,
): Promise<string> {
  const path = security.auditPolicyFile ?? join(dataDirectory, AUDIT_POLICY_FILE)
  if (security.auditPolicyFile !== undefined || (await files.stat(path)) !== undefined) {
    return Buffer.from(await files.readFile(path)).toString()
  }
  await files.writeFile(path, DEFAULT_AUDIT_POLICY, 0o600)
  return DEFAULT_AUDIT_POLICY
}
