import type { Ingress } from './ingress.ts'

const CLASS = 'kubernetes.io/ingress.class'

/** The class has a field of its own. */
export function* ingressWarnings({ metadata, spec }: Ingress): Iterable<string> {
  if (metadata.annotations?.[CLASS] === undefined || spec.ingressClassName !== undefined) return
  const what = `annotation ${JSON.stringify(CLASS)} is deprecated`
  yield `${what}, please use 'spec.ingressClassName' instead`
}
