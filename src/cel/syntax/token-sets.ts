import type { TokenSet } from './token-reader.ts'

/** What an expression may begin with. */
export const EXPRESSION_START: TokenSet = new Set([
  ...["'['", "'{'", "'('", "'.'", "'-'", "'!'", "'true'", "'false'", "'null'"],
  ...['NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER'],
])
/** The operators that compare. */
export const RELATIONS: ReadonlySet<string> = new Set(['<', '<=', '>=', '>', '==', '!=', 'in'])
/** All binary operators, as token sets name them. */
export const OPERATOR_NAMES = ['+', '-', '*', '/', '%', ...RELATIONS, '&&', '||'].map(
  (op) => `'${op}'`,
)
/** Words that are values. */
export const CONSTANTS: ReadonlySet<string> = new Set(['true', 'false', 'null'])
/** A name. */
export const IDENTIFIER: TokenSet = new Set(['IDENTIFIER'])
/** What may close an expression: the end of the text, and what the names below say. */
export const END: TokenSet = new Set(['<EOF>'])
/** What may close within parentheses. */
export const PAREN: TokenSet = new Set(["')'"])
/** What may close an argument. */
export const ARGUMENT: TokenSet = new Set(["')'", "','"])
/** What may close an index. */
export const BRACKET: TokenSet = new Set(["']'"])
/** What may close an element of a list. */
export const ELEMENT: TokenSet = new Set(["']'", "','"])
/** What may close a key or the first branch of a choice. */
export const COLON: TokenSet = new Set(["':'"])
/** What may close a value of a map or object. */
export const ENTRY: TokenSet = new Set(["'}'", "','"])
