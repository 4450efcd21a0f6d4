import { join } from 'node:path'
import type { AuditBackend, AuditOptions } from '../apiserver/audit/audit-filter.ts'
import { parseAuditPolicy } from '../apiserver/audit/audit-policy.ts'
import { DEFAULT_AUDIT_POLICY } from '../apiserver/audit/default-policy.ts'
import { policyEvaluator } from '../apiserver/audit/evaluate-policy.ts'
import { LogBackend } from '../apiserver/audit/log-backend.ts'
import { DEFAULT_LOG_LIMITS, LogFile, type LogLimits } from '../apiserver/audit/log-file.ts'
import { DEFAULT_WEBHOOK_LIMITS, WebhookBackend } from '../apiserver/audit/webhook-backend.ts'
import { sendRequest } from '../base/http-backend.ts'
import type { ServerOptions } from './cluster-options.ts'
import type { SecurityFlags } from './security-flags.ts'
import { postTo, readWebhookTarget } from './webhook-target.ts'

/** An audit.k8s.io/v1 Policy, made at the first start and read at each. */
export const AUDIT_POLICY_FILE = 'audit-policy.yaml'

/**
 * What is logged of requests: by the policy in the data directory, to `log/audit.log` there, where
 * flags do not name others. A cluster without a data directory logs nothing.
 */
export async function openAudit(
  options: ServerOptions,
): Promise<Pick<AuditOptions, 'evaluate' | 'backends'> | undefined> {
  const { dataDirectory, files, clock, random, logger, security = {} } = options
  if (dataDirectory === undefined) return undefined
  const policy = await parseAuditPolicy(await readPolicy(dataDirectory, options))
  const path = security.auditLogPath ?? join(dataDirectory, 'log', 'audit.log')
  const file =
    path === '-' ? standardOutput : new LogFile(path, limitsOf(security), { files, clock })
  const backends: AuditBackend[] = [new LogBackend({ file, clock, logger })]
  const target = await readWebhookTarget(security.auditWebhookConfigFile, files)
  if (target !== undefined) {
    const post = (body: string) => postTo(target, body, sendRequest)
    const limits = DEFAULT_WEBHOOK_LIMITS
    backends.push(new WebhookBackend({ ...{ post, limits, clock, random, logger } }))
  }
  return { evaluate: policyEvaluator(policy), backends }
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
