/** The tokens of text that is JSON, white space left out: brackets, commas, colons and scalars. */
export const JSON_TOKEN = /[{}[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}[\],:"]+/g

/** So many of them are looked at before others may go on. */
export const TOKENS_AT_ONCE = 10_000
