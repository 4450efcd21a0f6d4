/**
 * Does `count` like things in batches of 1, 2, 4, ... and stops behind a batch in which one failed,
 * so that many which would all meet the same error, such as a quota, do not flood the server.
 * Returns the first error.
 */
export async function slowStart(count: number, work: () => Promise<unknown>): Promise<unknown> {
  let done = 0
  for (let batch = 1; done < count; batch *= 2) {
    const size = Math.min(batch, count - done)
    const results = await Promise.allSettled(Array.from({ length: size }, work))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) return failed.reason
    done += size
  }
  return undefined
}
