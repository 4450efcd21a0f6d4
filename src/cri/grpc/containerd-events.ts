// containerd's own event stream, for versions whose CRI has no GetContainerEvents (before 1.7).

import { decode } from '../../base/protobuf/codec.ts'
import {
  bytes,
  type Decoded,
  int32,
  int64,
  message,
  one,
  string,
  strings,
} from '../../base/protobuf/message.ts'
import type { ContainerEventType } from '../messages/enums.ts'
import type { Method } from './connection.ts'

const timestamp = message('Timestamp', { seconds: int64(1), nanos: int32(2) })
const any = message('Any', { typeUrl: string(1), value: bytes(2) })
const envelope = message('Envelope', {
  timestamp: one(1, timestamp),
  namespace: string(2),
  topic: string(3),
  event: one(4, any),
})
type Envelope = Decoded<typeof envelope>

/** The namespace in which containerd's CRI keeps its containers. */
const CRI_NAMESPACE = 'k8s.io'

const subscribeRequest = message('SubscribeRequest', { filters: strings(1) })

export const subscribeToEvents: Method<typeof subscribeRequest, typeof envelope> = {
  path: '/containerd.services.events.v1.Events/Subscribe',
  request: subscribeRequest,
  answer: envelope,
}

const TYPES_BY_TOPIC: ReadonlyMap<string, ContainerEventType> = new Map([
  ['/containers/create', 'CONTAINER_CREATED_EVENT'],
  ['/tasks/start', 'CONTAINER_STARTED_EVENT'],
  ['/tasks/exit', 'CONTAINER_STOPPED_EVENT'],
  ['/containers/delete', 'CONTAINER_DELETED_EVENT'],
])

export const EVENT_FILTERS: readonly string[] = [...TYPES_BY_TOPIC.keys()].map(
  (topic) => `topic=="${topic}",namespace=="${CRI_NAMESPACE}"`,
)

const containerEvent = message('ContainerCreate', { id: string(1) })
const taskEvent = message('TaskStart', { containerId: string(1) })
const taskExit = message('TaskExit', { containerId: string(1), id: string(2) })

export interface ContainerdEvent {
  readonly type: ContainerEventType
  readonly containerId: string
  readonly createdAt: bigint
}

/** What an envelope says about a container; undefined for an exec's end and other topics. */
export function parseContainerdEvent({
  topic,
  event,
  timestamp,
}: Envelope): ContainerdEvent | undefined {
  const type = TYPES_BY_TOPIC.get(topic)
  if (type === undefined || event === undefined) return undefined
  const containerId = containerIdOf(topic, event.value)
  if (containerId === undefined) return undefined
  const seconds = BigInt(timestamp?.seconds ?? 0)
  return { type, containerId, createdAt: seconds * 1_000_000_000n + BigInt(timestamp?.nanos ?? 0) }
}

function containerIdOf(topic: string, value: Uint8Array): string | undefined {
  if (topic.startsWith('/containers/')) return decode(containerEvent, value).id
  if (topic !== '/tasks/exit') return decode(taskEvent, value).containerId
  const { containerId, id } = decode(taskExit, value)
  return id === containerId ? containerId : undefined // Otherwise a process of `exec` has ended.
}
