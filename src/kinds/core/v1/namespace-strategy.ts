import type { Namespace } from './namespace.ts'

const FINALIZER = 'kubernetes'

/** A namespace stays until the namespace controller has emptied it. */
export function prepareNamespaceForCreate(namespace: Namespace): Namespace {
  const { finalizers = [] } = namespace.spec
  const all = finalizers.includes(FINALIZER) ? finalizers : [...finalizers, FINALIZER]
  return { ...namespace, spec: { ...namespace.spec, finalizers: all }, status: { phase: 'Active' } }
}

/** Only the `finalize` subresource takes finalizers of the spec away. */
export function prepareNamespaceForUpdate(namespace: Namespace, old: Namespace): Namespace {
  const { finalizers: _, ...spec } = namespace.spec
  const { finalizers } = old.spec
  return { ...namespace, spec: { ...spec, ...(finalizers === undefined ? {} : { finalizers }) } }
}
