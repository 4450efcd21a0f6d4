import type { KubeObject } from '../../../machinery/kind.ts'

/** A class of v1alpha1 as v1 has it, which has no spec: its fields stand in the object itself. */
export function runtimeClassFromV1alpha1(stored: KubeObject): KubeObject {
  if (stored.apiVersion !== 'node.k8s.io/v1alpha1') return stored
  const { spec, ...rest } = stored as KubeObject & {
    readonly spec?: Readonly<Record<string, unknown>>
  }
  const { runtimeHandler = '', overhead, scheduling } = spec ?? {}
  return {
    ...rest,
    handler: runtimeHandler,
    ...(overhead !== undefined && { overhead }),
    ...(scheduling !== undefined && { scheduling }),
  } as KubeObject
}
