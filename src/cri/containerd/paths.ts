import { createHash } from 'node:crypto'
import { join } from 'node:path'

/** Where everything of one containerd instance lies. */
export interface ContainerdPaths {
  /** Everything below, but for sockets whose path would be too long. */
  readonly home: string
  readonly root: string
  readonly state: string
  readonly config: string
  readonly log: string
  readonly processId: string
  readonly socket: string
  /** Only where the socket cannot lie in `home`. */
  readonly socketDirectory: string | undefined
  readonly cniConfigDirectory: string
  readonly cniLeaseDirectory: string
  /** One folder with a hosts.toml for each registry. */
  /** Which tables of address translation others had made before. */
  readonly natTables: string
  readonly registryDirectory: string
  readonly images: string
}

/** The kernel's sun_path holds 108 bytes with the ending zero. */
const MAX_SOCKET_PATH_BYTES = 107

/** containerd opens a second socket beside the first, with this added. */
const SECOND_SOCKET_SUFFIX = '.ttrpc'

export function containerdPaths(dataDirectory: string): ContainerdPaths {
  const home = join(dataDirectory, 'containerd')
  const within = join(home, 'containerd.sock')
  const isTooLong = Buffer.byteLength(within + SECOND_SOCKET_SUFFIX) > MAX_SOCKET_PATH_BYTES
  const hash = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16)
  const socketDirectory = isTooLong ? `/run/wherry-${hash}` : undefined
  return {
    home,
    root: join(home, 'root'),
    state: join(home, 'state'),
    config: join(home, 'config.toml'),
    log: join(home, 'containerd.log'),
    processId: join(home, 'containerd.pid'),
    socket: socketDirectory === undefined ? within : join(socketDirectory, 'containerd.sock'),
    socketDirectory,
    cniConfigDirectory: join(home, 'cni'),
    cniLeaseDirectory: join(home, 'cni-leases'),
    natTables: join(home, 'nat-tables.json'),
    registryDirectory: join(home, 'registries'),
    images: join(dataDirectory, 'images'),
  }
}
