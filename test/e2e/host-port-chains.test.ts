import assert from 'node:assert/strict'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { type Exec, runOrThrow, systemExec } from '../../src/base/exec.ts'
import { systemFileSystem } from '../../src/base/file-system.ts'
import { ensureContainerd } from '../../src/cri/containerd/ensure-containerd.ts'
import { removeHostPortChains } from '../../src/cri/containerd/host-port-chains.ts'
import { findCniPlugins } from '../../src/cri/containerd/machine-facts.ts'
import { presentNatTables, removeEmptyNatTables } from '../../src/cri/containerd/nat-tables.ts'
import { createTestNetwork, type TestNetwork } from '../support/network-namespace.ts'

const ability = await ensureContainerd({
  files: systemFileSystem,
  exec: systemExec,
  platform: process.platform,
  isRoot: process.getuid?.() === 0,
  progress: (message) => console.log(message),
})
if (!ability.canRun) console.log(`skipped: host ports, since ${ability.reason}`)
const plugins = await findCniPlugins(systemFileSystem)

describe('what portmap shares between pods', { skip: !ability.canRun }, () => {
  let network: TestNetwork
  let inside: Exec

  const nft = (input: string) => runOrThrow(inside, 'nft', ['-f', '-'], { input })
  const listRuleset = async () =>
    (await runOrThrow(inside, 'nft', ['list', 'ruleset'])).replace(/^#.*\n/gm, '')

  beforeEach(async () => {
    network = createTestNetwork()
    const [program = '', ...prefix] = network.prefix
    inside = {
      run: (command, args, options) =>
        systemExec.run(program, [...prefix, command, ...args], options),
    }
    await portmap('ADD')
    await portmap('DEL')
    const left = await listRuleset()
    assert.match(left, /^table ip nat .*CNI-HOSTPORT-DNAT.*\ntable ip6 nat/s)
  })
  afterEach(() => network[Symbol.dispose]())

  /** As the runtime calls it for a pod with one port; the pod's network is the node's here. */
  function portmap(command: 'ADD' | 'DEL'): Promise<string> {
    const sandbox = network.prefix.join(' ').replace(/^.*--net=/, '')
    const portMappings = [{ hostPort: 18_089, containerPort: 80, protocol: 'tcp' }]
    const config = {
      ...{ cniVersion: '0.4.0', name: 'test', type: 'portmap', snat: true },
      capabilities: { portMappings: true },
      runtimeConfig: { portMappings },
      prevResult: {
        cniVersion: '0.4.0',
        interfaces: [{ name: 'eth0', sandbox }],
        ips: [{ version: '4', address: '10.249.77.2/24', interface: 0 }],
      },
    }
    const path = plugins ?? assert.fail('no CNI plugins')
    return runOrThrow(inside, join(path, 'portmap'), [], {
      input: JSON.stringify(config),
      env: {
        ...{ CNI_COMMAND: command, CNI_CONTAINERID: 'test', CNI_IFNAME: 'eth0' },
        ...{ CNI_NETNS: sandbox, CNI_PATH: path },
      },
    })
  }

  test('goes with the tables that held nothing else', async () => {
    await removeHostPortChains(inside)
    assert.equal(await listRuleset(), '')
  })

  test('stays while a pod of any network has a port', async () => {
    await portmap('ADD')
    const before = await listRuleset()
    await removeHostPortChains(inside)
    assert.equal(await listRuleset(), before)
  })

  const others = {
    'a rule in a hook': 'add rule ip nat POSTROUTING oifname "eth0" counter masquerade',
    'a chain without rules': 'add chain ip nat DOCKER',
    'a set': 'add set ip nat addresses { type ipv4_addr; }',
  }
  for (const [what, command] of Object.entries(others)) {
    test(`${what} of another program stays, and its table with it`, async () => {
      await nft(command)
      await removeHostPortChains(inside)
      const after = await listRuleset()
      assert.match(after, /^table ip nat .*(masquerade|DOCKER|addresses)/s)
      assert.doesNotMatch(after, /CNI-|table ip6/)
    })
  }

  test('an IPv6 table in use by another program stays as it is', async () => {
    await nft('add chain ip6 nat DOCKER')
    await removeHostPortChains(inside)
    assert.equal(await listRuleset(), 'table ip6 nat {\n\tchain DOCKER {\n\t}\n}\n')
  })

  test('tables that plugins have made and left go with their empty hooks', async () => {
    await nft('delete table ip nat\ndelete table ip6 nat')
    const before = await presentNatTables(inside)
    assert.deepEqual(before, [])
    for (const command of ['-A', '-D']) {
      await runOrThrow(inside, 'iptables', ['-t', 'nat', command, 'POSTROUTING', '-j', 'RETURN'])
    }
    const left = await listRuleset()
    assert.match(left, /^table ip nat \{\n\tchain POSTROUTING \{\n[^\n]*\n\t\}\n\}\n$/)
    await removeEmptyNatTables(inside, ['ip nat'])
    assert.equal(await listRuleset(), left, 'it was there before')
    await nft('add chain ip nat DOCKER')
    const used = await listRuleset()
    await removeEmptyNatTables(inside, [])
    assert.equal(await listRuleset(), used, 'somebody else uses it')
    await nft('delete chain ip nat DOCKER\nadd rule ip nat POSTROUTING counter')
    const ruled = await listRuleset()
    await removeEmptyNatTables(inside, [])
    assert.equal(await listRuleset(), ruled, 'it has a rule')
    await nft('flush chain ip nat POSTROUTING')
    await removeEmptyNatTables(inside, [])
    assert.equal(await listRuleset(), '')
  })

  test('is not looked for where portmap never was', async () => {
    await nft('delete table ip nat\nadd table ip nat')
    await removeHostPortChains(inside)
    assert.equal(await listRuleset(), 'table ip6 nat {\n}\ntable ip nat {\n}\n')
  })
})
