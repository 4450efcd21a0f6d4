import type { Pod } from '../../kinds/core/v1/pod.ts'
import { podField } from '../environment/pod-field.ts'
import { resourceField } from '../environment/resource-field.ts'
import type { Volume } from '../pod-types.ts'
import { allContainersOf } from '../pod-types.ts'
import { configMapPayload, type Payload, type ProjectedFile, secretPayload } from './payload.ts'
import type { PodObjects } from './pod-objects.ts'
import type { ServiceAccountTokens } from './service-account-tokens.ts'

/** What the files of projected volumes are made from. */
export interface ContentSources {
  readonly objects: PodObjects
  readonly tokens: ServiceAccountTokens
  nodeAllocatable(): Readonly<Record<string, string>>
}

export interface VolumeContent {
  readonly payload: Payload
  /** When it must be read anew (epoch, ms). */
  readonly renewMs?: number | undefined
}

type Projected = NonNullable<Volume['projected']>
type Source = NonNullable<Projected['sources']>[number]
type DownwardItem = NonNullable<NonNullable<Volume['downwardAPI']>['items']>[number]
type Optional<T> = {
  readonly name?: string | undefined
  readonly optional?: boolean | undefined
} & T

const TOKEN_MODE_FOR_OTHERS = 0o600

/** The files of a configMap, secret, downwardAPI or projected volume; undefined for others. */
export async function volumeContent(
  pod: Pod,
  { configMap, secret, downwardAPI, projected }: Volume,
  sources: ContentSources,
): Promise<VolumeContent | undefined> {
  if (configMap !== undefined) {
    return { payload: await fromConfigMap(pod, configMap, configMap.defaultMode, sources) }
  }
  if (secret !== undefined) {
    const reference = { ...secret, name: secret.secretName }
    return { payload: await fromSecret(pod, reference, secret.defaultMode, sources) }
  }
  if (downwardAPI !== undefined) {
    return { payload: fromPod(pod, downwardAPI.items ?? [], downwardAPI.defaultMode, sources) }
  }
  return projected === undefined ? undefined : fromSources(pod, projected, sources)
}

async function fromSources(
  pod: Pod,
  { sources: parts, defaultMode }: Projected,
  sources: ContentSources,
): Promise<VolumeContent> {
  const files = new Map<string, ProjectedFile>()
  const renewals: number[] = []
  for (const part of parts ?? []) {
    const { payload, renewMs } = await fromSource(pod, part, defaultMode, sources)
    for (const [path, file] of payload) files.set(path, file)
    if (renewMs !== undefined) renewals.push(renewMs)
  }
  return { payload: files, ...(renewals.length > 0 && { renewMs: Math.min(...renewals) }) }
}

async function fromSource(
  pod: Pod,
  source: Source,
  defaultMode: number,
  sources: ContentSources,
): Promise<VolumeContent> {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source
  if (configMap !== undefined) {
    return { payload: await fromConfigMap(pod, configMap, defaultMode, sources) }
  }
  if (secret !== undefined) return { payload: await fromSecret(pod, secret, defaultMode, sources) }
  if (downwardAPI !== undefined) {
    return { payload: fromPod(pod, downwardAPI.items ?? [], defaultMode, sources) }
  }
  if (serviceAccountToken === undefined) {
    throw new Error(`projected source ${Object.keys(source).join()} is not supported on this node`)
  }
  const { audience = '', expirationSeconds, path } = serviceAccountToken
  const { token, renewMs } = await sources.tokens.get(pod, audience, expirationSeconds)
  const owner = commonUser(pod)
  const isPrivate = owner !== undefined || pod.spec.securityContext?.fsGroup !== undefined
  const mode = isPrivate ? TOKEN_MODE_FOR_OTHERS : defaultMode
  return { payload: new Map([[path, { content: Buffer.from(token), mode, owner }]]), renewMs }
}

async function fromConfigMap(
  { metadata: { namespace } }: Pod,
  reference: Optional<{ readonly items?: Projection }>,
  defaultMode: number,
  { objects }: ContentSources,
): Promise<Payload> {
  const { name = '', optional = false } = reference
  const configMap = await objects.configMap(namespace, name)
  if (configMap === undefined && !optional) throw new Error(`configmap "${name}" not found`)
  return configMapPayload(configMap ?? {}, reference, defaultMode)
}

type Projection = Parameters<typeof secretPayload>[1]['items']

async function fromSecret(
  { metadata: { namespace } }: Pod,
  reference: Optional<{ readonly items?: Projection }>,
  defaultMode: number,
  { objects }: ContentSources,
): Promise<Payload> {
  const { name = '', optional = false } = reference
  const secret = await objects.secret(namespace, name)
  if (secret === undefined && !optional) throw new Error(`secret "${name}" not found`)
  return secretPayload(secret ?? {}, reference, defaultMode)
}

function fromPod(
  pod: Pod,
  items: readonly DownwardItem[],
  defaultMode: number,
  sources: ContentSources,
): Payload {
  const addresses = { hostIps: [], podIps: [] }
  const text = ({ fieldRef, resourceFieldRef }: DownwardItem): string => {
    if (fieldRef !== undefined) return podField(pod, fieldRef.fieldPath, addresses)
    if (resourceFieldRef === undefined) return ''
    return resourceField(resourceFieldRef, pod, undefined, sources.nodeAllocatable())
  }
  const files = items.map((item): [string, ProjectedFile] => [
    item.path,
    { content: Buffer.from(text(item)), mode: item.mode ?? defaultMode },
  ])
  return new Map(files)
}

/** As whom all of a pod's containers run, where they agree: then the token can be theirs alone. */
function commonUser(pod: Pod): number | undefined {
  const ofPod = pod.spec.securityContext?.runAsUser
  const users = allContainersOf(pod).map(
    ({ securityContext }) => securityContext?.runAsUser ?? ofPod,
  )
  const [first] = users
  return users.every((user) => user === first) ? first : undefined
}
