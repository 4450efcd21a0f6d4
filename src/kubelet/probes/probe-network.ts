import type { HttpRequest } from './http-request.ts'

export interface HttpAnswer {
  readonly status: number
  /** No more than ten kibibytes of it. */
  readonly body: string
}

/** The network as probes and hooks need it. Each call rejects when its time is up. */
export interface ProbeNetwork {
  /** Certificates are not verified; redirects are followed on the same host only. */
  http(request: HttpRequest, timeoutMs: number): Promise<HttpAnswer>
  /** Resolves once a connection stands, and closes it. */
  tcp(host: string, port: number, timeoutMs: number): Promise<void>
  /** What grpc.health.v1.Health answers for a service, such as `SERVING`. */
  grpc(host: string, port: number, service: string, timeoutMs: number): Promise<string>
}
