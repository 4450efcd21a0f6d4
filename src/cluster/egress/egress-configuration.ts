import { readConfiguration } from '../../apiserver/read-configuration.ts'
import { s } from '../../machinery/schema.ts'

/** Whom a connection is to: nodes, pods and services; the control plane's servers; the store. */
export const NETWORKS = ['cluster', 'controlplane', 'etcd'] as const
export type Network = (typeof NETWORKS)[number]

/** How connections to a network are made. */
export type EgressConnection =
  | { readonly type: 'Direct' }
  | { readonly type: 'HTTPConnect' | 'GRPC'; readonly socketPath: string }
  | {
      readonly type: 'HTTPConnect'
      readonly host: string
      readonly port: number
      /** Paths of PEM files; plain HTTP when absent. */
      readonly tls?: {
        readonly authorityFile: string
        readonly certificateFile: string
        readonly keyFile: string
        readonly serverName: string
      }
    }

const text = () => s.string().default('')

const TlsConfig = s.struct('apiserver.v1beta1.TLSConfig', {
  caBundle: text(),
  clientKey: text(),
  clientCert: text(),
  tlsServerName: text(),
})

const Transport = s.struct('apiserver.v1beta1.Transport', {
  tcp: s
    .struct('apiserver.v1beta1.TCPTransport', { url: text(), tlsConfig: TlsConfig.optional() })
    .optional(),
  uds: s.struct('apiserver.v1beta1.UDSTransport', { udsName: text() }).optional(),
})

const Selection = s.struct('apiserver.v1beta1.EgressSelection', {
  name: text(),
  connection: s.struct('apiserver.v1beta1.Connection', {
    proxyProtocol: text(),
    transport: Transport.optional(),
  }),
})

const sort = {
  apiVersions: ['apiserver.k8s.io/v1beta1', 'apiserver.k8s.io/v1alpha1'],
  kind: 'EgressSelectorConfiguration',
  schema: s.struct('apiserver.v1beta1.EgressSelectorConfiguration', {
    egressSelections: s.list(Selection).default([]),
  }),
}

type Given = Awaited<ReturnType<typeof read>>['egressSelections'][number]

const read = (content: string) => readConfiguration(content, sort)

/** Reads upstream's EgressSelectorConfiguration. Rejects in upstream's words. */
export async function readEgressConfiguration(
  content: string,
): Promise<ReadonlyMap<Network, EgressConnection>> {
  const { egressSelections } = await read(content)
  const found = new Map<Network, EgressConnection>()
  const errors: string[] = []
  for (const selection of egressSelections) {
    const connection = connectionOf(selection, (path, why) => {
      errors.push(`service.connection${path}: ${why}`)
    })
    const name = NETWORKS.find((one) => one === selection.name.toLowerCase())
    if (name === undefined) {
      const known = '"cluster", "controlplane", "etcd"'
      const given = JSON.stringify(selection.name.toLowerCase())
      errors.push(`service.connection: Unsupported value: ${given}: supported values: ${known}`)
    } else if (found.has(name)) errors.push(`service.connection: Duplicate value: "${name}"`)
    else if (connection !== undefined) found.set(name, connection)
  }
  if (errors.length === 0) return found
  throw new Error(`failed to validate egress selector configuration: ${errors.join(', ')}`)
}

type Tell = (path: string, why: string) => void

/** Undefined where something was told that is wrong. */
function connectionOf({ connection }: Given, tell: Tell): EgressConnection | undefined {
  const { proxyProtocol, transport } = connection
  switch (proxyProtocol) {
    case 'Direct':
      if (transport === undefined) return { type: 'Direct' }
      tell('.transport', 'Invalid value: "direct": config must be absent for direct connect')
      return undefined
    case 'GRPC':
      if (transport === undefined) tell('.transport', required('transport must be set for GRPC'))
      else if (transport.uds === undefined) tell('.uds', required('UDS must be set with GRPC'))
      else return socketOf('GRPC', transport.uds, tell)
      return undefined
    case 'HTTPConnect':
      return httpConnectionOf(transport, tell)
    default: {
      const known = '"Direct", "GRPC", "HTTPConnect"'
      const given = JSON.stringify(proxyProtocol)
      tell('.protocol', `Unsupported value: ${given}: supported values: ${known}`)
      return undefined
    }
  }
}

function httpConnectionOf(
  transport: Given['connection']['transport'],
  tell: Tell,
): EgressConnection | undefined {
  const { tcp, uds } = transport ?? {}
  if (transport === undefined) tell('.transport', required('transport must be set for HTTPConnect'))
  else if (tcp !== undefined && uds !== undefined) {
    tell('.tcp', 'Invalid value: TCP and UDS cannot both be set')
  } else if (uds !== undefined) return socketOf('HTTPConnect', uds, tell)
  else if (tcp === undefined) tell('.tcp', required('One of TCP or UDS must be set'))
  else return tcpConnectionOf(tcp, tell)
  return undefined
}

function socketOf(
  type: 'HTTPConnect' | 'GRPC',
  { udsName }: { readonly udsName: string },
  tell: Tell,
): EgressConnection | undefined {
  if (udsName !== '') return { type, socketPath: udsName }
  tell('.udsName', 'Invalid value: "nil": must be present for UDS connections')
  return undefined
}

type Tcp = NonNullable<NonNullable<Given['connection']['transport']>['tcp']>

function tcpConnectionOf({ url, tlsConfig }: Tcp, tell: Tell): EgressConnection | undefined {
  const isPlain = url.startsWith('http://')
  if (!isPlain && !url.startsWith('https://')) {
    const known = 'supported connection protocols are http:// and https://'
    tell('.url', `Invalid value: ${JSON.stringify(url)}: ${known}`)
    return undefined
  }
  if (isPlain) {
    if (tlsConfig === undefined) return { type: 'HTTPConnect', ...addressOf(url) }
    tell('.tlsConfig', 'Invalid value: "nil": config must not be present when using HTTP')
    return undefined
  }
  if (tlsConfig === undefined) {
    tell('.tlsConfig', required('TLSConfig must be present when using HTTPS'))
    return undefined
  }
  const { caBundle, clientCert, clientKey, tlsServerName: serverName } = tlsConfig
  const missing = 'Invalid value: "nil": Using TLS requires'
  if (clientCert === '') tell('.tlsConfig.clientCert', `${missing} clientCert`)
  if (clientKey === '') tell('.tlsConfig.clientKey', `${missing} requires clientKey`)
  if (clientCert === '' || clientKey === '') return undefined
  const tls = { authorityFile: caBundle, certificateFile: clientCert, keyFile: clientKey }
  return { type: 'HTTPConnect', ...addressOf(url), tls: { ...tls, serverName } }
}

function addressOf(text: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(text)
  const usual = protocol === 'https:' ? 443 : 80
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? usual : Number(port) }
}

function required(why: string): string {
  return `Required value: ${why}`
}
