import { formatError, type Logger } from '../../base/logger.ts'
import { Secret } from '../../kinds/core/v1/secret.ts'
import type { ResourceTable } from '../registry/resource-table.ts'

/** Writes labels to secrets in the background, as the API server itself. */
export function labelSecret(
  resources: ResourceTable,
  logger: Logger,
): (secret: Secret, labels: Readonly<Record<string, string>>) => void {
  return ({ metadata }, labels) => {
    const { namespace, name, uid } = metadata
    resources
      .store(Secret)
      .change(namespace, name, (current) => {
        const object = current?.object
        if (object === undefined || object.metadata.uid !== uid) {
          throw new Error('the secret has gone meanwhile')
        }
        const merged = { ...object.metadata.labels, ...labels }
        return {
          type: 'put',
          object: { ...object, metadata: { ...object.metadata, labels: merged } },
        }
      })
      .catch((error) => {
        const secret = `${namespace}/${name}`
        logger.error('a secret could not be labelled', { secret, error: formatError(error) })
      })
  }
}
