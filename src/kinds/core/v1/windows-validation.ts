import {
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
} from '../../../machinery/field-error.ts'
import { dns1123SubdomainErrors } from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import type { PodSpec } from './pod-spec.ts'
import type { SecurityContext, WindowsSecurityContextOptions } from './security-context.ts'

const MOST_CREDENTIAL_KIB = 64
const MOST_DOMAIN_CHARACTERS = 256
const MOST_USER_CHARACTERS = 104
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
const CONTROL = /[\x00-\x1f\x7f]/
const NETBIOS_DOMAIN = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const DNS_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const DNS_DOMAIN = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`)
const NO_USER_CHARACTER = /["/\\:;|=,+*?<>@[\]]/
const DOTS_AND_SPACES = /^[. ]+$/
const LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const

const NOT_ON_WINDOWS = 'cannot be set for a windows pod'
/** What a pod on Windows cannot have, in upstream's order. */
const LINUX_POD_FIELDS = [
  ...(['appArmorProfile', 'seLinuxOptions'] as const),
  ...(['hostUsers', 'hostPID', 'hostIPC'] as const),
  ...(['seccompProfile', 'fsGroup', 'fsGroupChangePolicy', 'sysctls'] as const),
  'shareProcessNamespace',
  ...(['runAsUser', 'runAsGroup', 'supplementalGroups', 'supplementalGroupsPolicy'] as const),
  'seLinuxChangePolicy',
] as const
const SPEC_FIELDS: ReadonlySet<string> = new Set([
  ...['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'],
])
const LINUX_CONTAINER_FIELDS = [
  ...(['appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities'] as const),
  ...(['readOnlyRootFilesystem', 'privileged', 'allowPrivilegeEscalation'] as const),
  ...(['procMount', 'runAsUser', 'runAsGroup'] as const),
] as const

/** As whom a process runs on Windows. */
export function validateWindowsOptions(
  errors: FieldError[],
  options: WindowsSecurityContextOptions,
  path: FieldPath,
): void {
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName } = options
  if (name !== undefined) {
    const namePath = path.child('gmsaCredentialSpecName')
    errors.push(...invalids(namePath, name, dns1123SubdomainErrors(name)))
  }
  const specPath = path.child('gmsaCredentialSpec')
  if (spec === '') {
    errors.push(invalid(specPath, spec, 'gmsaCredentialSpec cannot be an empty string'))
  } else if (spec !== undefined && Buffer.byteLength(spec) > MOST_CREDENTIAL_KIB * 1024) {
    const why = `gmsaCredentialSpec size must be under ${MOST_CREDENTIAL_KIB} KiB`
    errors.push(invalid(specPath, spec, why))
  }
  if (runAsUserName === undefined) return
  const userPath = path.child('runAsUserName')
  for (const why of userNameProblems(runAsUserName)) {
    errors.push(invalid(userPath, runAsUserName, `runAsUserName${why}`))
  }
}

/** `USER` or `DOMAIN\USER`. */
function* userNameProblems(name: string): Iterable<string> {
  if (name === '') return yield ' cannot be an empty string'
  if (CONTROL.test(name)) return yield ' cannot contain control characters'
  const parts = name.split('\\')
  if (parts.length > 2) return yield ' cannot contain more than one backslash'
  const user = parts.at(-1) ?? ''
  const domain = parts.length === 2 ? parts[0] : undefined
  if (Buffer.byteLength(domain ?? '') >= MOST_DOMAIN_CHARACTERS) {
    yield `'s Domain length must be under ${MOST_DOMAIN_CHARACTERS} characters`
  }
  if (domain !== undefined && !NETBIOS_DOMAIN.test(domain) && !DNS_DOMAIN.test(domain)) {
    yield "'s Domain doesn't match the NetBios nor the DNS format"
  }
  if (user === '') yield "'s User cannot be empty"
  else if (Buffer.byteLength(user) > MOST_USER_CHARACTERS) {
    yield `'s User length must not be longer than ${MOST_USER_CHARACTERS} characters`
  }
  if (DOTS_AND_SPACES.test(user)) yield "'s User cannot contain only periods or spaces"
  if (NO_USER_CHARACTER.test(user)) {
    yield `'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]`
  }
}

/** Processes of the host and others are not in one pod, and the former are on its network. */
export function validateHostProcesses(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  if (!speaksOfWindows(spec)) return
  const ofPod = spec.securityContext.windowsOptions?.hostProcess
  const all = [...containersOf(spec, path)]
  let ofHost = 0
  for (const [context, at] of all) {
    const own = context?.windowsOptions?.hostProcess
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const why = `pod hostProcess value must be identical if both are specified, was ${ofPod}`
      errors.push(invalid(at.child('securityContext', 'windowsOptions', 'hostProcess'), own, why))
    }
    if (own ?? ofPod === true) ofHost++
  }
  if (ofHost === 0) return
  if (ofHost !== all.length) {
    const why =
      'If pod contains any hostProcess containers then all containers must be HostProcess containers'
    errors.push(invalid(path, '', why))
  }
  if (spec.hostNetwork === true) return
  const why = 'hostNetwork must be true if pod contains any hostProcess containers'
  errors.push(invalid(path.child('hostNetwork'), false, why))
}

function speaksOfWindows(spec: PodSpec): boolean {
  if (spec.securityContext.windowsOptions !== undefined) return true
  for (const list of LISTS) {
    for (const { securityContext } of spec[list] ?? []) {
      if (securityContext?.windowsOptions !== undefined) return true
    }
  }
  return false
}

/** What a pod on one system says of the other. */
export function validateForSystem(
  errors: FieldError[],
  spec: PodSpec,
  system: 'linux' | 'windows',
  path: FieldPath,
): void {
  if (system === 'linux') refuseWindowsOptions(errors, spec, path)
  else refuseLinuxOptions(errors, spec, path)
}

function refuseWindowsOptions(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  const why = 'windows options cannot be set for a linux pod'
  const refuse = (at: FieldPath) =>
    errors.push(forbidden(at.child('securityContext', 'windowsOptions'), why))
  if (spec.securityContext.windowsOptions !== undefined) refuse(path)
  for (const [context, at] of containersOf(spec, path)) {
    if (context?.windowsOptions !== undefined) refuse(at)
  }
}

function refuseLinuxOptions(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  const ofPod = path.child('securityContext')
  const { securityContext } = spec
  for (const name of LINUX_POD_FIELDS) {
    const isOfSpec = SPEC_FIELDS.has(name)
    const source = (isOfSpec ? spec : securityContext) as Readonly<Record<string, unknown>>
    if (!isGiven(name, source[name])) continue
    errors.push(forbidden((isOfSpec ? path : ofPod).child(name), NOT_ON_WINDOWS))
  }
  for (const [context, at] of containersOf(spec, path)) {
    for (const name of LINUX_CONTAINER_FIELDS) {
      if (context?.[name] === undefined) continue
      errors.push(forbidden(at.child('securityContext', name), NOT_ON_WINDOWS))
    }
  }
}

/** Upstream's plain booleans and one of its lists are given where they say something. */
function isGiven(name: string, value: unknown): boolean {
  if (name === 'hostPID' || name === 'hostIPC') return value === true
  if (name === 'sysctls') return Array.isArray(value) && value.length > 0
  return value !== undefined
}

function* containersOf(
  spec: PodSpec,
  path: FieldPath,
): Iterable<readonly [context: SecurityContext | undefined, at: FieldPath]> {
  for (const list of LISTS) {
    for (const [index, { securityContext }] of (spec[list] ?? []).entries()) {
      yield [securityContext, path.child(list).index(index)]
    }
  }
}
