/** Upstream's flags of audit, encryption and flow control; the defaults where they are absent. */
export interface SecurityFlags {
  readonly auditLogBatchBufferSize?: number
  /** A duration such as `1m0s`, as are the others. */
  readonly auditLogBatchMaxWait?: string
  readonly auditLogFormat?: string
  readonly auditLogMaxage?: number
  readonly auditLogMaxbackup?: number
  /** In megabytes. */
  readonly auditLogMaxsize?: number
  readonly auditLogMode?: string
  readonly auditLogPath?: string
  readonly auditLogTruncateEnabled?: boolean
  readonly auditLogTruncateMaxEventSize?: number
  readonly auditPolicyFile?: string
  readonly auditWebhookBatchBufferSize?: number
  readonly auditWebhookBatchMaxSize?: number
  readonly auditWebhookBatchMaxWait?: string
  readonly auditWebhookBatchThrottleBurst?: number
  readonly auditWebhookBatchThrottleEnable?: boolean
  readonly auditWebhookBatchThrottleQps?: number
  readonly auditWebhookConfigFile?: string
  readonly auditWebhookInitialBackoff?: string
  readonly auditWebhookMode?: string
  readonly auditWebhookTruncateEnabled?: boolean
  readonly auditWebhookTruncateMaxBatchSize?: number
  readonly auditWebhookTruncateMaxEventSize?: number
  readonly encryptionProviderConfig?: string
  readonly encryptionProviderConfigAutomaticReload?: boolean
  readonly maxMutatingRequestsInflight?: number
  readonly maxRequestsInflight?: number
}
