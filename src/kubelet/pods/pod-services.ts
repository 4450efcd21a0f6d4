import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'
import type { Node } from '../../kinds/core/v1/node.ts'
import type { ClusterDns } from '../dns/pod-dns.ts'
import type { ResolverSettings } from '../dns/resolv-conf.ts'
import type { BackOff } from '../images/back-off.ts'
import type { ImagePuller } from '../images/image-puller.ts'
import type { ProbePorts } from '../probes/pod-probes.ts'
import type { ContainerStarter } from '../runtime/container-starter.ts'
import type { NodeFacts } from '../runtime/node-facts.ts'
import type { PodEvents } from '../runtime/pod-events.ts'
import type { PodKiller } from '../runtime/pod-killer.ts'
import type { RuntimeReader } from '../runtime/runtime-reader.ts'
import type { StatusManager } from '../status/status-manager.ts'
import type { PodFiles } from '../volumes/pod-files.ts'
import type { PodObjects } from '../volumes/pod-objects.ts'
import type { ServiceAccountTokens } from '../volumes/service-account-tokens.ts'

/** What all pod workers of a kubelet share. */
export interface PodServices {
  readonly client: Client
  readonly clock: Clock
  readonly logger: Logger
  readonly runtime: ContainerRuntime
  /** Such as `containerd`. */
  readonly runtimeName: string
  readonly reader: RuntimeReader
  /** The uid of the pod that each sandbox belongs to. */
  readonly sandboxOwners: ReadonlyMap<string, string>
  readonly events: PodEvents
  readonly images: ImagePuller
  readonly starter: ContainerStarter
  readonly killer: PodKiller
  readonly files: PodFiles
  readonly objects: PodObjects
  readonly tokens: ServiceAccountTokens
  readonly statuses: StatusManager
  readonly probes: ProbePorts
  /** Of containers that fail again and again. */
  readonly crashBackOff: BackOff
  readonly clusterDns: ClusterDns
  readonly logRoot: string
  hostResolver(): ResolverSettings
  nodeFacts(): NodeFacts
  /** As it was last seen. */
  node(): Node
  /** Why pods without the host's network cannot start now; undefined where they can. */
  networkProblem(): string | undefined
}
