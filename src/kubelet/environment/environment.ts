import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Service } from '../../kinds/core/v1/service.ts'
import type { Container, EnvironmentVariable, EphemeralContainer } from '../pod-types.ts'
import { expandReferences } from './expand.ts'
import { type PodAddresses, podField } from './pod-field.ts'
import { resourceField } from './resource-field.ts'
import { serviceVariables } from './service-variables.ts'

/** Where variables come from, besides the pod itself. */
export interface EnvironmentSources {
  readonly services: readonly Service[]
  readonly addresses: PodAddresses
  readonly nodeAllocatable: Readonly<Record<string, string>>
  /** The keys of an object of the pod's namespace as text; undefined where there is none. */
  configMap(name: string): Promise<Readonly<Record<string, string>> | undefined>
  secret(name: string): Promise<Readonly<Record<string, string>> | undefined>
}

type Values = Map<string, string>
type Source = NonNullable<EnvironmentVariable['valueFrom']>

/**
 * A container's variables: those of `envFrom`, then `env` in order with `$(NAME)` expanded from
 * what stands before, then the services'. Throws upstream's texts for what is missing.
 */
export async function buildEnvironment(
  pod: Pod,
  container: Container | EphemeralContainer,
  sources: EnvironmentSources,
): Promise<ReadonlyMap<string, string>> {
  const services = serviceVariables(
    sources.services,
    pod.metadata.namespace,
    pod.spec.enableServiceLinks ?? true,
  )
  const values: Values = new Map()
  await addEnvFrom(container, sources, values)
  const lookup = (name: string) => values.get(name) ?? services.get(name)
  for (const variable of container.env ?? []) {
    const { name, value, valueFrom } = variable
    if (value !== undefined && value !== '') values.set(name, expandReferences(value, lookup))
    else if (valueFrom === undefined) values.set(name, '')
    else {
      const resolved = await resolveSource(pod, container, valueFrom, sources)
      if (resolved !== undefined) values.set(name, resolved)
    }
  }
  for (const [name, value] of services) if (!values.has(name)) values.set(name, value)
  return values
}

async function addEnvFrom(
  container: Container | EphemeralContainer,
  sources: EnvironmentSources,
  values: Values,
): Promise<void> {
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const entries =
      configMapRef !== undefined
        ? await entriesOf('configmap', configMapRef, (name) => sources.configMap(name))
        : secretRef !== undefined
          ? await entriesOf('secret', secretRef, (name) => sources.secret(name))
          : {}
    for (const [key, value] of Object.entries(entries)) values.set(prefix + key, value)
  }
}

interface Reference {
  readonly name?: string | undefined
  readonly optional?: boolean | undefined
}

async function entriesOf(
  what: 'configmap' | 'secret',
  { name = '', optional = false }: Reference,
  read: (name: string) => Promise<Readonly<Record<string, string>> | undefined>,
): Promise<Readonly<Record<string, string>>> {
  const entries = await read(name)
  if (entries !== undefined) return entries
  if (optional) return {}
  throw new Error(`${what} "${name}" not found`)
}

async function resolveSource(
  pod: Pod,
  container: Container | EphemeralContainer,
  source: Source,
  sources: EnvironmentSources,
): Promise<string | undefined> {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = source
  if (fieldRef !== undefined) return podField(pod, fieldRef.fieldPath, sources.addresses)
  if (resourceFieldRef !== undefined) {
    return resourceField(resourceFieldRef, pod, container, sources.nodeAllocatable)
  }
  if (configMapKeyRef !== undefined) {
    const read = (name: string) => sources.configMap(name)
    const entries = await entriesOf('configmap', configMapKeyRef, read)
    return entryOf('ConfigMap', pod, configMapKeyRef, entries)
  }
  if (secretKeyRef !== undefined) {
    const read = (name: string) => sources.secret(name)
    const entries = await entriesOf('secret', secretKeyRef, read)
    return entryOf('Secret', pod, secretKeyRef, entries)
  }
  return ''
}

function entryOf(
  kind: 'ConfigMap' | 'Secret',
  { metadata }: Pod,
  { name = '', key, optional = false }: Reference & { readonly key: string },
  entries: Readonly<Record<string, string>>,
): string | undefined {
  const value = Object.hasOwn(entries, key) ? entries[key] : undefined
  if (value !== undefined || optional) return value
  throw new Error(`couldn't find key ${key} in ${kind} ${metadata.namespace}/${name}`)
}
