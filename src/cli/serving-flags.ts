import type { Command } from 'commander'
import { type Flag, withFlags } from './flag-table.ts'

const FLAGS: readonly Flag[] = [
  ['--apiserver-count <count>', 'of servers, where master-count asks for it', '1'],
  [
    '--allow-metric-labels <pair>',
    'metric,label=value,value: other values of the label are shown as "unexpected"',
  ],
  ['--allow-metric-labels-manifest <file>', 'the same as a map in YAML'],
  [
    '--aggregator-reject-forwarding-redirect [boolean]',
    'aggregated servers may not send clients elsewhere',
    'true',
  ],
  ['--client-ca-file <file>', 'who signs client certificates, beside the cluster itself'],
  [
    '--cors-allowed-origins <expressions...>',
    'whose scripts may use the API: //example\\.com(:|$)',
  ],
  ['--disabled-metrics <names...>', 'these are not shown'],
  ['--disable-http2-serving [boolean]', 'HTTP/1.1 only', 'false'],
  [
    '--egress-selector-config-file <file>',
    'an EgressSelectorConfiguration: by what proxies nodes, webhooks and etcd are reached',
  ],
  [
    '--endpoint-reconciler-type <type>',
    'lease, master-count or none: who keeps the endpoints of "kubernetes"',
  ],
  ['--event-ttl <time>', 'how long events are kept after they came last', '1h0m0s'],
  ['--goaway-chance <number>', 'of an HTTP/2 client to be asked to connect anew, up to 0.02', '0'],
  ['--http2-max-streams-per-connection <count>', 'requests at once on one connection', '1000'],
  ['--kubelet-certificate-authority <file>', 'who signs the certificates of kubelets'],
  ['--kubelet-client-certificate <file>', 'what this server shows to them'],
  ['--kubelet-client-key <file>', 'its key'],
  [
    '--kubelet-preferred-address-types <types...>',
    'which address of a node is used, the best first',
    'InternalIP,ExternalIP,InternalDNS,ExternalDNS,Hostname',
  ],
  [
    '--min-request-timeout <seconds>',
    'a watch that does not say how long it lasts ends after one to two times this',
    '1800',
  ],
  ['--profiling [boolean]', 'serve /debug/pprof to those who may', 'false'],
  ['--request-timeout <time>', 'what a request may take', '1m0s'],
  [
    '--runtime-config <settings...>',
    'what is served to clients: api/alpha=false, apps/v1=true, ... (everything)',
  ],
  ['--service-account-signing-key-file <file>', 'what signs the tokens of service accounts'],
  ['--service-cluster-ip-range <ranges>', 'one, or one of each family', '10.96.0.0/16'],
  ['--service-node-port-range <range>', 'of services', '30000-32767'],
  [
    '--show-hidden-metrics-for-version <version>',
    'of the previous release; none of this server is hidden',
  ],
  ['--shutdown-delay-duration <time>', 'how long it goes on while it says that it ends', '0s'],
  ['--strict-transport-security-directives <words...>', 'sent to browsers'],
  ['--tls-cert-file <file>', 'with what the API is served; read again when it changes'],
  ['--tls-cipher-suites <names...>', 'of TLS 1.2'],
  [
    '--tls-curve-preferences <ids...>',
    'by number: 23, 24, 25 are P-256, P-384, P-521, 29 is X25519',
  ],
  ['--tls-min-version <version>', 'VersionTLS12 or VersionTLS13'],
  ['--tls-private-key-file <file>', 'its key'],
  ['--tls-sni-cert-key <pair>', 'cert,key[:names] for clients that ask by these names; repeatable'],
  ['--tracing-config-file <file>', 'a TracingConfiguration: where spans of requests are sent'],
]

/** A command that takes the API server's flags of how it is served. */
export function withServingFlags(command: Command): Command {
  return withFlags(command, 'How the API is served, as of kube-apiserver:', FLAGS)
}
