import type { LogFile } from './log-files.ts'

const BLOCK_BYTES = 4096
const LINE_FEED = 0x0a

/** Where the last `lines` lines of a file begin, read from its end. */
export async function tailOffset(file: LogFile, lines: number): Promise<number> {
  const size = await file.sizeBytes()
  if (lines <= 0) return size
  let found = 0
  for (let end = size; end > 0; end -= BLOCK_BYTES) {
    const start = Math.max(0, end - BLOCK_BYTES)
    const block = await file.read(start, end - start)
    for (let index = block.length - 1; index >= 0; index--) {
      if (block[index] !== LINE_FEED) continue
      // The line feed at the very end closes the last line and begins none.
      if (start + index === size - 1) continue
      found++
      if (found === lines) return start + index + 1
    }
  }
  return 0
}
