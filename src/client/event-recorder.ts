import type { KubeObject } from '../machinery/kind.ts'

/** Writes core/v1 Events about objects: aggregated, rate-limited, and never in the way. */
export interface EventRecorder {
  /**
   * `reason` is one CamelCase word. The regarded object's kind is taken from the object itself.
   * `fieldPath` names a part of it, such as `spec.containers{web}`.
   */
  event(
    regarding: KubeObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    options?: { readonly fieldPath?: string },
  ): void
}
