const CONTEXT = 3
/** Beyond so many compared pairs of lines, what differs is shown as one block. */
const MOST_PAIRS = 4_000_000

interface Edit {
  readonly type: ' ' | '-' | '+'
  readonly line: string
}

/** The lines that differ between two JSON values, with three around each, as `diff -u` shows. */
export function diffJson(before: unknown, after: unknown): string {
  return unifiedDiff(linesOf(before), linesOf(after))
}

export function unifiedDiff(before: readonly string[], after: readonly string[]): string {
  const edits = editsBetween(before, after)
  const changed = edits.flatMap(({ type }, index) => (type === ' ' ? [] : [index]))
  const hunks: [start: number, end: number][] = []
  for (const index of changed) {
    const last = hunks.at(-1)
    const [start, end] = [Math.max(0, index - CONTEXT), Math.min(edits.length, index + CONTEXT + 1)]
    if (last !== undefined && start <= last[1]) last[1] = end
    else hunks.push([start, end])
  }
  return hunks.map(([start, end]) => formatHunk(edits, start, end)).join('')
}

function formatHunk(edits: readonly Edit[], start: number, end: number): string {
  const count = (from: number, to: number, without: '+' | '-') =>
    edits.slice(from, to).filter(({ type }) => type !== without).length
  const range = (without: '+' | '-') => {
    const [first, length] = [count(0, start, without) + 1, count(start, end, without)]
    if (length === 1) return `${first}`
    return `${length === 0 ? first - 1 : first},${length}`
  }
  const lines = edits.slice(start, end).map(({ type, line }) => `${type}${line}\n`)
  return `@@ -${range('+')} +${range('-')} @@\n${lines.join('')}`
}

function editsBetween(before: readonly string[], after: readonly string[]): readonly Edit[] {
  let head = 0
  while (head < before.length && head < after.length && before[head] === after[head]) head++
  let tail = 0
  const most = Math.min(before.length, after.length) - head
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail++
  const same = (lines: readonly string[]): Edit[] => lines.map((line) => ({ type: ' ', line }))
  return [
    ...same(before.slice(0, head)),
    ...middleEdits(
      before.slice(head, before.length - tail),
      after.slice(head, after.length - tail),
    ),
    ...same(before.slice(before.length - tail)),
  ]
}

/** By the longest common subsequence; `table[i][j]` is its length from `i` and `j` on. */
function middleEdits(before: readonly string[], after: readonly string[]): readonly Edit[] {
  const removed = (line: string): Edit => ({ type: '-', line })
  const added = (line: string): Edit => ({ type: '+', line })
  if (before.length * after.length > MOST_PAIRS) {
    return [...before.map(removed), ...after.map(added)]
  }
  const width = after.length + 1
  const table = new Uint32Array((before.length + 1) * width)
  const at = (i: number, j: number): number => table[i * width + j] ?? 0
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const isSame = before[i] === after[j]
      table[i * width + j] = isSame ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const edits: Edit[] = []
  let [i, j] = [0, 0]
  while (i < before.length || j < after.length) {
    const [old, next] = [before[i], after[j]]
    if (old !== undefined && old === next) {
      edits.push({ type: ' ', line: old })
      i++
      j++
    } else if (old !== undefined && (next === undefined || at(i + 1, j) >= at(i, j + 1))) {
      edits.push(removed(old))
      i++
    } else if (next !== undefined) {
      edits.push(added(next))
      j++
    }
  }
  return edits
}

function linesOf(value: unknown): readonly string[] {
  const plain = (_: string, field: unknown) => (typeof field === 'bigint' ? `${field}` : field)
  return (JSON.stringify(value, plain, 1) ?? 'null').split('\n')
}
