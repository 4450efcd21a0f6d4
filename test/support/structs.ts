import type { SchemaNode, StructNode } from '../../src/machinery/schema.ts'

const PACKAGES: Readonly<Record<string, string>> = {
  meta: 'io.k8s.apimachinery.pkg.apis',
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis',
  apiregistration: 'io.k8s.kube-aggregator.pkg.apis',
}

/** The full name of a struct in OpenAPI: `core.v1.Pod` is `io.k8s.api.core.v1.Pod`. */
export function factsName(name: string): string {
  const group = name.slice(0, name.indexOf('.'))
  return `${PACKAGES[group] ?? 'io.k8s.api'}.${name}`
}

/** All structs within these nodes by name; more than one when declarations differ. */
export function structsOf(nodes: readonly SchemaNode[]): Map<string, Set<StructNode>> {
  const found = new Map<string, Set<StructNode>>()
  const visit = (node: SchemaNode): void => {
    if (node.type === 'scalar') return
    if (node.type === 'list' || node.type === 'map') {
      visit(node.type === 'list' ? node.items : node.values)
      return
    }
    const struct = node.type === 'lazy' ? (node.resolve() as StructNode) : node
    const variants = found.get(struct.name) ?? new Set()
    if (variants.has(struct)) return
    found.set(struct.name, variants.add(struct))
    for (const field of Object.values(struct.fields)) visit(field.node)
  }
  for (const node of nodes) visit(node)
  return found
}
