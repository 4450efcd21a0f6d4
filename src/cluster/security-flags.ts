/** Upstream's flags of audit, encryption and flow control; the defaults where they are absent. */
export interface SecurityFlags {
  readonly auditLogMaxage?: number
  readonly auditLogMaxbackup?: number
  /** In megabytes. */
  readonly auditLogMaxsize?: number
  readonly auditLogPath?: string
  readonly auditPolicyFile?: string
  readonly auditWebhookConfigFile?: string
  readonly encryptionProviderConfig?: string
  readonly encryptionProviderConfigAutomaticReload?: boolean
  readonly maxMutatingRequestsInflight?: number
  readonly maxRequestsInflight?: number
}
