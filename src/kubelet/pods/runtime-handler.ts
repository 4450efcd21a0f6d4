import type { Client } from '../../client/client.ts'
import { RuntimeClass } from '../../kinds/node/v1/runtime-class.ts'
import { isReason } from '../../machinery/status-error.ts'

/** The runtime's handler that a pod's RuntimeClass stands for; empty for the default one. */
export async function runtimeHandler(client: Client, runtimeClassName = ''): Promise<string> {
  if (runtimeClassName === '') return ''
  try {
    const { handler } = await client.get(RuntimeClass, { name: runtimeClassName })
    return handler
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
    throw new Error(`RuntimeClass "${runtimeClassName}" not found`)
  }
}
