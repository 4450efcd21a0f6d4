import { type Candidate, startOf } from './select-victims.ts'

/** Makes all priorities positive, so that one more victim never lowers a sum. */
const OFFSET = 2 ** 31

/** The smaller, the better; the first that tells two candidates apart decides. */
const costs: readonly ((candidate: Candidate, now: number) => number)[] = [
  ({ violations }) => violations,
  ({ victims }) => victims[0]?.priority ?? 0,
  ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + OFFSET, 0),
  ({ victims }) => victims.length,
  // The node whose most important victims started last loses the least work.
  ({ victims }, now) => {
    const top = victims.filter(({ priority }) => priority === victims[0]?.priority)
    return -Math.min(...top.map((victim) => startOf(victim, now)))
  },
]

/** The node where preemption does the least harm (upstream's pickOneNodeForPreemption). */
export function chooseCandidate(candidates: readonly Candidate[], now: number): Candidate {
  let left = candidates
  for (const cost of costs) {
    const all = left.map((candidate) => cost(candidate, now))
    const least = Math.min(...all)
    left = left.filter((_, index) => all[index] === least)
    if (left.length === 1) break
  }
  return left[0] as Candidate
}
