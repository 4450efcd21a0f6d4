import type { Registry } from 'prom-client'
import type { AuditOptions } from '../apiserver/audit/audit-filter.ts'
import type { TransformerSource } from '../apiserver/encryption/encryption.ts'
import type { HealthCheck } from '../apiserver/endpoints/health-endpoints.ts'
import type { MetricRules } from '../apiserver/endpoints/metric-rules.ts'
import type { VersionInfo } from '../apiserver/endpoints/version-info.ts'
import type { ProxyIdentity } from '../apiserver/extensions/aggregation/api-service-table.ts'
import type { KubeletTransport } from '../apiserver/streaming/kubelet-transport.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { Random } from '../base/random.ts'
import type { Tracer } from '../base/tracing/tracer.ts'
import type { Client } from '../client/client.ts'
import type { StartYamlThread } from '../machinery/codec/yaml-thread.ts'
import type { Describe } from '../machinery/openapi/descriptions.ts'
import type { Storage } from '../storage/storage.ts'
import type { AccessSettings } from './access/access-settings.ts'
import type { Egress } from './egress/open-egress.ts'
import type { AdmissionSettings } from './open-admission.ts'
import type { OtherStores } from './open-storage.ts'
import type { ServingFlags } from './serving-flags.ts'

/** Something that goes on beside the API for as long as the server runs. */
export interface BackgroundService {
  readonly name: string
  /** What `/metrics` shows of it. */
  readonly registry?: Registry | undefined
  readonly checks?: readonly HealthCheck[]
  /** Resolves when the signal has aborted and all is at rest. The client is the server's own. */
  run(client: Client, signal: AbortSignal): Promise<void>
}

/** What a control plane is made of. */
export interface ControlPlaneOptions {
  readonly storage: Storage
  /** Stores of certain kinds beside it. */
  readonly others?: OtherStores | undefined
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** PEM of the key that signs service account tokens. */
  readonly serviceAccountKey: string
  /** What is logged of requests, and where; nothing when absent. */
  readonly audit?: Pick<AuditOptions, 'evaluate' | 'backends'> | undefined
  /** Requests that are answered at once, all priority levels together; 600 when absent. */
  readonly serverSeats?: number
  /** Which resources are stored encrypted. */
  readonly encryption: TransformerSource
  /** Tells this server from others that share the store. */
  readonly serverId: string
  /** What goes on beside the API for as long as the server runs. */
  readonly background?: readonly BackgroundService[]
  /** Who may come in and what they may do, beside what every cluster has. */
  readonly access?: AccessSettings | undefined
  /** All plugins that upstream has on by default, and told nothing, when absent. */
  readonly admission?: AdmissionSettings | undefined
  /** PEM of who signs client certificates; needed where there are front proxies. */
  readonly clientAuthority?: string | undefined
  /** With what this server proves to aggregated ones that it speaks for its callers. */
  readonly proxyIdentity?: ProxyIdentity | undefined
  /** How others are reached; directly when absent. */
  readonly egress?: Egress | undefined
  /** Records requests; none when absent. */
  readonly tracer?: Tracer | undefined
  /** Which metrics are shown, and how; all as they are when absent. */
  readonly metricRules?: MetricRules | undefined
  /** How the API is served, where that is not as usual. */
  readonly serving?: ServingFlags
  readonly version: VersionInfo
  /** What the server was started with, by name. */
  readonly flags?: ReadonlyMap<string, string> | undefined
  readonly kubelets: KubeletTransport
  /** Of every field, for `kubectl explain`. */
  readonly describe: Describe
  /** Starts threads for long YAML; without them it is read where it arrives. */
  readonly startYamlThread?: StartYamlThread | undefined
  /** The `host:port` that clients are told to use. */
  readonly addressOf: () => string
}
