/** Prices of the language, as upstream's. */
export const SELECT_COST = 1
export const LIST_COST = 10
export const MAP_COST = 30
export const STRUCT_COST = 40
/** Of a character that is gone through once. */
export const TRAVERSAL_FACTOR = 0.1
/** Of a character of a regular expression, for each unit that the text costs. */
export const PATTERN_FACTOR = 0.25
/** Of asking an authorizer: two checks fit into the budget of an expression. */
export const CHECK_COST = 350_000
/** What a requirement of a selector costs, and how many characters one needs. */
export const REQUIREMENT_COST = LIST_COST + STRUCT_COST
export const REQUIREMENTS_PER_CHARACTER = 0.5
/** No regular expression behind a named format is longer. */
export const MAX_FORMAT_PATTERN = 128
/** No name of a format is longer. */
export const MAX_FORMAT_NAME = 64

/** Functions that cost one unit whatever they are given. */
export const UNIT_FUNCTIONS: ReadonlySet<string> = new Set([
  ...['serviceAccount', 'path', 'group', 'resource', 'subresource', 'namespace', 'name'],
  ...['allowed', 'reason', 'error', 'errored'],
  ...['masked', 'prefixLength', 'family', 'isUnspecified', 'isLoopback', 'isLinkLocalMulticast'],
  ...['isLinkLocalUnicast', 'isGlobalUnicast', 'format.named'],
  ...['sign', 'asInteger', 'isInteger', 'asApproximateFloat', 'isGreaterThan', 'isLessThan'],
  ...['compareTo', 'add', 'sub', 'major', 'minor', 'patch'],
  ...['getScheme', 'getHostname', 'getHost', 'getPort', 'getEscapedPath', 'getQuery'],
])
