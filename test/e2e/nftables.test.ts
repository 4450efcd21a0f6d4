import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, test } from 'node:test'
import { randomInt, seededRandom } from '../../src/base/random.ts'
import {
  type Fragment,
  fragmentOf,
  NOTHING,
  SERVICE_RANGES,
  serviceRangesFragment,
} from '../../src/proxy/nftables/fragment.ts'
import { Ruleset } from '../../src/proxy/nftables/ruleset.ts'
import type { ServicePort } from '../../src/proxy/service-port.ts'

const NAMESPACE = `wherry-nft-${process.pid}`
const CONTEXT = { family: 'ip', clusterCIDR: '10.244.0.0/16', nodeIPs: ['192.0.2.2'] } as const

function ip(...args: string[]) {
  return spawnSync('ip', args, { encoding: 'utf8' })
}

function nft(args: readonly string[], input?: string): string {
  const { status, stdout, stderr } = spawnSync('ip', ['netns', 'exec', NAMESPACE, 'nft', ...args], {
    encoding: 'utf8',
    ...(input !== undefined && { input }),
  })
  assert.equal(status, 0, `${stderr}\n${input}`)
  return stdout
}

const reason =
  process.getuid?.() !== 0
    ? 'needs root'
    : spawnSync('nft', ['--version']).status !== 0
      ? 'needs nft'
      : ip('netns', 'add', NAMESPACE).status !== 0
        ? 'needs network namespaces'
        : undefined
if (reason !== undefined) console.log(`skipped: nftables against the kernel ${reason}`)
after(() => void ip('netns', 'delete', NAMESPACE))

/** A service that changes in all the ways that services do. */
function randomFragment(seed: number, index: number): Fragment {
  const random = seededRandom(seed)
  const maybe = (chance: number) => random.next() < chance
  if (maybe(0.15)) return NOTHING
  const endpoints = Array.from({ length: randomInt(random, 4) }, () => ({
    address: `10.244.0.${2 + randomInt(random, 6)}`,
    port: 8080,
  })).filter((one, at, all) => all.findIndex(({ address }) => address === one.address) === at)
  const port: ServicePort = {
    name: `default/s${index}/tcp/http`,
    protocol: 'tcp',
    port: 80,
    clusterIP: `10.96.0.${10 + index}`,
    externalIPs: maybe(0.3) ? ['203.0.113.9'] : [],
    // The same address for all: they compete for it.
    loadBalancerIPs: maybe(0.5) ? ['192.0.2.2'] : [],
    nodePort: maybe(0.5) ? 30_000 + index : undefined,
    sourceRanges: maybe(0.3) ? ['198.51.100.0/24', '203.0.113.0/24'] : [],
    affinitySeconds: maybe(0.3) ? 10 + randomInt(random, 2) : undefined,
    internal: maybe(0.2) ? endpoints.slice(1) : endpoints,
    external: maybe(0.2) ? endpoints.slice(1) : endpoints,
    isExternalLocal: maybe(0.3),
    hasAnyEndpoint: endpoints.length > 0,
  }
  return fragmentOf([port], CONTEXT)
}

/** The table without what the kernel numbers and orders by history. */
function dump(table: string): string[] {
  const text = nft(['list', 'table', 'ip', table])
  const blocks = text.split(/\n\t}\n/).map((block) =>
    block
      .replace(
        /elements = \{([^}]*)\}/s,
        (_, elements: string) =>
          `elements ${elements
            .split(',')
            .map((one) => one.trim())
            .toSorted()
            .join('; ')}`,
      )
      .replace(/^table ip \S+ \{/, '')
      .replace(/^\}$/m, '')
      .trim(),
  )
  return blocks.toSorted()
}

for (const seed of [1, 2, 3]) {
  test(`changes one by one give the table that is built at once (seed ${seed})`, (t) => {
    if (reason !== undefined) return t.skip(reason)
    const random = seededRandom(seed)
    const stepwise = new Ruleset('stepwise', 'ip')
    const history = new Map<string, Fragment>()
    nft(['-f', '-'], stepwise.rebuild())
    for (let step = 0; step < 40; step++) {
      const changes = new Map<string, Fragment>()
      for (let n = 0; n <= randomInt(random, 3); n++) {
        const index = randomInt(random, 5)
        changes.set(`default/s${index}`, randomFragment(randomInt(random, 1e9), index))
      }
      const transaction = stepwise.update(changes)
      for (const [key, fragment] of changes) history.set(key, fragment)
      if (transaction !== '') nft(['-f', '-'], transaction)
      assert.equal(stepwise.update(changes), '', 'the same again needs no transaction')
    }
    const stepped = dump('stepwise')
    nft(['-f', '-'], stepwise.rebuild())
    assert.deepEqual(dump('stepwise'), stepped)
    nft(['-f', '-'], stepwise.remove())
    assert.equal(nft(['list', 'tables']), '')
  })
}

test('what a service does not serve at its address is refused, not asked for elsewhere', (t) => {
  if (reason !== undefined) return t.skip(reason)
  const inside = (...args: string[]) => ip('netns', 'exec', NAMESPACE, ...args)
  inside('ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1')
  for (const name of ['lo', 'v0', 'v1']) inside('ip', 'link', 'set', name, 'up')
  inside('ip', 'address', 'add', '192.0.2.2/24', 'dev', 'v0')
  inside('ip', 'route', 'add', 'default', 'via', '192.0.2.1')
  const connect = (port: number, seconds = '0.3') =>
    inside('timeout', seconds, 'bash', '-c', `exec 3<>/dev/tcp/10.96.0.10/${port}`)
  const ruleset = new Ruleset('refusing', 'ip')
  nft(['-f', '-'], ruleset.rebuild())
  const port: ServicePort = {
    name: 'default/s/tcp/http',
    protocol: 'tcp',
    port: 80,
    clusterIP: '10.96.0.10',
    externalIPs: [],
    loadBalancerIPs: [],
    nodePort: undefined,
    sourceRanges: [],
    affinitySeconds: undefined,
    internal: [{ address: '10.244.0.2', port: 8080 }],
    external: [],
    isExternalLocal: false,
    hasAnyEndpoint: true,
  }
  assert.doesNotMatch(connect(81).stderr, /refused/)
  nft(['-f', '-'], ruleset.update(new Map([['default/s', fragmentOf([port], CONTEXT)]])))
  // The kernel may take the answer to the second attempt only, a second later.
  assert.match(connect(81, '10').stderr, /refused/)
  assert.doesNotMatch(connect(80).stderr, /refused/)
  nft(['-f', '-'], ruleset.update(new Map([['default/s', NOTHING]])))
  assert.doesNotMatch(connect(81).stderr, /refused/)
  nft(['-f', '-'], ruleset.remove())
})

test('an address of a service range that nobody has goes nowhere; others go on', (t) => {
  if (reason !== undefined) return t.skip(reason)
  const ruleset = new Ruleset('ranges', 'ip')
  nft(['-f', '-'], ruleset.rebuild())
  const follow = (...cidrs: string[]) => {
    const ranges = serviceRangesFragment(cidrs, 'ip')
    const transaction = ruleset.update(new Map([[SERVICE_RANGES, ranges]]))
    if (transaction !== '') nft(['-f', '-'], transaction)
  }
  nft(
    ['-f', '-'],
    `table ip watching {
       chain leaving {
         type filter hook output priority 10
         ip daddr { 10.96.0.99, 10.97.0.99, 198.51.100.1 } counter
       }
     }`,
  )
  /** Whether a packet to an address gets past the table. */
  const leaves = (address: string) => {
    const before = passed()
    const connect = `exec 3<>/dev/tcp/${address}/80`
    ip('netns', 'exec', NAMESPACE, 'timeout', '0.2', 'bash', '-c', connect)
    return passed() > before
  }
  const passed = () =>
    Number(/packets (\d+)/.exec(nft(['list', 'chain', 'ip', 'watching', 'leaving']))?.[1])
  const all = () => ['10.96.0.99', '10.97.0.99', '198.51.100.1'].map(leaves)
  assert.deepEqual(all(), [true, true, true])
  follow('10.96.0.0/16', 'fd00::/108')
  assert.deepEqual(all(), [false, true, true])
  follow('10.96.0.0/16', '10.97.0.0/16', '10.96.0.0/24', '10.96.0.0/16')
  assert.deepEqual(all(), [false, false, true])
  nft(['-f', '-'], ruleset.rebuild())
  assert.deepEqual(all(), [false, false, true])
  follow()
  assert.deepEqual(all(), [true, true, true])
  nft(['-f', '-'], `${ruleset.remove()}delete table ip watching\n`)
})
