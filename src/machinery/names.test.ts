import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  configMapKeyErrors,
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  environmentNameErrors,
  labelValueErrors,
  pathSegmentErrors,
  percentErrors,
  portNameErrors,
  qualifiedNameErrors,
  rangeErrors,
  subdomainNameErrors,
} from './names.ts'

const EDGES = 'and must start and end with an alphanumeric character'
const ONE_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN =
  'a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, ' +
  `'-' or '.', ${EDGES} (e.g. 'example.com', regex used for validation is ` +
  `'${ONE_LABEL}(\\.${ONE_LABEL})*')`
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', " +
  `${EDGES} (e.g. 'my-name',  or '123-abc', regex used for validation is '${ONE_LABEL}')`
const KEY =
  `must consist of alphanumeric characters, '-', '_' or '.', ${EDGES} ` +
  "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
  "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

test('what is valid has no reasons against it', () => {
  const valid: readonly (readonly [(value: string) => readonly string[], readonly string[]])[] = [
    [dns1123LabelErrors, ['a', '0', 'a-b', 'a'.repeat(63)]],
    [dns1123SubdomainErrors, ['a.b-c.0', 'a'.repeat(253)]],
    [dns1035LabelErrors, ['a', 'a0-1']],
    [
      qualifiedNameErrors,
      ['a', 'A_b.c', 'example.com/Name', `${'a'.repeat(253)}/${'b'.repeat(63)}`],
    ],
    [labelValueErrors, ['', 'a', 'A.b_c-1']],
    [configMapKeyErrors, ['a', '.a', 'A_B-c']],
    [environmentNameErrors, ['A', 'a b', '1']],
    [portNameErrors, ['http', 'a-1']],
    [percentErrors, ['1%', '100%']],
  ]
  for (const [rule, values] of valid) {
    for (const value of values) assert.deepEqual(rule(value), [], `${rule.name} ${value}`)
  }
})

test('what is not valid is told in upstream words', () => {
  assert.deepEqual(dns1123LabelErrors('a.b'), ['must not contain dots'])
  assert.deepEqual(dns1123LabelErrors('A'), [LABEL])
  assert.deepEqual(dns1123LabelErrors('a'.repeat(64)), ['must be no more than 63 characters'])
  assert.deepEqual(dns1123SubdomainErrors('a_b'), [SUBDOMAIN])
  assert.deepEqual(dns1123SubdomainErrors('_'.repeat(254)), [
    'must be no more than 253 characters',
    SUBDOMAIN,
  ])
  assert.match(dns1035LabelErrors('0a')[0] ?? '', /^a DNS-1035 label must consist of/)
  assert.deepEqual(qualifiedNameErrors(''), ['name part must be non-empty', `name part ${KEY}`])
  assert.deepEqual(qualifiedNameErrors('/a'), ['prefix part must be non-empty'])
  assert.deepEqual(qualifiedNameErrors('A/a'), [`prefix part ${SUBDOMAIN}`])
  assert.deepEqual(qualifiedNameErrors('a/b/c'), [
    `a valid label key ${KEY} with an optional DNS subdomain prefix and '/' ` +
      "(e.g. 'example.com/MyName')",
  ])
  assert.match(
    labelValueErrors('a b')[0] ?? '',
    /^a valid label must be an empty string or consist/,
  )
  assert.deepEqual(configMapKeyErrors('..'), ["must not be '..'"])
  assert.deepEqual(configMapKeyErrors('..a'), ["must not start with '..'"])
  assert.match(
    environmentNameErrors('a=b')[0] ?? '',
    /only of printable ASCII characters other than '='/,
  )
  assert.deepEqual(portNameErrors('-'), [
    'must contain at least one letter (a-z)',
    'must not begin or end with a hyphen',
  ])
  assert.deepEqual(rangeErrors(0, 1, 65535), ['must be between 1 and 65535, inclusive'])
})

test('a prefix may end in a dash', () => {
  assert.deepEqual(subdomainNameErrors('web-', true), [])
  assert.deepEqual(subdomainNameErrors('web-', false), [SUBDOMAIN])
})

test('a path segment may hold no slash', () => {
  assert.deepEqual(pathSegmentErrors('system:a', false), [])
  assert.deepEqual(pathSegmentErrors('a/%', false), ["may not contain '/'", "may not contain '%'"])
  assert.deepEqual(pathSegmentErrors('..', false), ["may not be '..'"])
  assert.deepEqual(pathSegmentErrors('..', true), [])
})
