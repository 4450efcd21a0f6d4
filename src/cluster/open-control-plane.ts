import { hostname } from 'node:os'
import type { KubeletTransport } from '../apiserver/streaming/kubelet-transport.ts'
import type { Component } from '../base/lifetime.ts'
import type { Tracer } from '../base/tracing/tracer.ts'
import { openAccess } from './access/open-access.ts'
import type { ClusterCertificates } from './certificates/cluster-certificates.ts'
import { openFrontProxy } from './certificates/front-proxy.ts'
import { claimStore } from './claim-store.ts'
import { CERTIFICATES_FOLDER, type ServerOptions } from './cluster-options.ts'
import { ControlPlane } from './control-plane.ts'
import { type Egress, openEgress } from './egress/open-egress.ts'
import { readMetricRules } from './metric-flags.ts'
import { openAdmission } from './open-admission.ts'
import { openAudit } from './open-audit.ts'
import { openEncryption } from './open-encryption.ts'
import { openStorage } from './open-storage.ts'
import { openTracing } from './open-tracing.ts'
import { descriptionsBeside, programDirectory, programVersion } from './program.ts'
import { timed } from './progress-timer.ts'
import { openCertificates, openKeyStore } from './serve.ts'
import { serverIdOf } from './server-identity.ts'
import { ServingTls } from './serving-tls.ts'
import { yamlWorkers } from './start-yaml-worker.ts'
import type { UndoStack } from './undo-stack.ts'

/** An API server that does not listen yet. */
export interface OpenedControlPlane {
  readonly controlPlane: ControlPlane
  readonly certificates: ClusterCertificates
  readonly tls: ServingTls
  /** The store's engine, in a word or two. */
  readonly engine: string
  /** Forgets old states of the store; to be run. */
  readonly compactor: Component
}

/**
 * Opens the store, the certificates and all that the options name. `kubeletsOf` says how kubelets
 * are reached. What was opened is closed by `undo`.
 */
export async function openControlPlane(
  options: ServerOptions,
  undo: UndoStack,
  kubeletsOf: (certificates: ClusterCertificates, egress: Egress) => Promise<KubeletTransport>,
): Promise<OpenedControlPlane> {
  const { clock, random, logger } = options
  const serverId = serverIdOf(hostname())
  let tracer: Tracer | undefined
  const egress = await openEgress(options, () => tracer)
  undo.add(() => egress.close())
  const tracing = await openTracing(options, serverId, egress)
  if (tracing !== undefined) undo.add(() => tracing.close())
  tracer = tracing?.tracer
  const { engine, storage, others, compactor } = await timed(
    options,
    'store',
    () => openStorage(options, egress, tracer),
    (opened) => opened.engine,
  )
  const storages = [storage, ...others.storages]
  undo.add(async () => {
    await Promise.all(storages.map((each) => each.close()))
  })
  const keys = openKeyStore(options)
  const certificates = await timed(options, 'certificates', () => openCertificates(keys, options))
  const { serving = {} } = options
  const { authority } = certificates
  const tls = await ServingTls.open(serving, authority, options.files)
  const serviceAccountKey = await signingKeyOf(certificates, options)
  if (options.etcd !== undefined) {
    for (const each of storages) await claimStore(each, authority, CERTIFICATES_FOLDER)
  }
  const audit = await openAudit(options, egress)
  undo.add(async () => {
    await Promise.all(audit?.backends.map((backend) => backend.close()) ?? [])
  })
  const access = await openAccess(options, serverId, egress)
  const context = { ...options, store: keys }
  const proxy = await openFrontProxy(options.access ?? {}, access.frontProxy, context)
  const { encryption, background } = await openEncryption(keys, options, serverId)
  const controlPlane = new ControlPlane({
    ...{ storage, others, clock, random, logger, serviceAccountKey, serverId },
    encryption,
    background: [background, ...(access.background ?? [])],
    audit,
    ...{ tracer, egress },
    metricRules: await readMetricRules(serving, options),
    serverSeats: serverSeatsOf(options),
    access: { ...access, ...(proxy.settings && { frontProxy: proxy.settings }) },
    proxyIdentity: proxy.identity,
    admission: await openAdmission(options.admission ?? {}, options.files),
    ...{ clientAuthority: tls.clientAuthority, serving },
    version: programVersion(),
    flags: options.flags,
    kubelets: await kubeletsOf(certificates, egress),
    describe: descriptionsBeside(programDirectory()),
    startYamlThread: yamlWorkers(programDirectory()),
    addressOf: () => `${options.bindAddress}:${options.port}`,
  })
  undo.add(() => controlPlane.close())
  return { controlPlane, certificates, tls, engine, compactor }
}

/** The key that signs service account tokens: the file of the flag, else the cluster's own. */
async function signingKeyOf(
  { serviceAccountKey }: ClusterCertificates,
  { serving = {}, files }: ServerOptions,
): Promise<string> {
  const { serviceAccountSigningKeyFile: path } = serving
  if (path === undefined) return serviceAccountKey
  return Buffer.from(await files.readFile(path)).toString()
}

/** Priority and fairness divide what upstream's two limits allow together. */
function serverSeatsOf({ security = {} }: ServerOptions): number {
  const { maxRequestsInflight = 400, maxMutatingRequestsInflight = 200 } = security
  return maxRequestsInflight + maxMutatingRequestsInflight
}
