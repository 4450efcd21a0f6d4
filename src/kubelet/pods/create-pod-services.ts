import { join } from 'node:path'
import type { Logger } from '../../base/logger.ts'
import type { Lister } from '../../client/lister.ts'
import type { Node } from '../../kinds/core/v1/node.ts'
import type { Service } from '../../kinds/core/v1/service.ts'
import { BackOff } from '../images/back-off.ts'
import { ImagePuller } from '../images/image-puller.ts'
import type { KubeletDisk, KubeletOptions } from '../kubelet-options.ts'
import { PodLogs } from '../logs/pod-logs.ts'
import type { MachineFacts } from '../node/machine.ts'
import { ContainerStarter } from '../runtime/container-starter.ts'
import { HookRunner } from '../runtime/hook-runner.ts'
import type { NodeFacts } from '../runtime/node-facts.ts'
import { PodEvents } from '../runtime/pod-events.ts'
import { PodKiller } from '../runtime/pod-killer.ts'
import { RuntimeReader } from '../runtime/runtime-reader.ts'
import { StatusManager } from '../status/status-manager.ts'
import { AtomicWriter } from '../volumes/atomic-writer.ts'
import { DiskPodFiles } from '../volumes/disk-pod-files.ts'
import { logsOnly, type PodFiles } from '../volumes/pod-files.ts'
import { PodObjects } from '../volumes/pod-objects.ts'
import { ServiceAccountTokens } from '../volumes/service-account-tokens.ts'
import { VolumeMaker } from '../volumes/volume-maker.ts'
import type { PodServices } from './pod-services.ts'

/** What the kubelet itself knows and its pods need. */
export interface PodServicesInput {
  readonly services: Lister<Service>
  readonly facts: MachineFacts
  node(): Node
  networkProblem(): string | undefined
  /** An object that the pod of this uid refers to has changed. */
  onObjectChange(uid: string): void
  /** An image has been pulled or removed. */
  onImages(): void
}

/** Puts together what pod workers share. Rejects while the runtime does not answer. */
export async function createPodServices(
  options: KubeletOptions,
  logger: Logger,
  signal: AbortSignal,
  input: PodServicesInput,
): Promise<PodServices> {
  const { client, clock, random, runtime, recorder, network, logFiles, disk } = options
  const { runtimeName } = await runtime.version()
  const events = new PodEvents(recorder)
  const hooks = new HookRunner(runtime, network, clock, events)
  const context = { client, clock, random, logger }
  const objects = new PodObjects(context, signal, (uid) => input.onObjectChange(uid))
  const tokens = new ServiceAccountTokens({ client, clock, logger })
  const nodeFacts = (): NodeFacts => ({
    hostIps: options.nodeIps,
    memoryBytes: input.facts.memoryBytes,
    allocatable: input.node().status.allocatable ?? {},
  })
  const sources = { objects, tokens, nodeAllocatable: () => nodeFacts().allocatable }
  const logs =
    options.logs === undefined ? undefined : new PodLogs(options.logs.files, options.logs.root)
  const files = disk === undefined ? logsOnly(logs) : diskPodFiles(options, disk, sources)
  const sandboxOwners = new Map<string, string>()
  return {
    client,
    clock,
    logger,
    runtime,
    runtimeName,
    sandboxOwners,
    reader: new RuntimeReader(runtime, logFiles, clock, sandboxOwners),
    events,
    images: new ImagePuller(runtime, clock, events, () => input.onImages()),
    starter: new ContainerStarter({
      ...{ runtime, files, objects, hooks, events, logger, nodeFacts },
      services: input.services,
      seccompRoot: disk === undefined ? '' : `${disk.rootDirectory}/seccomp`,
    }),
    killer: new PodKiller({ runtime, clock, logger, hooks, events }),
    files,
    objects,
    tokens,
    statuses: new StatusManager({ client, clock, logger }),
    probes: { runtime, network, clock, random, events, startedMs: clock.now() },
    crashBackOff: new BackOff(clock),
    clusterDns: options.clusterDns,
    logRoot: disk?.logRoot ?? options.logs?.root ?? '/var/log/pods',
    hostResolver: () => options.hostResolver,
    nodeFacts,
    node: () => input.node(),
    networkProblem: () => input.networkProblem(),
  }
}

function diskPodFiles(
  { client, clock, random, clusterDns }: KubeletOptions,
  { files, paths, mounter, rootDirectory, logRoot }: KubeletDisk,
  sources: ConstructorParameters<typeof VolumeMaker>[0]['sources'],
): PodFiles {
  const writer = new AtomicWriter(files, clock, random)
  const volumes = new VolumeMaker({
    ...{ client, files, paths, mounter, writer, sources },
    secretsRoot: join(rootDirectory, 'secrets'),
  })
  const { domain: clusterDomain } = clusterDns
  const logs = new PodLogs(files, logRoot)
  return new DiskPodFiles({ rootDirectory, logs, clusterDomain, files, random, volumes, paths })
}
