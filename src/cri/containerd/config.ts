import type { MachineFacts } from './machine-facts.ts'
import type { ContainerdPaths } from './paths.ts'

/** What containerd is built with and nothing here needs: less to load and to probe at a start. */
const NEEDLESS_PLUGINS = [
  'io.containerd.snapshotter.v1.aufs',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.zfs',
  'io.containerd.internal.v1.restart',
  'io.containerd.internal.v1.tracing',
  'io.containerd.tracing.processor.v1.otlp',
]

export interface ContainerdConfigOptions {
  readonly paths: ContainerdPaths
  readonly facts: MachineFacts
  readonly sandboxImage: string
  /** Who arranges cgroups; the kubelet must name pods' parents in the same form. */
  readonly cgroupDriver: 'cgroupfs' | 'systemd'
}

/** containerd's config.toml, version 2: understood by 1.3 and all later ones. */
export function formatContainerdConfig(options: ContainerdConfigOptions): string {
  const { paths, facts, sandboxImage, cgroupDriver } = options
  const cri = 'plugins."io.containerd.grpc.v1.cri"'
  const runc = `${cri}.containerd.runtimes.runc`
  const sections: readonly (readonly [string, Readonly<Record<string, TomlValue>>])[] = [
    [
      '',
      {
        version: 2,
        root: paths.root,
        state: paths.state,
        disabled_plugins: NEEDLESS_PLUGINS,
      },
    ],
    ['debug', { level: 'warn' }], // At `info` the log grows with every container, for ever.
    ['grpc', { address: paths.socket }],
    [
      cri,
      {
        sandbox_image: sandboxImage,
        restrict_oom_score_adj: !facts.canLowerOomScore,
        netns_mounts_under_state_dir: true,
        // As every pod has a network of its own, its user need not be root to open port 80 or ping.
        enable_unprivileged_ports: true,
        enable_unprivileged_icmp: true,
      },
    ],
    [`${cri}.cni`, { bin_dir: facts.cniPlugins ?? '', conf_dir: paths.cniConfigDirectory }],
    [`${cri}.registry`, { config_path: paths.registryDirectory }],
    [
      `${cri}.containerd`,
      {
        snapshotter: facts.isOverlayUsable ? 'overlayfs' : 'native',
        default_runtime_name: 'runc',
        // The loaded archive or the registry still has the layers: once unpacked they are no use.
        discard_unpacked_layers: true,
      },
    ],
    [runc, { runtime_type: 'io.containerd.runc.v2' }],
    [
      `${runc}.options`,
      {
        BinaryName: facts.ociRuntime ?? '',
        Root: `${paths.state}/runc`,
        SystemdCgroup: cgroupDriver === 'systemd',
      },
    ],
  ]
  return `${sections.map(([name, values]) => formatSection(name, values)).join('\n')}`
}

type TomlValue = string | number | boolean | readonly string[]

function formatSection(name: string, values: Readonly<Record<string, TomlValue>>): string {
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
  return `${name === '' ? '' : `[${name}]\n`}${lines.join('')}`
}

/**
 * A hosts.toml that sends a pull to the mirror first. Without a `server` containerd goes on to the
 * registry that the image's name says.
 */
export function formatMirrorHosts(mirrorAddress: string): string {
  return `[host."${mirrorAddress}"]\n  capabilities = ["pull", "resolve"]\n`
}
