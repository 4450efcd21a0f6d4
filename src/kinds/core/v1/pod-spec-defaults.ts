import { mapShared, withFields } from '../../../machinery/map-shared.ts'
import type { Container, EphemeralContainer } from './container.ts'
import { defaultPullPolicy } from './image-tag.ts'
import type { PodSpec } from './pod-spec.ts'
import type { PodTemplateSpec } from './pod-template-spec.ts'
import type { Probe } from './probe.ts'
import { type Quantities, roundUp } from './rounded-quantities.ts'
import type { Volume } from './volume.ts'

/** The defaults of a pod's spec that hold in templates too. */
export function setPodSpecDefaults(spec: PodSpec): PodSpec {
  const { containers, initContainers, ephemeralContainers, volumes, overhead, resources } = spec
  const account = spec.serviceAccountName || spec.serviceAccount
  return withFields(spec, {
    // The older name of the field says the same.
    ...(account && { serviceAccountName: account, serviceAccount: account }),
    containers: mapShared(containers, setContainerDefaults),
    ...(initContainers && { initContainers: mapShared(initContainers, setContainerDefaults) }),
    ...(ephemeralContainers && {
      ephemeralContainers: mapShared(ephemeralContainers, setContainerDefaults),
    }),
    ...(volumes && { volumes: mapShared(volumes, setVolumeDefaults) }),
    ...(overhead && { overhead: roundUp(overhead) }),
    ...(resources && { resources: roundUpRequirements(resources) }),
  })
}

/** As `setPodSpecDefaults`, for the template of a workload. */
export function setTemplateDefaults(template: PodTemplateSpec): PodTemplateSpec {
  return withFields(template, { spec: setPodSpecDefaults(template.spec) })
}

function setContainerDefaults<C extends Container | EphemeralContainer>(given: C): C {
  const container = given.lifecycle?.stopSignal === undefined ? given : withoutStopSignal(given)
  const { image = '', imagePullPolicy, resources, livenessProbe, readinessProbe } = container
  const { startupProbe } = container
  const fields: Partial<Container> = {
    imagePullPolicy: (imagePullPolicy || defaultPullPolicy(image)) as Container['imagePullPolicy'],
    resources: roundUpRequirements(resources),
    ...(livenessProbe && { livenessProbe: setProbeDefaults(livenessProbe) }),
    ...(readinessProbe && { readinessProbe: setProbeDefaults(readinessProbe) }),
    ...(startupProbe && { startupProbe: setProbeDefaults(startupProbe) }),
  }
  return withFields(container, fields as Partial<C>)
}

/** Signals of one's own are behind a gate that is off (upstream's ContainerStopSignals). */
function withoutStopSignal<C extends Container | EphemeralContainer>(container: C): C {
  const { lifecycle, ...rest } = container
  const { stopSignal: _, ...hooks } = lifecycle ?? {}
  return (Object.keys(hooks).length === 0 ? rest : { ...rest, lifecycle: hooks }) as C
}

/** A zero counts as absent. */
function setProbeDefaults(probe: Probe): Probe {
  return withFields(probe, {
    timeoutSeconds: probe.timeoutSeconds || 1,
    periodSeconds: probe.periodSeconds || 10,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
  })
}

/** A volume without a source is an empty directory. */
function setVolumeDefaults(volume: Volume): Volume {
  const { name: _, image, ...sources } = volume
  if (image !== undefined) {
    const { reference = '', pullPolicy } = image
    return withFields(volume, {
      image: withFields(image, { pullPolicy: pullPolicy || defaultPullPolicy(reference) }),
    })
  }
  const hasSource = Object.values(sources).some((source) => source !== undefined)
  return hasSource ? volume : { ...volume, emptyDir: {} }
}

interface Requirements {
  readonly limits?: Quantities | undefined
  readonly requests?: Quantities | undefined
}

function roundUpRequirements<R extends Requirements>(resources: R): R {
  const { limits, requests } = resources
  return withFields(resources, {
    ...(limits && { limits: roundUp(limits) }),
    ...(requests && { requests: roundUp(requests) }),
  } as Partial<R>)
}
