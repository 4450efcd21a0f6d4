import type { Client } from '../../client/client.ts'
import { alreadyExists, isReason } from '../../machinery/status-error.ts'

/**
 * A client that looks whether an object is there before it creates it, for those who make sure of
 * what every cluster has: a webhook that refuses every creation, or is gone, must not keep a server
 * from starting again.
 */
export function missingOnlyClient(client: Client): Client {
  return {
    get: (kind, key, options) => client.get(kind, key, options),
    list: (kind, options) => client.list(kind, options),
    watch: (kind, options) => client.watch(kind, options),
    update: (kind, object, options) => client.update(kind, object, options),
    updateStatus: (kind, object, options) => client.updateStatus(kind, object, options),
    patch: (kind, key, type, patch, options) => client.patch(kind, key, type, patch, options),
    delete: (kind, key, options) => client.delete(kind, key, options),
    deleteCollection: (kind, selection, options) =>
      client.deleteCollection(kind, selection, options),
    createSubresource: (kind, key, subresource, body) =>
      client.createSubresource(kind, key, subresource, body),
    raw: (method, path, body) => client.raw(method, path, body),
    async create(kind, draft, options) {
      const { name, namespace = '' } = draft.metadata ?? {}
      if (name !== undefined) {
        const found = await client.get(kind, { name, namespace }).catch((error: unknown) => {
          if (!isReason(error, 'NotFound')) throw error
          return undefined
        })
        if (found !== undefined) throw alreadyExists(kind, name)
      }
      return client.create(kind, draft, options)
    },
  }
}
