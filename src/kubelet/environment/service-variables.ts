import type { Service } from '../../kinds/core/v1/service.ts'

/** Always told, even where a pod asks for no service links: clients find the API by it. */
const MASTER_SERVICE = 'kubernetes'
const MASTER_NAMESPACE = 'default'

/**
 * The environment variables by which a pod finds the services of its namespace: the
 * `{NAME}_SERVICE_HOST` family and the older one of Docker links. Headless services have none.
 */
export function serviceVariables(
  services: readonly Service[],
  namespace: string,
  enableServiceLinks: boolean,
): ReadonlyMap<string, string> {
  const byName = new Map<string, Service>()
  for (const service of services) {
    const { name, namespace: home } = service.metadata
    if (!hasClusterIp(service)) continue
    const isMaster = home === MASTER_NAMESPACE && name === MASTER_SERVICE
    if (isMaster && !byName.has(name)) byName.set(name, service)
    else if (home === namespace && enableServiceLinks) byName.set(name, service)
  }
  const variables = new Map<string, string>()
  for (const service of byName.values()) {
    for (const [name, value] of variablesOf(service)) variables.set(name, value)
  }
  return variables
}

function hasClusterIp({ spec: { clusterIP } }: Service): boolean {
  return clusterIP !== undefined && clusterIP !== '' && clusterIP !== 'None'
}

function* variablesOf({ metadata, spec }: Service): Iterable<[string, string]> {
  const prefix = variableName(metadata.name)
  const address = spec.clusterIP ?? ''
  const ports = spec.ports ?? []
  const [first] = ports
  yield [`${prefix}_SERVICE_HOST`, address]
  if (first === undefined) return
  yield [`${prefix}_SERVICE_PORT`, `${first.port}`]
  for (const { name, port } of ports) {
    if (name !== undefined && name !== '') {
      yield [`${prefix}_SERVICE_PORT_${variableName(name)}`, `${port}`]
    }
  }
  const host = address.includes(':') ? `[${address}]` : address
  for (const { port, protocol = 'TCP' } of ports) {
    const url = `${protocol.toLowerCase()}://${host}:${port}`
    if (port === first.port && protocol === (first.protocol ?? 'TCP')) yield [`${prefix}_PORT`, url]
    const portPrefix = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`
    yield [portPrefix, url]
    yield [`${portPrefix}_PROTO`, protocol.toLowerCase()]
    yield [`${portPrefix}_PORT`, `${port}`]
    yield [`${portPrefix}_ADDR`, address]
  }
}

function variableName(name: string): string {
  return name.replaceAll('-', '_').toUpperCase()
}
