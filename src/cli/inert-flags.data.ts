/** A flag of kube-apiserver that changes nothing here. */
export interface InertFlag {
  /** With what follows it, as in a help text; `[boolean]` may be left out. */
  readonly flag: string
  /** Values that ask for what is done anyway: nothing is said of them. */
  readonly same?: RegExp
  /** Other values end the start, since they ask for what would silently not be done. */
  readonly isRefused?: true
  readonly because: string
}

const ONE_FORM = 'the API is served in one form, that of v1.36'
const OWN_BATCHES = 'lines are written as fast as the disk takes them'
const NO_LIMIT = 'what clients get is limited by priority and fairness alone'
const OWN_LOG = 'the log is written as it comes'
const OWN_CACHE = 'every resource that is asked for has a cache, whose size follows its objects'
const NO_PEERS = 'requests are not handed to servers of other versions'
const NO_ELECTION = 'leaders elect themselves'

/** Of these each is recognised, so that command lines and manifests of upstream can be used. */
export const INERT_FLAGS: readonly InertFlag[] = [
  { flag: '--admission-control <names>', isRefused: true, because: 'use --enable-admission-plugins' },
  { flag: '--allow-privileged [boolean]', same: /^true$/, because: 'Pod Security decides who may' },
  { flag: '--audit-log-batch-max-size <count>', because: OWN_BATCHES },
  { flag: '--audit-log-batch-throttle-burst <count>', because: OWN_BATCHES },
  { flag: '--audit-log-batch-throttle-enable [boolean]', same: /^false$/, because: OWN_BATCHES },
  { flag: '--audit-log-batch-throttle-qps <number>', because: OWN_BATCHES },
  { flag: '--audit-log-compress [boolean]', same: /^false$/, because: 'old logs stay plain text' },
  { flag: '--audit-log-truncate-max-batch-size <bytes>', because: OWN_BATCHES },
  {
    flag: '--audit-log-version <version>',
    same: /^audit\.k8s\.io\/v1$/,
    isRefused: true,
    because: 'events are of audit.k8s.io/v1',
  },
  {
    flag: '--audit-webhook-version <version>',
    same: /^audit\.k8s\.io\/v1$/,
    isRefused: true,
    because: 'events are of audit.k8s.io/v1',
  },
  { flag: '--cert-dir <folder>', because: 'certificates are kept in the data directory' },
  { flag: '--contention-profiling [boolean]', same: /^false$/, because: 'there are no locks' },
  { flag: '--coordinated-leadership-lease-duration <time>', because: NO_ELECTION },
  { flag: '--coordinated-leadership-renew-deadline <time>', because: NO_ELECTION },
  { flag: '--coordinated-leadership-retry-period <time>', because: NO_ELECTION },
  {
    flag: '--debug-socket-path <path>',
    isRefused: true,
    because: 'profiles are behind authentication: /debug/pprof',
  },
  { flag: '--delete-collection-workers <count>', because: 'collections are deleted in one go' },
  { flag: '--emulated-version <versions>', isRefused: true, because: ONE_FORM },
  { flag: '--emulation-forward-compatible [boolean]', same: /^false$/, because: ONE_FORM },
  {
    flag: '--enable-aggregator-routing [boolean]',
    same: /./,
    because: 'endpoints are always reached directly',
  },
  {
    flag: '--enable-bootstrap-token-auth [boolean]',
    same: /^true$/,
    because: 'bootstrap tokens are taken, as there are none unless somebody makes them',
  },
  {
    flag: '--enable-garbage-collector [boolean]',
    same: /^true$/,
    isRefused: true,
    because: 'deletion with finalizers is always on',
  },
  { flag: '--enable-logs-handler [boolean]', same: /^false$/, because: '/logs is not served' },
  {
    flag: '--enable-priority-and-fairness [boolean]',
    same: /^true$/,
    isRefused: true,
    because: 'it is always on',
  },
  { flag: '--etcd-count-metric-poll-period <time>', because: 'objects are counted as they change' },
  { flag: '--etcd-db-metric-poll-interval <time>', because: 'the size is asked for when metrics are' },
  { flag: '--etcd-healthcheck-timeout <time>', same: /^2s$/, because: 'it is 2s' },
  { flag: '--etcd-readycheck-timeout <time>', same: /^2s$/, because: 'it is 2s' },
  { flag: '--external-hostname <name>', because: 'clients are told the advertised address' },
  { flag: '--feature-gates <gates>', because: 'features are as by default' },
  { flag: '--kubelet-timeout <time>', because: 'the client of a request decides how long it waits' },
  {
    flag: '--kubernetes-service-node-port <port>',
    same: /^0$/,
    isRefused: true,
    because: 'the service "kubernetes" has a cluster address only',
  },
  { flag: '--lease-reuse-duration-seconds <seconds>', because: 'leases are shared for 60 s' },
  { flag: '--livez-grace-period <time>', same: /^0s?$/, because: 'a server is live once it answers' },
  { flag: '--log-flush-frequency <time>', same: /./, because: OWN_LOG },
  { flag: '--log-json-info-buffer-size <size>', because: OWN_LOG },
  { flag: '--log-json-split-stream [boolean]', same: /^false$/, because: OWN_LOG },
  { flag: '--log-text-info-buffer-size <size>', because: OWN_LOG },
  { flag: '--log-text-split-stream [boolean]', same: /^false$/, because: OWN_LOG },
  {
    flag: '--logging-format <format>',
    same: /^text$/,
    isRefused: true,
    because: 'the log is text, as klog writes it',
  },
  { flag: '--max-connection-bytes-per-sec <count>', same: /^0$/, because: NO_LIMIT },
  { flag: '--min-compatibility-version <versions>', because: ONE_FORM },
  { flag: '--peer-advertise-ip <address>', because: NO_PEERS },
  { flag: '--peer-advertise-port <port>', because: NO_PEERS },
  { flag: '--peer-ca-file <file>', because: NO_PEERS },
  { flag: '--permit-address-sharing [boolean]', same: /^false$/, because: 'addresses are ours' },
  {
    flag: '--permit-port-sharing [boolean]',
    same: /^false$/,
    isRefused: true,
    because: 'a port belongs to one server',
  },
  {
    flag: '--runtime-config-emulation-forward-compatible [boolean]',
    same: /^false$/,
    because: ONE_FORM,
  },
  {
    flag: '--send-retry-after-while-not-ready-once [boolean]',
    same: /^false$/,
    because: 'requests are answered from the first moment',
  },
  {
    flag: '--service-account-lookup [boolean]',
    same: /^true$/,
    isRefused: true,
    because: 'tokens end with their objects',
  },
  {
    flag: '--shutdown-send-retry-after [boolean]',
    same: /^false$/,
    because: 'the listener closes at once',
  },
  {
    flag: '--shutdown-watch-termination-grace-period <time>',
    same: /^0s?$/,
    because: 'watches end at once, and their clients go on elsewhere',
  },
  {
    flag: '--storage-backend <name>',
    same: /^(etcd3)?$/,
    isRefused: true,
    because: 'etcd3 is the only one; without --etcd-servers the store is in the data directory',
  },
  { flag: '--storage-initialization-timeout <time>', because: 'caches load when they are asked' },
  {
    flag: '--storage-media-type <type>',
    same: /^application\/json$/,
    because: 'objects are stored as JSON, which kube-apiserver reads too',
  },
  { flag: '--vmodule <pattern>', because: 'use -v' },
  { flag: '--watch-cache [boolean]', same: /^true$/, because: OWN_CACHE },
  { flag: '--watch-cache-sizes <sizes>', because: OWN_CACHE },
]
