import { isEnvelope, openEnvelope } from '../../machinery/codec/protobuf/envelope.ts'
import { singleField } from '../../machinery/codec/protobuf/field-codec.ts'
import { Message } from '../../machinery/codec/protobuf/message.ts'
import { bytesCodec, stringCodec } from '../../machinery/codec/protobuf/plain-codecs.ts'
import { WireReader } from '../../machinery/codec/protobuf/wire-reader.ts'

export interface PortRange {
  readonly first: number
  readonly last: number
}

const message = new Message('RangeAllocation', [
  singleField('range', 2, stringCodec, false),
  singleField('data', 3, bytesCodec, false),
])

/** Upstream's RangeAllocation: a bit for each taken port, the first port's last, as Go's big.Int. */
export function encodeTaken(taken: ReadonlySet<number>, { first, last }: PortRange): Uint8Array {
  let bits = 0n
  for (const port of taken) {
    if (port >= first && port <= last) bits |= 1n << BigInt(port - first)
  }
  const digits = bits === 0n ? '' : bits.toString(16)
  const hex = digits.length % 2 === 0 ? digits : `0${digits}`
  const object = {
    ...{ kind: 'RangeAllocation', apiVersion: 'v1', metadata: {} },
    range: `${first}-${last}`,
    data: Buffer.from(hex, 'hex').toString('base64'),
  }
  return new TextEncoder().encode(JSON.stringify(object))
}

/**
 * The taken ports, in JSON or in upstream's protobuf; those of another range as far as they are in
 * this one too.
 */
export function decodeTaken(value: Uint8Array, { first, last }: PortRange): ReadonlySet<number> {
  const { range = '', data = '' } = readRecord(value)
  const base = Number(range.split('-')[0])
  const bytes = Buffer.from(data, 'base64').reverse()
  const taken = new Set<number>()
  for (const [at, byte] of bytes.entries()) {
    for (let bit = 0; bit < 8; bit++) {
      const port = base + at * 8 + bit
      if ((byte >> bit) & 1 && port >= first && port <= last) taken.add(port)
    }
  }
  return taken
}

function readRecord(value: Uint8Array): { readonly range?: string; readonly data?: string } {
  if (!isEnvelope(value)) return JSON.parse(new TextDecoder().decode(value))
  const fields: Record<string, unknown> = {}
  message.readInto(new WireReader(openEnvelope(value).raw), fields)
  return fields
}
