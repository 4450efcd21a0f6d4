import { stringifyJson } from '../../base/json.ts'
import type { WatchEvent } from '../../client/client.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import type { StatusError } from '../../machinery/status-error.ts'
import { cborFrameOf } from '../cbor/api-cbor.ts'
import { joinChunks } from '../chunk.ts'
import { enclose, encodeProtobuf, type TypeNames } from '../protobuf/api-protobuf.ts'
import { watchFrameOf } from '../protobuf/watch-event.ts'
import type { WatchFormat, WatchFrame } from '../response.ts'
import { sharedBytes } from './shared-bytes.ts'
import type { StoredObject } from './stored-object.ts'
import type { View } from './view.ts'

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED'

const START: Readonly<Record<ChangeType, Buffer>> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
}
const END = Buffer.from('}\n')
/** The frames in CBOR of changes; those of whom nobody asks for it have no room for it. */
const inCbor = new WeakMap<ChangeFrame, Uint8Array>()

/** A change as one client is told it; the encoded line is kept for all others who get the same. */
export class ChangeFrame implements WatchFrame {
  readonly #type: ChangeType
  readonly #stored: StoredObject
  readonly #view: View
  #event: WatchEvent | undefined
  #bytes: Uint8Array | undefined
  #protobuf: Uint8Array | undefined

  constructor(type: ChangeType, stored: StoredObject, view: View) {
    this.#type = type
    this.#stored = stored
    this.#view = view
  }

  get event(): WatchEvent {
    this.#event ??= { type: this.#type, object: this.#view.value(this.#stored) as KubeObject }
    return this.#event
  }

  bytes(format: WatchFormat): Uint8Array {
    if (format === 'protobuf') return this.#protobufBytes()
    if (format === 'cbor') return this.#cborBytes()
    this.#bytes ??= joinChunks([START[this.#type], this.#view.chunk(this.#stored), END])
    return this.#bytes
  }

  #protobufBytes(): Uint8Array {
    this.#protobuf ??= watchFrameOf(
      this.#type,
      enclose(this.event.object, this.#view.protobuf(this.#stored)),
    )
    return this.#protobuf
  }

  #cborBytes(): Uint8Array {
    let bytes = inCbor.get(this)
    if (bytes === undefined) {
      bytes = cborFrameOf(this.event)
      inCbor.set(this, bytes)
    }
    return bytes
  }
}

/** An object that was there before the watch began: no event has a frame of it to share. */
export class PresentFrame extends ChangeFrame {
  readonly #stored: StoredObject
  readonly #view: View

  constructor(stored: StoredObject, view: View) {
    super('ADDED', stored, view)
    this.#stored = stored
    this.#view = view
  }

  override bytes(format: WatchFormat): Uint8Array {
    const { id, isOfMoment } = this.#view
    if (isOfMoment === true) return super.bytes(format)
    return sharedBytes(this.#stored, `${format} ${id}`, () => super.bytes(format))
  }
}

/** Marks the bookmark that follows the last object of the state that a watch began with. */
const INITIAL_EVENTS_END = { 'k8s.io/initial-events-end': 'true' }

/** Of bookmarks' objects, with the fields that their type always has. */
export interface BookmarkNames {
  readonly apiVersion: string
  readonly kind: string
  readonly fields?: Readonly<Record<string, unknown>>
  /** Gives the object another shape, such as a Table with its columns in the first event. */
  show?(object: KubeObject, isFirst: boolean): KubeObject
}

/** Tells a client that it has seen everything up to a revision; `isFirst` of all its events. */
export function bookmarkFrame(
  names: BookmarkNames,
  revision: number,
  endsInitialEvents = false,
  isFirst = false,
): WatchFrame {
  const { apiVersion, kind, fields } = names
  const annotations = endsInitialEvents ? { annotations: INITIAL_EVENTS_END } : {}
  const metadata = { resourceVersion: String(revision), ...annotations }
  const object = { ...fields, kind, apiVersion, metadata } as unknown as KubeObject
  const shown = names.show?.(object, isFirst) ?? object
  return valueFrame({ type: 'BOOKMARK', object: shown }, endsInitialEvents)
}

/** The last event of a watch that cannot go on. */
export function errorFrame(error: StatusError): WatchFrame {
  return valueFrame({ type: 'ERROR', object: error.toStatus() })
}

function valueFrame(event: WatchFrame['event'], endsInitialEvents = false): WatchFrame {
  const made: { [format in WatchFormat]?: Uint8Array } = {}
  return {
    event,
    endsInitialEvents,
    bytes(format) {
      made[format] ??= encodeEvent(event, format)
      return made[format]
    },
  }
}

function encodeEvent(event: WatchFrame['event'], format: WatchFormat): Uint8Array {
  if (format === 'cbor') return cborFrameOf(event)
  if (format === 'json') return Buffer.from(`${stringifyJson(event)}\n`)
  return watchFrameOf(event.type, encodeProtobuf(event.object as TypeNames))
}
