/**
 * The rules for names and other short texts. Each answers why a value is not valid, in upstream's
 * words; an empty list means that it is.
 */
type Reasons = readonly string[]

const NONE: Reasons = Object.freeze([])

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const LABEL_WITH_UNDERSCORE = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`
const SUBDOMAIN_WITH_UNDERSCORE = `${LABEL_WITH_UNDERSCORE}(\\.${LABEL_WITH_UNDERSCORE})*`
const DNS_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const LABEL_KEY = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const LABEL_VALUE = `(${LABEL_KEY})?`
const C_IDENTIFIER = '[A-Za-z_][A-Za-z0-9_]*'
const CONFIG_MAP_KEY = '[-._a-zA-Z0-9]+'
const PERCENT = '[0-9]+%'
const HTTP_HEADER = '[-A-Za-z0-9]+'
const WILDCARD_SUBDOMAIN = `\\*\\.${SUBDOMAIN}`
/** All printable ASCII but `=`. */
const VARIABLE = /^[\x20-\x3c\x3e-\x7e]+$/
/** A port's name in which nothing is wrong but perhaps its length. */
const PORT = /^(?=[-0-9]*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*$/
const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"

interface Rule {
  readonly pattern: RegExp
  readonly most: number
  readonly why: string
}

const EDGES = 'must start and end with an alphanumeric character'
const LETTERS = "lower case alphanumeric characters, '-' or '.'"
const UNLIMITED = Number.POSITIVE_INFINITY

const LABEL_RULE = rule(
  LABEL,
  63,
  'my-name',
  '123-abc',
)(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', " +
    `and ${EDGES}`,
)
const SUBDOMAIN_RULE = rule(
  SUBDOMAIN,
  253,
  'example.com',
)(`a lowercase RFC 1123 subdomain must consist of ${LETTERS}, and ${EDGES}`)
const CASELESS_SUBDOMAIN_RULE: Rule = {
  ...rule(
    SUBDOMAIN,
    253,
    'Example.com',
  )(`an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and ${EDGES}`),
  pattern: new RegExp(`^${SUBDOMAIN}$`, 'i'),
}
const UNDERSCORE_SUBDOMAIN_RULE = rule(
  SUBDOMAIN_WITH_UNDERSCORE,
  253,
  'example.com',
)(
  'a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, ' +
    `'_', '-' or '.', and ${EDGES}`,
)
const DNS_1035_RULE = rule(
  DNS_1035,
  63,
  'my-name',
  'abc-123',
)(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an " +
    'alphabetic character, and end with an alphanumeric character',
)
const WILDCARD_RULE = rule(
  WILDCARD_SUBDOMAIN,
  253,
  '*.example.com',
)(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, " +
    `which must consist of ${LETTERS} and end with an alphanumeric character`,
)
const LABEL_KEY_RULE = rule(
  LABEL_KEY,
  63,
  'MyName',
  'my.name',
  '123-abc',
)(`must consist of alphanumeric characters, '-', '_' or '.', and ${EDGES}`)
const LABEL_VALUE_RULE = rule(
  LABEL_VALUE,
  63,
  'MyValue',
  'my_value',
  '12345',
)(
  'a valid label must be an empty string or consist of alphanumeric characters, ' +
    `'-', '_' or '.', and ${EDGES}`,
)
const C_IDENTIFIER_RULE = rule(
  C_IDENTIFIER,
  UNLIMITED,
  'my_name',
  'MY_NAME',
  'MyName',
)(
  "a valid C identifier must start with alphabetic character or '_', followed by a string of " +
    "alphanumeric characters or '_'",
)
const CONFIG_MAP_KEY_RULE = rule(
  CONFIG_MAP_KEY,
  253,
  'key.name',
  'KEY_NAME',
  'key-name',
)("a valid config key must consist of alphanumeric characters, '-', '_' or '.'")
const PERCENT_RULE = rule(
  PERCENT,
  UNLIMITED,
  '1%',
  '93%',
)("a valid percent string must be a numeric string followed by an ending '%'")
const HTTP_HEADER_RULE = rule(
  HTTP_HEADER,
  UNLIMITED,
  'X-Header-Name',
)("a valid HTTP header must consist of alphanumeric characters or '-'")
const HTTP_PATH_RULE = rule(HTTP_PATH, UNLIMITED)('Invalid path')

/** Rules whose lengths upstream counts, or at least says so, in bytes. */
const IN_BYTES: ReadonlySet<string> = new Set([LABEL_KEY_RULE.why, LABEL_VALUE_RULE.why])

/** What is wrong with a DNS label (RFC 1123), such as the name of a namespace. */
export function dns1123LabelErrors(value: string): Reasons {
  const hasDots = value.includes('.') && SUBDOMAIN_RULE.pattern.test(value)
  if (!hasDots) return check(value, LABEL_RULE)
  return [...lengthErrors(value, LABEL_RULE.most), 'must not contain dots']
}

/** What is wrong with a DNS subdomain (RFC 1123), as most names are. */
export function dns1123SubdomainErrors(value: string): Reasons {
  return check(value, SUBDOMAIN_RULE)
}

/** For the few names, such as those of drivers, in which upstream allows capital letters. */
export function dns1123SubdomainCaselessErrors(value: string): Reasons {
  return check(value, CASELESS_SUBDOMAIN_RULE)
}

/** As a subdomain, underscores allowed: search domains of pods. */
export function dns1123SubdomainWithUnderscoreErrors(value: string): Reasons {
  return check(value, UNDERSCORE_SUBDOMAIN_RULE)
}

/** What is wrong with a DNS label of old (RFC 1035), such as the name of a service. */
export function dns1035LabelErrors(value: string): Reasons {
  return check(value, DNS_1035_RULE)
}

/** What is wrong with a host like `*.example.com`. */
export function wildcardSubdomainErrors(value: string): Reasons {
  return check(value, WILDCARD_RULE)
}

/** A key of labels and annotations, a finalizer, a resource: `[subdomain/]name`. */
export function qualifiedNameErrors(value: string): Reasons {
  const slash = value.indexOf('/')
  const name = value.slice(slash + 1)
  const prefix = slash < 0 ? undefined : value.slice(0, slash)
  if (name.includes('/')) {
    const optional = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
    return [`a valid label key ${LABEL_KEY_RULE.why} ${optional}`]
  }
  const isPrefixValid = prefix === undefined || check(prefix, SUBDOMAIN_RULE) === NONE
  if (isPrefixValid && check(name, LABEL_KEY_RULE) === NONE) return NONE
  const errors: string[] = []
  if (prefix === '') errors.push('prefix part must be non-empty')
  else if (prefix !== undefined) {
    const reasons = dns1123SubdomainErrors(prefix)
    errors.push(...reasons.map((why) => `prefix part ${why.replace(/characters$/, 'bytes')}`))
  }
  if (name === '') errors.push('name part must be non-empty')
  errors.push(...check(name, LABEL_KEY_RULE).map((message) => `name part ${message}`))
  return errors
}

/** What is wrong with a label's value. */
export function labelValueErrors(value: string): Reasons {
  return check(value, LABEL_VALUE_RULE)
}

/** What is wrong with an identifier of C. */
export function cIdentifierErrors(value: string): Reasons {
  return check(value, C_IDENTIFIER_RULE)
}

/** The key of a ConfigMap or Secret, which becomes a file's name. */
export function configMapKeyErrors(value: string): Reasons {
  const reasons = check(value, CONFIG_MAP_KEY_RULE)
  const folder = parentFolderErrors(value)
  return folder.length === 0 ? reasons : [...reasons, ...folder]
}

/** The name of an environment variable: all printable ASCII but `=`. */
export function environmentNameErrors(value: string): Reasons {
  if (value === '') return ['environment variable name must be non-empty']
  if (VARIABLE.test(value)) return NONE
  return [
    'a valid environment variable name must consist only of printable ASCII characters ' +
      "other than '='",
  ]
}

/** What is wrong with the number of a port. */
export function portNumberErrors(port: number): Reasons {
  return rangeErrors(port, 1, 65535)
}

/** What is wrong with the name of a port (IANA_SVC_NAME). */
export function portNameErrors(value: string): Reasons {
  if (value.length <= 15 && PORT.test(value)) return NONE
  const errors = [...lengthErrors(value, 15)]
  if (!/^[-a-z0-9]+$/.test(value)) {
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  }
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)')
  if (value.includes('--')) errors.push('must not contain consecutive hyphens')
  if (/^-|-$/.test(value)) errors.push('must not begin or end with a hyphen')
  return errors
}

/** A user's or group's number. */
export function userIdErrors(id: number): Reasons {
  return rangeErrors(id, 0, 2 ** 31 - 1)
}

/** What is wrong with a number that has bounds, both inclusive. */
export function rangeErrors(value: number, least: number, most: number): Reasons {
  if (value >= least && value <= most) return NONE
  return [`must be between ${least} and ${most}, inclusive`]
}

/** What is wrong with a percentage. */
export function percentErrors(value: string): Reasons {
  return check(value, PERCENT_RULE)
}

/** What is wrong with the name of an HTTP header. */
export function httpHeaderNameErrors(value: string): Reasons {
  return check(value, HTTP_HEADER_RULE)
}

/** The part behind the domain of names such as `acme.io/foo`. */
export function httpPathErrors(value: string): Reasons {
  return check(value, HTTP_PATH_RULE)
}

/** Names that need only be safe in a URL's path, such as those of roles. */
export function pathSegmentErrors(name: string, isPrefix: boolean): Reasons {
  if (!isPrefix && (name === '.' || name === '..')) return [`may not be '${name}'`]
  if (!name.includes('/') && !name.includes('%')) return NONE
  return ['/', '%'].filter((one) => name.includes(one)).map((one) => `may not contain '${one}'`)
}

/** The rules for an object's name, as kinds name them in `validateName`. */
export function subdomainNameErrors(name: string, isPrefix: boolean): Reasons {
  return dns1123SubdomainErrors(isPrefix ? maskTrailingDash(name) : name)
}

/** For names that are DNS labels; see `subdomainNameErrors`. */
export function labelNameErrors(name: string, isPrefix: boolean): Reasons {
  return dns1123LabelErrors(isPrefix ? maskTrailingDash(name) : name)
}

/** For names that are DNS labels of old; see `subdomainNameErrors`. */
export function dns1035NameErrors(name: string, isPrefix: boolean): Reasons {
  return dns1035LabelErrors(isPrefix ? maskTrailingDash(name) : name)
}

/** A prefix may end in a dash, since more will follow. */
function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name
}

function check(value: string, { pattern, most, why }: Rule): Reasons {
  const isMatch = pattern.test(value)
  if (isMatch && value.length <= most) return NONE
  const unit = IN_BYTES.has(why) ? 'bytes' : 'characters'
  return [...lengthErrors(value, most, unit), ...(isMatch ? [] : [why])]
}

function rule(pattern: string, most: number, ...examples: readonly string[]) {
  return (message: string): Rule => ({
    pattern: new RegExp(`^${pattern}$`),
    most,
    why: regexError(message, pattern, ...examples),
  })
}

function lengthErrors(value: string, most: number, unit = 'characters'): Reasons {
  return value.length > most ? [`must be no more than ${most} ${unit}`] : NONE
}

function parentFolderErrors(value: string): Reasons {
  if (value === '.' || value === '..') return [`must not be '${value}'`]
  return value.startsWith('..') ? ["must not start with '..'"] : NONE
}

/** A message with examples and the pattern that was not met. */
export function regexError(message: string, pattern: string, ...examples: readonly string[]) {
  const regex = `regex used for validation is '${pattern}')`
  if (examples.length === 0) return `${message} (${regex}`
  return `${message} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}${regex}`
}
