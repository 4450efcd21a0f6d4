import { formatError, type Logger } from '../../../base/logger.ts'
import type { WorkQueue } from '../../../client/work-queue.ts'

/** Brings what belongs to a key up to date. Rejects to be asked again, later each time. */
export type Sync = (key: string) => Promise<void>

/** Works through a queue, with so many keys at once, until it is shut down. */
export async function runWorkers(
  queue: WorkQueue,
  count: number,
  sync: Sync,
  logger: Logger,
): Promise<void> {
  const work = async () => {
    for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
      try {
        await sync(key)
        queue.forget(key)
      } catch (error) {
        logger.info('will be tried again', { key, error: formatError(error) })
        queue.addRateLimited(key)
      } finally {
        queue.done(key)
      }
    }
  }
  await Promise.all(Array.from({ length: count }, work))
}
