import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatCniConfig } from '../cni-config.ts'
import { formatContainerdConfig, formatMirrorHosts } from './config.ts'
import { mountPointsBelow } from './leftovers.ts'
import { detectMachineFacts, type MachineFacts } from './machine-facts.ts'
import { containerdPaths } from './paths.ts'

const facts: MachineFacts = {
  containerd: '/usr/bin/containerd',
  ociRuntime: '/usr/sbin/runc',
  cniPlugins: '/usr/lib/cni',
  cgroupVersion: 1,
  isSystemdRunning: false,
  canLowerOomScore: false,
  isOverlayUsable: true,
}

function configFor(changes: Partial<MachineFacts>, cgroupDriver: 'cgroupfs' | 'systemd') {
  const paths = containerdPaths('/var/lib/wherry')
  const sandboxImage = 'wherry.local/pause:1'
  return formatContainerdConfig({
    paths,
    facts: { ...facts, ...changes },
    sandboxImage,
    cgroupDriver,
  })
}

test('the configuration follows what the machine allows', () => {
  const restricted = configFor({}, 'cgroupfs')
  assert.match(restricted, /^restrict_oom_score_adj = true$/m)
  assert.match(restricted, /^snapshotter = "overlayfs"$/m)
  assert.match(restricted, /^SystemdCgroup = false$/m)
  assert.match(restricted, /^root = "\/var\/lib\/wherry\/containerd\/root"$/m)
  assert.match(restricted, /^bin_dir = "\/usr\/lib\/cni"$/m)
  const free = configFor(
    { canLowerOomScore: true, isOverlayUsable: false, ociRuntime: '/usr/bin/crun' },
    'systemd',
  )
  assert.match(free, /^restrict_oom_score_adj = false$/m)
  assert.match(free, /^snapshotter = "native"$/m)
  assert.match(free, /^SystemdCgroup = true$/m)
  assert.match(free, /^BinaryName = "\/usr\/bin\/crun"$/m)
})

test('every section of the configuration stands once', () => {
  const sections: readonly string[] = configFor({}, 'cgroupfs').match(/^\[.*\]$/gm) ?? []
  assert.equal(new Set(sections).size, sections.length)
  assert.ok(sections.includes('[plugins."io.containerd.grpc.v1.cri".registry]'))
})

test('a mirror may be asked for names and content only', () => {
  const expected = '[host."http://127.0.0.1:5000"]\n  capabilities = ["pull", "resolve"]\n'
  assert.equal(formatMirrorHosts('http://127.0.0.1:5000'), expected)
})

test('sockets stay within the kernel’s limit for every length of data directory', () => {
  for (let length = 1; length < 300; length++) {
    const { socket, socketDirectory, home } = containerdPaths(`/${'d'.repeat(length)}`)
    assert.ok(`${socket}.ttrpc`.length <= 107, socket)
    assert.equal(socketDirectory === undefined, socket.startsWith(home))
  }
  const [first, second] = ['e', 'f'].map((end) => containerdPaths(`/${'d'.repeat(200)}${end}`))
  assert.notEqual(first?.socket, second?.socket)
})

test('mounts below a directory come innermost first, and only those', () => {
  const line = (point: string) => `36 35 98:0 / ${point} rw,noatime shared:1 - ext4 /dev/sda rw`
  const points = ['/', '/data', '/data/a', '/data/a/b', '/database/x', '/data/with\\040blank']
  assert.deepEqual(mountPointsBelow(points.map(line).join('\n'), '/data'), [
    '/data/with blank',
    '/data/a/b',
    '/data/a',
  ])
})

test('the network has a gateway on its bridge, hairpins and, when asked, ports of the node', () => {
  const options = { podCidr: '10.1.0.0/24', bridge: 'w0', leaseDirectory: '/l', masquerade: true }
  const parsed = JSON.parse(formatCniConfig({ ...options, hostPorts: true, mtu: 1450 }))
  const [bridge, portmap] = parsed.plugins
  assert.deepEqual(
    [bridge.type, bridge.bridge, bridge.isGateway, bridge.hairpinMode, bridge.ipMasq, bridge.mtu],
    ['bridge', 'w0', true, true, true, 1450],
  )
  assert.deepEqual(bridge.ipam.ranges, [[{ subnet: '10.1.0.0/24' }]])
  assert.equal(bridge.ipam.dataDir, '/l')
  assert.deepEqual([portmap.type, portmap.capabilities], ['portmap', { portMappings: true }])
  assert.equal(JSON.parse(formatCniConfig({ ...options, hostPorts: false })).plugins.length, 1)
})

test('facts are read from the machine, and the trial of an overlay leaves nothing', async () => {
  const present = new Set([
    ...['/usr/bin/containerd', '/usr/bin/crun', '/sys/fs/cgroup/cgroup.controllers'],
    ...['bridge', 'host-local', 'loopback'].map((name) => `/opt/cni/bin/${name}`),
  ])
  const removed: string[] = []
  const commands: string[] = []
  const stat = { isDirectory: false, isFile: true, isSymbolicLink: false, mode: 0, sizeBytes: 0 }
  const detect = (mountCode: number, capabilities: string) =>
    detectMachineFacts(
      {
        files: {
          stat: async (path: string) => (present.has(path) ? stat : undefined),
          readFile: async () => Buffer.from(`CapEff:\t${capabilities}\n`),
          mkdir: async () => {},
          remove: async (path: string) => void removed.push(path),
        } as never,
        exec: {
          async run(command) {
            commands.push(command)
            return { code: command === 'mount' ? mountCode : 0, stdout: '', stderr: '' }
          },
        },
      },
      '/data',
    )
  assert.deepEqual(await detect(0, '000001ffffffffff'), {
    containerd: '/usr/bin/containerd',
    ociRuntime: '/usr/bin/crun',
    cniPlugins: '/opt/cni/bin',
    cgroupVersion: 2,
    isSystemdRunning: false,
    canLowerOomScore: true,
    isOverlayUsable: true,
  })
  const nested = await detect(32, '000001fffeffffff')
  assert.deepEqual([nested.canLowerOomScore, nested.isOverlayUsable], [false, false])
  assert.deepEqual(commands, ['mount', 'umount', 'mount'])
  assert.deepEqual(removed, ['/data/overlay-trial', '/data/overlay-trial'])
})
