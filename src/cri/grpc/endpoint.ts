/**
 * The path of the socket that --container-runtime-endpoint names. Upstream takes a bare path too.
 * Throws where it is nothing that a runtime on Linux listens on.
 */
export function parseRuntimeEndpoint(endpoint: string): string {
  const path = endpoint.startsWith('unix://') ? endpoint.slice('unix://'.length) : endpoint
  if (path.startsWith('/')) return path
  throw new Error(`invalid runtime endpoint "${endpoint}": it must be unix:// and an absolute path`)
}
