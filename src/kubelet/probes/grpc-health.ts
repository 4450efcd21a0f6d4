import type { Clock } from '../../base/clock.ts'
import { formatDuration } from '../../machinery/duration.ts'

const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']
const UNIMPLEMENTED = 12
const DEADLINE_EXCEEDED = 4
const UNAVAILABLE = 14

/**
 * Asks `grpc.health.v1.Health/Check` for a service's status, such as `SERVING`. Rejects with
 * upstream's texts. gRPC is loaded with the first probe that needs it.
 */
export async function grpcHealth(
  address: string,
  service: string,
  timeoutMs: number,
  clock: Clock,
): Promise<string> {
  const grpc = await import('../../base/grpc-library.ts')
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), {
    'grpc.enable_retries': 0,
  })
  try {
    return await new Promise<string>((resolve, reject) => {
      const call = client.makeUnaryRequest(
        '/grpc.health.v1.Health/Check',
        encodeRequest,
        decodeStatus,
        service,
        (error, status) => {
          timer[Symbol.dispose]()
          if (error === null) resolve(status ?? 'UNKNOWN')
          else reject(new Error(failureText(error.code, error.details, address, timeoutMs)))
        },
      )
      const timer = clock.after(timeoutMs, () => {
        call.cancel()
        const limit = formatDuration(timeoutMs)
        reject(new Error(`timeout: health rpc did not complete within ${limit}`))
      })
    })
  } finally {
    client.close()
  }
}

/** HealthCheckRequest: the service's name is field 1. */
function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service)
  if (name.length === 0) return Buffer.alloc(0)
  const length: number[] = []
  for (let left = name.length; ; left >>>= 7) {
    if (left < 0x80) {
      length.push(left)
      break
    }
    length.push((left & 0x7f) | 0x80)
  }
  return Buffer.concat([Buffer.from([0x0a, ...length]), name])
}

/** HealthCheckResponse: the status is field 1, a small enumeration; absent for UNKNOWN. */
function decodeStatus(message: Buffer): string {
  const value = message[0] === 0x08 ? (message[1] ?? 0) : 0
  return STATUSES[value] ?? `${value}`
}

function failureText(code: number, details: string, address: string, timeoutMs: number): string {
  switch (code) {
    case UNIMPLEMENTED:
      return (
        'error: this server does not implement the grpc health protocol ' +
        `(grpc.health.v1.Health): ${details}`
      )
    case DEADLINE_EXCEEDED:
      return `timeout: health rpc did not complete within ${formatDuration(timeoutMs)}`
    case UNAVAILABLE:
      return `error: failed to connect service at "${address}": ${details}`
    default:
      return `error: health rpc probe failed: ${details}`
  }
}
