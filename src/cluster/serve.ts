import { join } from 'node:path'
import type { ListenerTls } from '../apiserver/listener/listener.ts'
import { HttpsKubeletTransport } from '../apiserver/streaming/kubelet-transport.ts'
import { advertisedAddress, isWildcard } from './advertised-address.ts'
import {
  ClusterCertificates,
  type KeyStore,
  keyStoreIn,
  keyStoreInMemory,
} from './certificates/cluster-certificates.ts'
import { filePair } from './certificates/file-pair.ts'
import { followFrontProxy } from './certificates/front-proxy.ts'
import {
  CERTIFICATES_FOLDER,
  CLUSTER_DOMAIN,
  SERVICE_ADDRESS,
  type ServerOptions,
} from './cluster-options.ts'
import type { ControlPlane } from './control-plane.ts'
import type { Egress } from './egress/open-egress.ts'
import type { KubeconfigEntry } from './kubeconfig.ts'
import { KUBELET_CLIENT } from './kubelet-client.ts'
import { primaryAddress } from './nodes/node-address.ts'
import { GATEWAY } from './nodes/node-layout.ts'
import type { OpenedControlPlane } from './open-control-plane.ts'
import { portOwner } from './port-owner.ts'

/** How clients reach the API server. */
export interface Served {
  readonly url: string
  readonly port: number
  /** Where others reach it; see `advertisedAddress`. */
  readonly address: string
  readonly tls: ListenerTls
  /** For an administrator: a certificate of the group system:masters. */
  readonly kubeconfig: KubeconfigEntry
}

/** Where the cluster's keys are: in its data directory, or in memory. */
export function openKeyStore({ dataDirectory, files }: ServerOptions): KeyStore {
  if (dataDirectory === undefined) return keyStoreInMemory()
  return keyStoreIn(join(dataDirectory, CERTIFICATES_FOLDER), files)
}

export function openCertificates(
  store: KeyStore,
  { clock, random }: ServerOptions,
): Promise<ClusterCertificates> {
  return ClusterCertificates.open(store, clock, random)
}

/**
 * How the API server reaches kubelets over the network, with a certificate on both sides. Whoever
 * shows kubelets another certificate than the cluster's own has kubelets of another authority: they
 * are known by `--kubelet-certificate-authority`, and without it, as upstream, not at all.
 */
export async function kubeletTransport(
  certificates: ClusterCertificates,
  { serving = {}, files, clock, logger }: ServerOptions,
  egress: Egress,
): Promise<HttpsKubeletTransport> {
  const send = egress.send('cluster')
  const { kubeletClientCertificate, kubeletClientKey, kubeletCertificateAuthority } = serving
  const { kubeletPreferredAddressTypes: types } = serving
  const read = async (path: string) => Buffer.from(await files.readFile(path)).toString()
  const authority = kubeletCertificateAuthority
    ? await read(kubeletCertificateAuthority)
    : undefined
  if (kubeletClientCertificate !== undefined && kubeletClientKey !== undefined) {
    if (authority === undefined) {
      logger.info('kubelets are not verified: --kubelet-certificate-authority says whom to trust')
    }
    const pair = await filePair(kubeletClientCertificate, kubeletClientKey, files)
    const tls = async () => ({ ...(await pair()), authority })
    return new HttpsKubeletTransport(tls, send, clock, types)
  }
  const request = { commonName: KUBELET_CLIENT, usages: ['client' as const] }
  const client = await certificates.ensure('apiserver-kubelet-client', request)
  const tls = { ...client, authority: authority ?? certificates.authority }
  return new HttpsKubeletTransport(() => Promise.resolve(tls), send, clock, types)
}

/** Serves the API where the options say. A busy port is explained. */
export async function serve(
  options: ServerOptions,
  { controlPlane, certificates, tls: serving }: OpenedControlPlane,
): Promise<Served> {
  const { bindAddress, files } = options
  const address = await advertisedAddress(options)
  const [server, admin] = await Promise.all([
    certificates.ensure('apiserver', {
      commonName: 'kube-apiserver',
      hosts: serverNames(bindAddress, [address, await primaryAddress(files)]),
      usages: ['server'],
    }),
    certificates.ensure('admin', {
      commonName: 'wherry-admin',
      organizations: ['system:masters'],
      usages: ['client'],
    }),
  ])
  controlPlane.ownCertificate.watch(server.certificate)
  const { authority } = certificates
  const { connections } = controlPlane
  const aggregated = controlPlane.aggregation.table
  const tls = serving.with(server)
  controlPlane.follow('serving certificates', (signal) =>
    serving.follow(server, (changed) => connections.updateTls(changed), options, signal),
  )
  controlPlane.follow('front proxies', (signal) =>
    followFrontProxy(options.access ?? {}, { connections, aggregated }, options, signal),
  )
  const port = await listen(options, controlPlane, tls)
  const host = isWildcard(bindAddress) ? '127.0.0.1' : bindAddress
  const url = `https://${host.includes(':') ? `[${host}]` : host}:${port}`
  return {
    ...{ url, port, address, tls },
    kubeconfig: {
      ...{ name: 'wherry', server: url, client: admin },
      // Somebody else's certificate is trusted as such.
      authority: serving.hasCertificate ? `${authority.trimEnd()}\n${tls.certificate}` : authority,
    },
  }
}

async function listen(
  { bindAddress, port, files }: ServerOptions,
  controlPlane: ControlPlane,
  tls: ListenerTls,
): Promise<number> {
  try {
    return await controlPlane.listen(bindAddress, port, tls)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE') throw cause
    const owner = await portOwner(port, files)
    const who = owner === undefined ? 'another program' : owner
    throw new Error(
      `port ${port} of ${bindAddress} is in use by ${who}; stop it or choose another --port`,
    )
  }
}

/** Every name and address by which somebody may call the server. */
function serverNames(bindAddress: string, addresses: readonly string[]): readonly string[] {
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc']
  const names = new Set([
    'localhost',
    '127.0.0.1',
    '::1',
    ...service,
    `kubernetes.default.svc.${CLUSTER_DOMAIN}`,
    SERVICE_ADDRESS,
    GATEWAY,
    ...addresses,
    bindAddress,
  ])
  return [...names].filter((name) => !isWildcard(name))
}
