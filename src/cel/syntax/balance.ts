import type { Expr } from './ast.ts'

/** Stands for what could not be read. */
export const missing = (offset: number): Expr => ({ kind: 'literal', offset, value: '<<error>>' })

/** A chain of `&&` or `||` as a balanced tree, so that long chains are not deep. */
export function balance(name: string, terms: readonly Expr[], operators: readonly number[]): Expr {
  const build = (low: number, high: number): Expr => {
    const middle = Math.floor((low + high + 1) / 2)
    const left = middle === low ? terms[middle] : build(low, middle - 1)
    const right = middle === high ? terms[middle + 1] : build(middle + 1, high)
    const args = [left ?? missing(0), right ?? missing(0)]
    return { kind: 'call', offset: operators[middle] ?? 0, name, args }
  }
  return operators.length === 0 ? (terms[0] ?? missing(0)) : build(0, operators.length - 1)
}
