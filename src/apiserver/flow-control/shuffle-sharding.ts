import { createHash } from 'node:crypto'

/**
 * The queues that a flow may use, out of all: each flow gets a hand of its own, so that one that
 * floods all of its queues leaves other flows at least one that it does not have. The same flow
 * gets the same hand on every server. `handSize` is at most `deckSize`.
 */
export function dealHand(
  schema: string,
  distinguisher: string,
  deckSize: number,
  handSize: number,
): readonly number[] {
  const digest = createHash('sha256').update(`${schema}\0${distinguisher}`).digest()
  let hash = digest.readBigUInt64LE(0)
  const hand: number[] = []
  for (let dealt = 0; dealt < handSize; dealt++) {
    const left = BigInt(deckSize - dealt)
    hand.push(cardAfter(Number(hash % left), hand))
    hash /= left
  }
  return hand
}

/** The n-th of the cards that are still in the deck. */
function cardAfter(position: number, dealt: readonly number[]): number {
  let card = position
  for (const other of dealt.toSorted((a, b) => a - b)) if (card >= other) card++
  return card
}
