import type { Family } from '../service-port.ts'
import { type Element, type Fragment, NOTHING, SERVICE_RANGES } from './fragment.ts'

/** The mark that asks for masquerading, as upstream's (bit 14). */
const MASQUERADE_MARK = '0x4000'

/**
 * The table, its maps and the chains that hook into the kernel; all rules of services hang here.
 */
function baseTable(family: Family): readonly string[] {
  const address = family === 'ip6' ? 'ipv6_addr' : 'ipv4_addr'
  const type = `type ${address} . inet_proto . inet_service : verdict;`
  const match = `${family} daddr . meta l4proto . th dport`
  const unserved = `ct state new ${match} vmap @no-endpoint-services`
  // Nobody beyond this node is to be asked for an address that is the cluster's own.
  const unknownPort = `ct state new ${family} daddr @cluster-ips goto reject-chain`
  const unallocated = `ct state new jump ${SERVICE_RANGES}`
  const chain = (name: string, hook: string, rules: readonly string[]) =>
    [`  chain ${name} {`, hook && `    ${hook}`, ...rules.map((rule) => `    ${rule}`), '  }']
      .filter(Boolean)
      .join('\n')
  const hook = (name: string, priority: string, type = 'filter') =>
    `type ${type} hook ${name} priority ${priority}; policy accept;`
  return [
    `  map service-ips { ${type} }`,
    `  map node-ports { ${type} }`,
    `  map no-endpoint-services { ${type} }`,
    `  map firewall-ips { ${type} }`,
    `  set cluster-ips { type ${address}; }`,
    chain('mark-for-masquerade', '', [`meta mark set meta mark or ${MASQUERADE_MARK}`]),
    chain('reject-chain', '', ['reject']),
    chain(SERVICE_RANGES, '', []),
    chain('services', '', [`${match} vmap @service-ips`, `${match} vmap @node-ports`]),
    // Before the destination is rewritten, while the load balancer's address can still be seen.
    chain('firewall', hook('prerouting', '-110'), [`ct state new ${match} vmap @firewall-ips`]),
    chain('filter-input', hook('input', '-110'), [unserved]),
    chain('filter-forward', hook('forward', '-110'), [unserved, unknownPort, unallocated]),
    chain('filter-output', hook('output', '-110'), [unserved]),
    // After the destination is rewritten, where it belongs to a service.
    chain('filter-rewritten-output', hook('output', '0'), [unknownPort, unallocated]),
    chain('nat-prerouting', hook('prerouting', '-100', 'nat'), ['jump services']),
    chain('nat-output', hook('output', '-100', 'nat'), ['jump services']),
    chain('nat-postrouting', hook('postrouting', '100', 'nat'), [
      `meta mark & ${MASQUERADE_MARK} == 0 return`,
      `meta mark set meta mark xor ${MASQUERADE_MARK}`,
      'masquerade fully-random',
    ]),
  ]
}

/**
 * What the kernel's table should hold, service by service, and the transaction that brings it
 * there from what it held before.
 *
 * Two services may claim the same address and port (a load balancer's address is the node's). The
 * first keeps it; when it gives it up, the next in line gets it.
 */
export class Ruleset {
  readonly #table: string
  readonly #family: Family
  readonly #fragments = new Map<string, Fragment>()
  /** Element to the services that claim it, the holder first. */
  readonly #claims = new Map<string, string[]>()

  constructor(table: string, family: Family) {
    this.#table = table
    this.#family = family
  }

  /** The transaction that makes the whole table, whatever was there. */
  rebuild(): string {
    const { whole } = this.#names()
    const held = [...this.#claims].map(([id, [holder = '']]) => this.#element(holder, id))
    const fragments = [...this.#fragments.values()]
    const chains = fragments.flatMap(({ chains }) => [...chains])
    const sets = fragments.flatMap(({ sets }) => [...sets])
    return [
      `add table ${whole}`,
      `delete table ${whole}`,
      `table ${whole} {`,
      ...baseTable(this.#family),
      '}',
      ...sets.map(([name, declaration]) => `add set ${whole} ${name} { ${declaration} }`),
      ...chains.map(([name]) => `add chain ${whole} ${name}`),
      ...chains.flatMap(([name, rules]) => this.#rules(name, rules)),
      ...held.map((element) => this.#add(element)),
      '',
    ].join('\n')
  }

  /** The transaction that removes the table. */
  remove(): string {
    const { whole } = this.#names()
    return `add table ${whole}\ndelete table ${whole}\n`
  }

  /**
   * Takes in the fragments of services that have changed and returns the transaction for them; an
   * empty text when the kernel need not be told. `NOTHING` removes a service.
   */
  update(changes: ReadonlyMap<string, Fragment>): string {
    const { whole } = this.#names()
    const before = [...changes.keys()].map((key) => this.#fragments.get(key) ?? NOTHING)
    const oldChains = new Map(before.flatMap(({ chains }) => [...chains]))
    const oldSets = new Map(before.flatMap(({ sets }) => [...sets]))
    const oldElements = this.#touched(changes)
    for (const [key, fragment] of changes) this.#take(key, fragment)
    const after = [...changes.values()]
    const newChains = new Map(after.flatMap(({ chains }) => [...chains]))
    const newSets = new Map(after.flatMap(({ sets }) => [...sets]))

    const changed = [...newChains].filter(([name, rules]) => !isSame(oldChains.get(name), rules))
    const stale = [...oldChains.keys()].filter((name) => !newChains.has(name))
    const staleSets = [...oldSets].filter(([name, one]) => newSets.get(name) !== one)
    const removals: string[] = []
    const additions: string[] = []
    for (const [id, old] of oldElements) {
      const [holder] = this.#claims.get(id) ?? []
      const element = holder === undefined ? undefined : this.#element(holder, id)
      if (old?.verdict === element?.verdict) continue
      if (old !== undefined) removals.push(`delete element ${whole} ${old.map} { ${old.key} }`)
      if (element !== undefined) additions.push(this.#add(element))
    }
    const lines = [
      ...removals,
      ...changed.map(([name]) => `add chain ${whole} ${name}`),
      ...[...changed.map(([name]) => name), ...stale].map((name) => `flush chain ${whole} ${name}`),
      ...staleSets.map(([name]) => `delete set ${whole} ${name}`),
      ...[...newSets]
        .filter(([name, one]) => oldSets.get(name) !== one)
        .map(([name, one]) => `add set ${whole} ${name} { ${one} }`),
      ...changed.flatMap(([name, rules]) => this.#rules(name, rules)),
      ...additions,
      ...stale.map((name) => `delete chain ${whole} ${name}`),
    ]
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`
  }

  /** Every element that the services claim now or will claim, as the kernel holds it now. */
  #touched(changes: ReadonlyMap<string, Fragment>): Map<string, Element | undefined> {
    const touched = new Map<string, Element | undefined>()
    for (const [key, fragment] of changes) {
      const held = this.#fragments.get(key) ?? NOTHING
      for (const id of [...held.elements.keys(), ...fragment.elements.keys()]) {
        const [holder] = this.#claims.get(id) ?? []
        touched.set(id, holder === undefined ? undefined : this.#element(holder, id))
      }
    }
    return touched
  }

  #take(key: string, fragment: Fragment): void {
    for (const id of this.#fragments.get(key)?.elements.keys() ?? []) {
      if (fragment.elements.has(id)) continue
      const others = (this.#claims.get(id) ?? []).filter((claimer) => claimer !== key)
      if (others.length === 0) this.#claims.delete(id)
      else this.#claims.set(id, others)
    }
    for (const id of fragment.elements.keys()) {
      const claimers = this.#claims.get(id) ?? []
      if (!claimers.includes(key)) this.#claims.set(id, [...claimers, key])
    }
    if (fragment === NOTHING) this.#fragments.delete(key)
    else this.#fragments.set(key, fragment)
  }

  #element(holder: string, id: string): Element {
    const element = this.#fragments.get(holder)?.elements.get(id)
    if (element === undefined) throw new Error(`no element ${id} of service ${holder}`)
    return element
  }

  #add({ map, key, verdict }: Element): string {
    const element = verdict === '' ? key : `${key} : ${verdict}`
    return `add element ${this.#names().whole} ${map} { ${element} }`
  }

  #rules(chain: string, rules: readonly string[]): string[] {
    return rules.map((rule) => `add rule ${this.#names().whole} ${chain} ${rule}`)
  }

  #names() {
    return { whole: `${this.#family} ${this.#table}` }
  }
}

function isSame(old: readonly string[] | undefined, rules: readonly string[]): boolean {
  return old !== undefined && old.length === rules.length && old.every((one, i) => one === rules[i])
}
