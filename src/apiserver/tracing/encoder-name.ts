import type { RequestInfo } from '../request-info.ts'

/** Upstream's names of what writes JSON and YAML, which are JSON themselves. */
const text = (isYaml: boolean) =>
  `{"name":"json","pretty":"false","strict":"false","yaml":"${isYaml}"}`

const ENCODERS: Readonly<Record<string, string>> = {
  'application/json': text(false),
  'application/yaml': text(true),
  'application/vnd.kubernetes.protobuf': 'protobuf',
}
const RAW_PROTOBUF = 'application/vnd.kubernetes.protobuf;stream=watch'

/** Upstream's name of what writes an answer of a media type; undefined where it has none. */
export function encoderOf({ group, version }: RequestInfo, mediaType: string): string | undefined {
  const encoder = mediaType === RAW_PROTOBUF ? 'raw-protobuf' : ENCODERS[mediaType]
  if (encoder === undefined) return undefined
  const encodeGV = group === '' ? version : `${group}/${version}`
  return JSON.stringify({ encodeGV, encoder, name: 'versioning' })
}
