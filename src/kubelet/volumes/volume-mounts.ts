import { dirname, join } from 'node:path'
import type { Mount } from '../../cri/messages/container.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { expandReferences } from '../environment/expand.ts'
import type { Container, VolumeMount } from '../pod-types.ts'
import type { MountInput } from './pod-files.ts'
import type { VolumeMaker, VolumePlace } from './volume-maker.ts'

const PROPAGATION = {
  None: 'PROPAGATION_PRIVATE',
  HostToContainer: 'PROPAGATION_HOST_TO_CONTAINER',
  Bidirectional: 'PROPAGATION_BIDIRECTIONAL',
} as const

/** A container's volume mounts in CRI's terms. Throws upstream's texts. */
export async function volumeMounts(
  pod: Pod,
  container: Container,
  podDirectory: string,
  volumes: VolumeMaker,
  { environment }: MountInput,
): Promise<readonly Mount[]> {
  const mounts: Mount[] = []
  for (const mount of container.volumeMounts ?? []) {
    const volume = pod.spec.volumes?.find(({ name }) => name === mount.name)
    if (volume === undefined) {
      throw new Error(
        `cannot find volume "${mount.name}" to mount into container "${container.name}"`,
      )
    }
    const place = volumes.placeOf(pod, volume, podDirectory)
    const subPath = subPathOf(mount, environment)
    mounts.push({
      hostPath:
        subPath === '' ? place.path : await below(place, subPath, container, mount, volumes),
      containerPath: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
      readonly: mount.readOnly === true || place.isReadOnly,
      propagation: PROPAGATION[mount.mountPropagation ?? 'None'],
    })
  }
  return mounts
}

function subPathOf(mount: VolumeMount, environment: ReadonlyMap<string, string>): string {
  const { subPath = '', subPathExpr = '' } = mount
  const missing: string[] = []
  const path =
    subPathExpr === ''
      ? subPath
      : expandReferences(subPathExpr, (name) => {
          const value = environment.get(name) ?? ''
          if (value === '') missing.push(name)
          return value
        })
  if (missing.length > 0) throw new Error(`missing value for ${missing.toSorted().join(', ')}`)
  if (path.startsWith('/'))
    throw new Error(`error SubPath \`${path}\` must not be an absolute path`)
  if (path.split('/').includes('..')) {
    throw new Error(`unable to provision SubPath \`${path}\`: must not contain '..'`)
  }
  return path
}

/**
 * The host's path of a part of a volume, made where it is not there yet. Links inside the volume
 * are followed, but never out of it: a container must not reach the host by planting one.
 */
async function below(
  { path: root }: VolumePlace,
  subPath: string,
  container: Container,
  mount: VolumeMount,
  { files, paths }: VolumeMaker,
): Promise<string> {
  const failure = (what: string) =>
    new Error(`failed to ${what} for volumeMount "${mount.name}" of container "${container.name}"`)
  const realRoot = await paths.realPath(root)
  if (realRoot === undefined) throw failure('prepare subPath')
  const isInside = (path: string) => path === realRoot || path.startsWith(`${realRoot}/`)
  const wanted = join(root, subPath)
  const existing = await paths.realPath(wanted)
  if (existing !== undefined) {
    if (!isInside(existing)) throw failure('prepare subPath')
    return existing
  }
  // Only what certainly lies inside is made: the nearest ancestor that exists decides.
  let ancestor = dirname(wanted)
  while ((await paths.realPath(ancestor)) === undefined) ancestor = dirname(ancestor)
  const realAncestor = await paths.realPath(ancestor)
  const isLink = (await files.stat(wanted))?.isSymbolicLink === true
  if (realAncestor === undefined || !isInside(realAncestor) || isLink) {
    throw failure('create subPath directory')
  }
  const { mode } = (await files.stat(realRoot)) ?? { mode: 0o750 }
  await files.mkdir(wanted, mode)
  return (await paths.realPath(wanted)) ?? wanted
}
