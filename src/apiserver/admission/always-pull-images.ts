import type { Container, EphemeralContainer } from '../../kinds/core/v1/container.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import type { PodSpec } from '../../kinds/core/v1/pod-spec.ts'
import {
  type FieldErrors,
  FieldPath,
  formatFieldError,
  notSupported,
} from '../../machinery/field-error.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { podOf, refuse } from './pods.ts'

type AnyContainer = Container | EphemeralContainer

const FIELDS = ['initContainers', 'containers', 'ephemeralContainers'] as const

/** Nobody runs an image from a node's disk that they could not pull themselves. */
export class AlwaysPullImages implements AdmissionPlugin {
  readonly name = 'AlwaysPullImages'
  readonly isOffByDefault = true
  readonly operations: readonly Operation[] = ['CREATE', 'UPDATE']
  readonly resources: readonly string[] = [`${Pod.group}/${Pod.plural}`]

  async mutate(attributes: AdmissionAttributes): Promise<KubeObject | undefined> {
    const pod = podWithNewImages(attributes)
    if (pod === undefined) return undefined
    return { ...pod, spec: pullingAlways(pod.spec) } as KubeObject
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const pod = podWithNewImages(attributes)
    const errors = pod === undefined ? [] : [...otherPolicies(pod.spec)]
    if (errors.length === 0) return
    throw refuse(attributes, errors.map(formatFieldError).join(', '))
  }
}

/** An update that brings no image is left alone: the policy could not be changed by it anyway. */
function podWithNewImages(attributes: AdmissionAttributes): Pod | undefined {
  const pod = podOf(attributes)
  const old = attributes.oldObject as Pod | undefined
  if (pod === undefined || old === undefined) return pod
  const known = new Set(containersOf(old.spec).map(({ image }) => image))
  return containersOf(pod.spec).every(({ image }) => known.has(image)) ? undefined : pod
}

function containersOf(spec: PodSpec): readonly AnyContainer[] {
  return FIELDS.flatMap((field): readonly AnyContainer[] => spec[field] ?? [])
}

function pullingAlways(spec: PodSpec): PodSpec {
  const always = <T extends AnyContainer>(one: T): T => ({ ...one, imagePullPolicy: 'Always' })
  const { initContainers, containers, ephemeralContainers, volumes } = spec
  return {
    ...spec,
    containers: containers.map(always),
    ...(initContainers !== undefined && { initContainers: initContainers.map(always) }),
    ...(ephemeralContainers !== undefined && {
      ephemeralContainers: ephemeralContainers.map(always),
    }),
    ...(volumes !== undefined && {
      volumes: volumes.map((volume) =>
        volume.image === undefined
          ? volume
          : { ...volume, image: { ...volume.image, pullPolicy: 'Always' as const } },
      ),
    }),
  }
}

function* otherPolicies(spec: PodSpec): FieldErrors {
  const path = FieldPath.root.child('spec')
  for (const field of FIELDS) {
    const containers: readonly AnyContainer[] = spec[field] ?? []
    for (const [index, { imagePullPolicy: policy }] of containers.entries()) {
      if (policy === 'Always') continue
      yield notSupported(path.child(field).index(index).child('imagePullPolicy'), policy, [
        'Always',
      ])
    }
  }
  for (const [index, { image }] of (spec.volumes ?? []).entries()) {
    if (image === undefined || image.pullPolicy === 'Always') continue
    const place = path.child('volumes').index(index).child('image', 'pullPolicy')
    yield notSupported(place, image.pullPolicy, ['Always'])
  }
}
