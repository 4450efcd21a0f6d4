import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Exec } from '../../base/exec.ts'
import type { FileStat, FileSystem } from '../../base/file-system.ts'
import { ensureContainerd } from './ensure-containerd.ts'

const FILE: FileStat = {
  isDirectory: false,
  isFile: true,
  isSymbolicLink: false,
  mode: 0o755,
  sizeBytes: 1,
}
const ALL_PROGRAMS = ['containerd', 'runc', 'nft', 'ip', 'iptables', 'apt-get'].map(
  (name) => `/usr/bin/${name}`,
)
const CNI = ['bridge', 'host-local', 'loopback'].map((name) => `/usr/lib/cni/${name}`)
const ALL_CAPABILITIES = '000001ffffffffff'

function machine(paths: readonly string[], effective = ALL_CAPABILITIES) {
  const present = new Set(paths)
  const commands: string[] = []
  const failures = new Map<string, number>()
  const files: Partial<FileSystem> = {
    stat: async (path) => (present.has(path) ? FILE : undefined),
    readFile: async () => Buffer.from(`Name:\tnode\nCapEff:\t${effective}\n`),
  }
  const exec: Exec = {
    async run(command, args) {
      const line = [command, ...args].join(' ')
      commands.push(line)
      const left = failures.get(line) ?? 0
      failures.set(line, left - 1)
      return { code: left > 0 ? 100 : 0, stdout: '', stderr: left > 0 ? 'E: 404' : '' }
    },
  }
  const progress: string[] = []
  const ensure = (platform = 'linux', isRoot = true) =>
    ensureContainerd({
      files: files as FileSystem,
      exec,
      platform,
      isRoot,
      progress: (message) => progress.push(message),
    })
  return { ensure, commands, progress, failures }
}

test('where all is there, nothing is run', async () => {
  const { ensure, commands } = machine([...ALL_PROGRAMS, ...CNI])
  assert.deepEqual(await ensure(), { canRun: true, installed: [] })
  assert.deepEqual(commands, [])
})

test('crun will do for runc, and /opt/cni/bin for Debian’s directory', async () => {
  const programs = ALL_PROGRAMS.map((path) => path.replace('runc', 'crun'))
  const { ensure } = machine([
    ...programs,
    ...CNI.map((path) => path.replace('usr/lib/cni', 'opt/cni/bin')),
  ])
  assert.deepEqual(await ensure(), { canRun: true, installed: [] })
})

test('what is missing is installed, and Debian’s service is kept from starting', async () => {
  const paths = ['/usr/bin/apt-get', '/usr/sbin/ip', '/usr/sbin/nft', '/run/systemd/system']
  const { ensure, commands, progress } = machine(paths)
  const packages = 'containerd runc iptables containernetworking-plugins'
  assert.deepEqual(await ensure(), { canRun: true, installed: packages.split(' ') })
  assert.deepEqual(commands, [
    `apt-cache show ${packages}`,
    'systemctl mask --runtime containerd.service',
    `apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends ${packages}`,
    'systemctl unmask --runtime containerd.service',
    'systemctl disable containerd.service',
  ])
  assert.deepEqual(progress, [`installing ${packages.replaceAll(' ', ', ')} (apt-get install)`])
})

test('package lists that are missing or stale are updated', async () => {
  const { ensure, commands, failures } = machine([
    '/usr/bin/apt-get',
    ...ALL_PROGRAMS.slice(1),
    ...CNI,
  ])
  failures.set('apt-cache show containerd', 1)
  failures.set(
    'apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends containerd',
    1,
  )
  assert.deepEqual(await ensure(), { canRun: true, installed: ['containerd'] })
  assert.deepEqual(
    commands.map((line) => line.replace(/ -.*(update|install) ?.*/, ' $1')),
    [
      'apt-cache show containerd',
      'apt-get update',
      'apt-get install',
      'apt-get update',
      'apt-get install',
    ],
  )
})

test('where containers are impossible, the reason is told', async () => {
  const reasons = [
    [machine(ALL_PROGRAMS).ensure('darwin'), /need Linux, and this is darwin/],
    [machine(ALL_PROGRAMS).ensure('linux', false), /need root/],
    [machine(ALL_PROGRAMS, '00000000a80425fb').ensure(), /need CAP_SYS_ADMIN/],
    [machine([]).ensure(), /containerd, runc.* not found, and there is no apt-get/],
  ] as const
  for (const [ability, reason] of reasons) {
    const answer = await ability
    assert.match(answer.canRun ? '' : answer.reason, reason)
  }
  const { ensure, failures } = machine(['/usr/bin/apt-get', ...ALL_PROGRAMS.slice(1), ...CNI])
  failures.set(
    'apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends containerd',
    2,
  )
  const answer = await ensure()
  assert.match(answer.canRun ? '' : answer.reason, /installing containerd failed: .*E: 404/)
})
