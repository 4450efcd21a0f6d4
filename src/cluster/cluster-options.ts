import type { Clock } from '../base/clock.ts'
import type { Exec } from '../base/exec.ts'
import type { FileSystem } from '../base/file-system.ts'
import type { Logger } from '../base/logger.ts'
import type { Random } from '../base/random.ts'
import type { AccessFlags } from './access/access-flags.ts'
import type { KubeconfigEntry } from './kubeconfig.ts'
import type { AdmissionFlags } from './open-admission.ts'
import type { SecurityFlags } from './security-flags.ts'
import type { ServingFlags } from './serving-flags.ts'

/** What runs the containers: our own containerd, another CRI endpoint, or nothing real. */
export type RuntimeChoice =
  | { readonly type: 'containerd' }
  | { readonly type: 'simulated' }
  /** Such as `unix:///run/containerd/containerd.sock`. */
  | { readonly type: 'endpoint'; readonly endpoint: string }

/** Told of each part of a start as it comes up. */
export interface Progress {
  step(name: string): void
  done(name: string, detail: string, durationMs: number): void
  /** Something the user should know, in a sentence. */
  note(text: string): void
}

/** An external etcd, in the terms of upstream's flags. */
export interface EtcdChoice {
  /** URLs of the members of one cluster, with commas. */
  readonly servers: string
  /** Paths of PEM files: whom to trust, and who this server is. */
  readonly authorityFile?: string | undefined
  readonly certificateFile?: string | undefined
  readonly keyFile?: string | undefined
  /** Below which keys stand; `/registry` when absent. */
  readonly prefix?: string | undefined
  /** Resources in other etcds, with the same files and prefix: `group/resource#URL;URL`, commas. */
  readonly overrides?: string | undefined
}

/** What an API server is started with, alone or as part of a cluster. */
export interface ServerOptions {
  /** An absolute path. Undefined keeps everything in memory and on simulated nodes. */
  readonly dataDirectory: string | undefined
  /** State is lost when the server stops; faster, for tests. */
  readonly inMemory: boolean
  /** Keeps the state in an etcd instead, which other servers may share. */
  readonly etcd?: EtcdChoice | undefined
  /** 0 for any free port. */
  readonly port: number
  /** Where the API server listens beside the pods' gateway: loopback unless asked. */
  readonly bindAddress: string
  /** Where others reach it, if that is elsewhere; see `advertisedAddress`. */
  readonly advertiseAddress?: string | undefined
  /** Who may come in, beside those whom every cluster knows. */
  readonly access?: AccessFlags
  /** What is logged, encrypted and limited, where that is not as usual. */
  readonly security?: SecurityFlags
  /** How the API is served, where that is not as usual. */
  readonly serving?: ServingFlags
  /** What may be written, beside what every cluster refuses. */
  readonly admission?: AdmissionFlags
  /** What it was started with, for `/flagz`: nothing where it is part of a program. */
  readonly flags?: ReadonlyMap<string, string>
  readonly clock: Clock
  readonly random: Random
  readonly files: FileSystem
  readonly logger: Logger
  readonly progress: Progress
}

/** What a whole cluster is started with. */
export interface ClusterOptions extends ServerOptions {
  readonly nodes: number
  /** Undefined: containerd where this machine allows it, else simulated. */
  readonly runtime: RuntimeChoice | undefined
  /** Of the first node; the others add `-2`, `-3` ... */
  readonly nodeName: string
  /** Packages may be installed with the system's package manager. */
  readonly mayInstall: boolean
  readonly exec: Exec
}

export interface ComponentStatus {
  readonly name: string
  readonly detail: string
}

/** What `wherry status` shows. */
export interface ClusterStatus {
  readonly processId: number
  readonly url: string
  /** Wall-clock milliseconds. */
  readonly startedAt: number
  readonly memoryBytes: number
  readonly components: readonly ComponentStatus[]
  readonly kubeconfig: KubeconfigEntry
}

/** Ranges and names that upstream's installers use too. */
const CLUSTER_CIDR = '10.244.0.0/16'
/** For more simulated nodes than the usual range has room for. */
const LARGE_CLUSTER_CIDR = '100.64.0.0/10'
/** How many ranges for nodes the usual one has. */
export const MOST_NODES = 256

/** The range of all pods of a cluster with so many nodes. */
export function clusterCidrFor(nodes: number): string {
  return nodes > MOST_NODES ? LARGE_CLUSTER_CIDR : CLUSTER_CIDR
}

export const SERVICE_CIDR = '10.96.0.0/16'
export const CLUSTER_DOMAIN = 'cluster.local'

/** The nftables table of services, upstream's name. */
export const SERVICE_TABLE = 'kube-proxy'
/** The tenth address of the services' range, as every installer has it. */
export const DNS_ADDRESS = '10.96.0.10'
/** The first address of the services' range: the service `kubernetes`. */
export const SERVICE_ADDRESS = '10.96.0.1'
/** In the data directory: the cluster's keys and certificates. */
export const CERTIFICATES_FOLDER = 'certificates'
