import type { Namespace } from './namespace.ts'
import { setNamespaceDefaults } from './namespace-defaults.ts'

const FINALIZER = 'kubernetes'

/**
 * A namespace stays until the namespace controller has emptied it. One whose name was generated
 * gets the label with its name only now.
 */
export function prepareNamespaceForCreate(given: Namespace): Namespace {
  const namespace = setNamespaceDefaults(given)
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
