import { createTestServer, type TestServer } from './api-server.ts'

export const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'

/** An answer with its body read. */
export interface Answer {
  readonly code: number
  readonly body: Record<string, never> & {
    readonly message?: string
    readonly reason?: string
    readonly details?: object
    readonly metadata: Record<string, unknown> & { readonly resourceVersion: string }
    readonly data?: Record<string, string>
    readonly status?: Record<string, unknown>
  }
  readonly warnings: readonly string[]
}

/** Runs with a server of its own, and sends what it is told. */
export async function withServer(
  run: (send: Send, server: TestServer) => Promise<void>,
): Promise<void> {
  const server = await createTestServer()
  try {
    await run(async (method, url, body, contentType) => {
      const answer = await server.send(method, url, {
        ...(body !== undefined && { body }),
        ...(contentType !== undefined && { contentType }),
      })
      return { ...answer, body: JSON.parse(answer.text) }
    }, server)
  } finally {
    server.close()
  }
}

/** Resolves to the answer, whatever its code. */
export type Send = (
  method: string,
  url: string,
  body?: string | object,
  contentType?: string,
) => Promise<Answer>

/** Sends a JSON merge patch. */
export function patch(send: Send, url: string, body: object): Promise<Answer> {
  return send('PATCH', url, body, 'application/merge-patch+json')
}
