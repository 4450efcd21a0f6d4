import type { KubeObject } from '../../../machinery/kind.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * An Ingress of networking.k8s.io/v1beta1 or extensions/v1beta1 as v1 has it, where a backend's
 * service is a struct of its own, and its port has two fields.
 */
export function ingressFromV1beta1(stored: KubeObject): KubeObject {
  const { spec, ...rest } = stored as KubeObject & { readonly spec?: Fields }
  const { backend, rules, ...kept } = spec ?? {}
  return {
    ...rest,
    spec: {
      ...kept,
      ...(backend !== undefined && { defaultBackend: backendOf(backend as Fields) }),
      ...(rules !== undefined && { rules: (rules as readonly Fields[]).map(ruleOf) }),
    },
  } as KubeObject
}

function ruleOf({ http, ...rule }: Fields): Fields {
  if (http === undefined) return rule
  const { paths } = http as { readonly paths?: readonly Fields[] }
  return { ...rule, http: { ...(http as Fields), paths: (paths ?? []).map(pathOf) } }
}

/** A path without a type, as there were none at first, means what its controller makes of it. */
function pathOf({ backend, pathType, ...path }: Fields): Fields {
  return {
    ...path,
    pathType: pathType ?? 'ImplementationSpecific',
    backend: backendOf((backend ?? {}) as Fields),
  }
}

function backendOf({ serviceName, servicePort, ...rest }: Fields): Fields {
  const isName = typeof servicePort === 'string'
  if (!serviceName && !isName && !servicePort) return rest
  const number = isName || !servicePort ? {} : { number: servicePort }
  const port = isName && servicePort !== '' ? { name: servicePort } : number
  return { ...rest, service: { name: serviceName ?? '', port } }
}
