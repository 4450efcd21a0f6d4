import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  type Question,
  RECURSION_AVAILABLE,
  TRUNCATED_RESPONSE,
} from 'dns-packet'
import { formatError, type Logger } from '../base/logger.ts'
import type { ClusterNames, RecordData, Records } from './cluster-names.ts'

/** Asks another name server: the whole message there and back. Rejects when none answers. */
export type Forward = (query: Uint8Array, isTcp: boolean) => Promise<Uint8Array>

/** Seconds a client may keep an answer: as in kubeadm's configuration of CoreDNS. */
const TTL_SECONDS = 30
/** The largest UDP answer for a client that does not say what it can take (RFC 1035). */
const PLAIN_UDP_BYTES = 512
/** More than this in one datagram would be fragmented on most networks. */
const LARGEST_UDP_BYTES = 1232
const NXDOMAIN = 3
const SERVFAIL = 2
const FORMAT_ERROR = 1
const NOT_IMPLEMENTED = 4

/**
 * The cluster's name server, message for message: names of the cluster from the caches, all others
 * from the machine's own name servers.
 */
export class DnsServer {
  readonly #names: ClusterNames
  readonly #forward: Forward
  readonly #logger: Logger

  constructor(names: ClusterNames, forward: Forward, logger: Logger) {
    this.#names = names
    this.#forward = forward
    this.#logger = logger
  }

  /** The answer to one message; undefined for what deserves none. */
  async answer(message: Uint8Array, isTcp: boolean): Promise<Uint8Array | undefined> {
    if (message.length < 12) return undefined
    let query: Packet
    try {
      query = decode(Buffer.from(message))
    } catch {
      return errorReply(message, FORMAT_ERROR)
    }
    if (query.type !== 'query') return undefined
    const [question] = query.questions ?? []
    if (question === undefined) return errorReply(message, FORMAT_ERROR)
    if (opcodeOf(message) !== 0) return errorReply(message, NOT_IMPLEMENTED)
    const records = this.#lookup(question)
    if (records !== 'forward') return this.#reply(query, question, records, isTcp)
    try {
      return await this.#forward(message, isTcp)
    } catch (error) {
      this.#logger.debug('forwarding failed', { name: question.name, error: formatError(error) })
      return errorReply(message, SERVFAIL)
    }
  }

  #lookup({ name, type }: Question): Records | 'forward' {
    const asked = name.toLowerCase().replace(/\.$/, '')
    if (this.#names.owns(asked)) return this.#names.lookup(asked)
    if (type === 'PTR') {
      const address = addressOfReverseName(asked)
      if (address !== undefined) return this.#names.reverse(address) ?? 'forward'
    }
    return 'forward'
  }

  async #reply(
    query: Packet,
    question: Question,
    records: Records,
    isTcp: boolean,
  ): Promise<Uint8Array> {
    const { name, type } = question
    const wanted = (records ?? []).filter((one) => (type as string) === 'ANY' || one.type === type)
    const alias = (records ?? []).find((one) => one.type === 'CNAME')
    const answers = wanted.map((one) => toAnswer(name, one))
    if (alias !== undefined && type !== 'CNAME') {
      answers.push(toAnswer(name, alias), ...(await this.#resolve(String(alias.data), type)))
    }
    const edns = query.additionals?.find((one) => one.type === 'OPT')
    const maxBytes = isTcp ? 65_535 : udpLimit(edns)
    const packet: Packet = {
      type: 'response',
      id: query.id ?? 0,
      flags: AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | ((query.flags ?? 0) & 0x100),
      questions: [question],
      answers,
      authorities: answers.length === 0 ? [this.#startOfAuthority()] : [],
      additionals: [...this.#glue(wanted), ...(edns === undefined ? [] : [ednsReply()])],
    }
    const code = records === undefined ? NXDOMAIN : 0
    return fit(packet, code, maxBytes)
  }

  /** What an alias points at: a name of ours, or one that somebody else knows. */
  async #resolve(name: string, type: string): Promise<Answer[]> {
    const records = this.#lookup({ name, type, class: 'IN' } as Question)
    if (records !== 'forward') {
      return (records ?? []).filter((one) => one.type === type).map((one) => toAnswer(name, one))
    }
    const questions = [{ name, type, class: 'IN' } as Question]
    try {
      const message = encode({ type: 'query', id: 1, flags: 0x100, questions })
      return decode(Buffer.from(await this.#forward(message, false))).answers ?? []
    } catch (error) {
      this.#logger.debug('resolving an alias failed', { name, error: formatError(error) })
      return []
    }
  }

  /** The addresses of the targets of SRV records, which spare the client a second question. */
  #glue(records: readonly RecordData[]): Answer[] {
    return records.flatMap((record) => {
      if (record.type !== 'SRV') return []
      const { target } = record.data
      return (this.#names.lookup(target) ?? []).map((one) => toAnswer(target, one))
    })
  }

  #startOfAuthority(): Answer {
    const { zone } = this.#names
    return {
      type: 'SOA',
      name: zone,
      ttl: TTL_SECONDS,
      class: 'IN',
      data: {
        mname: `ns.dns.${zone}`,
        rname: `hostmaster.${zone}`,
        serial: 1,
        refresh: 7200,
        retry: 1800,
        expire: 86_400,
        minimum: TTL_SECONDS,
      },
    }
  }
}

/** 0 for an ordinary query (RFC 1035, 4.1.1). */
function opcodeOf(message: Uint8Array): number {
  return ((message[2] ?? 0) >> 3) & 0xf
}

function toAnswer(name: string, record: RecordData): Answer {
  return { name, ttl: TTL_SECONDS, class: 'IN', ...record } as Answer
}

function udpLimit(edns: Answer | undefined): number {
  const size = edns?.type === 'OPT' ? edns.udpPayloadSize : PLAIN_UDP_BYTES
  return Math.min(Math.max(size, PLAIN_UDP_BYTES), LARGEST_UDP_BYTES)
}

function ednsReply(): Answer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: LARGEST_UDP_BYTES,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  } as unknown as Answer
}

/** Drops additional records, then answers, until the message fits; says so with the TC flag. */
function fit(packet: Packet, code: number, maxBytes: number): Uint8Array {
  let bytes = encode(packet)
  if (bytes.length > maxBytes) {
    const additionals = packet.additionals?.filter(({ type }) => type === 'OPT') ?? []
    let smaller: Packet = { ...packet, additionals }
    bytes = encode(smaller)
    while (bytes.length > maxBytes && (smaller.answers?.length ?? 0) > 0) {
      const flags = (packet.flags ?? 0) | TRUNCATED_RESPONSE
      const answers = smaller.answers?.slice(0, -1) ?? []
      smaller = { ...smaller, flags, answers }
      bytes = encode(smaller)
    }
  }
  bytes[3] = ((bytes[3] ?? 0) & 0xf0) | code
  return bytes
}

/** The question sent back with nothing but a response code. */
function errorReply(message: Uint8Array, code: number): Uint8Array {
  const header = Buffer.alloc(12)
  header.set(message.subarray(0, 2))
  header[2] = 0x80 | ((message[2] ?? 0) & 0x79)
  header[3] = 0x80 | code
  return header
}

/** `4.3.2.1.in-addr.arpa` is 1.2.3.4; nibbles under `ip6.arpa` likewise. */
export function addressOfReverseName(name: string): string | undefined {
  const v4 = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name)
  if (v4 !== null) return v4.slice(1).toReversed().join('.')
  const v6 = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name)
  if (v6 === null) return undefined
  const nibbles = (v6[1] ?? '').replaceAll('.', '').split('').toReversed().join('')
  const groups = nibbles.match(/.{4}/g)?.map((group) => group.replace(/^0+(?=.)/, '')) ?? []
  return compressV6(groups)
}

/** The canonical text of an IPv6 address (RFC 5952): the longest run of zeros becomes `::`. */
function compressV6(groups: readonly string[]): string {
  const runs = [...groups.join(':').matchAll(/(?:^|(?<=:))0(?::0)+(?=:|$)/g)]
  const longest = runs.toSorted((a, b) => b[0].length - a[0].length)[0]
  if (longest === undefined) return groups.join(':')
  const text = groups.join(':')
  const before = text.slice(0, longest.index).replace(/:$/, '')
  const after = text.slice(longest.index + longest[0].length).replace(/^:/, '')
  return `${before}::${after}`
}
