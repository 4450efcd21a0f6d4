import {
  duplicate,
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  notFoundField,
  required,
  tooLong,
} from '../../../machinery/field-error.ts'
import {
  dns1123SubdomainWithUnderscoreErrors,
  rangeErrors,
  subdomainNameErrors,
} from '../../../machinery/names.ts'
import { invalids, validateLabels } from '../../../machinery/validate-object-meta.ts'
import { validateAffinity } from './affinity-validation.ts'
import {
  validateContainers,
  validateEphemeralContainers,
  validateInitContainers,
} from './container-validation.ts'
import {
  validateDnsLabel,
  validateDnsSubdomain,
  validateIp,
  validateOneOf,
  validateQualifiedName,
} from './field-rules.ts'
import type { PodResourceClaim, PodSpec } from './pod-spec.ts'
import {
  validatePodResources,
  validateQuantity,
  validateResourceName,
} from './resource-validation.ts'
import {
  validateSchedulingGates,
  validateTolerations,
  validateTopologySpread,
} from './scheduling-validation.ts'
import { validateHostUsers, validatePodSecurityContext } from './security-context-validation.ts'
import { validateVolumes } from './volume-validation.ts'
import { validateForSystem, validateHostProcesses } from './windows-validation.ts'

const MAX_INT32 = 2 ** 31 - 1
const MOST_NAMESERVERS = 3
const MOST_SEARCHES = 32
const MOST_SEARCH_CHARACTERS = 2048
const MOST_HOSTNAME_CHARACTERS = 64
const RESTART_POLICIES = ['Always', 'OnFailure', 'Never']
const PREEMPTION_POLICIES = ['PreemptLowerPriority', 'Never']
const SYSTEMS = ['linux', 'windows']
const NAMES = ['serviceAccountName', 'nodeName'] as const
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

/** What the spec is part of: a pod has a name, a template has none. */
export interface PodSpecOwner {
  readonly podName: string
  readonly isPod: boolean
}

/** The specs that were found to be right, each with the name of its pod, which its claims have. */
const validSpecs = {
  pods: new WeakMap<PodSpec, string>(),
  templates: new WeakMap<PodSpec, string>(),
}

/**
 * Objects are immutable: a spec in which nothing was wrong is not looked into again by the many
 * updates that leave it alone, such as those of a status.
 */
export function validatePodSpec(
  errors: FieldError[],
  spec: PodSpec,
  owner: PodSpecOwner,
  path: FieldPath,
): void {
  const valid = owner.isPod ? validSpecs.pods : validSpecs.templates
  if (valid.get(spec) === owner.podName) return
  const before = errors.length
  validateWholeSpec(errors, spec, owner, path)
  if (errors.length === before) valid.set(spec, owner.podName)
}

function validateWholeSpec(
  errors: FieldError[],
  spec: PodSpec,
  owner: PodSpecOwner,
  path: FieldPath,
): void {
  const { volumes = [], resourceClaims, nodeSelector, affinity, readinessGates } = spec
  const { schedulingGates, topologySpreadConstraints: spread, tolerations, hostAliases } = spec
  const valid = validateVolumes(errors, volumes, owner.podName, path.child('volumes'))
  if (resourceClaims) validateResourceClaims(errors, resourceClaims, path.child('resourceClaims'))
  validateContainers(errors, spec, valid, path.child('containers'))
  validateInitContainers(errors, spec, valid, path.child('initContainers'))
  validateEphemeralContainers(errors, spec, valid, path.child('ephemeralContainers'))
  validateWholePodResources(errors, spec, path.child('resources'))
  validateHostNetworkPorts(errors, spec, owner.isPod, path.child('containers'))
  errors.push(...validateOneOf(spec.restartPolicy, RESTART_POLICIES, path.child('restartPolicy')))
  errors.push(...validateOneOf(spec.dnsPolicy, DNS_POLICIES, path.child('dnsPolicy')))
  if (nodeSelector) validateLabels(errors, nodeSelector, path.child('nodeSelector'))
  validatePodSecurityContext(errors, spec, path.child('securityContext'))
  if (affinity) validateAffinity(errors, affinity, path.child('affinity'))
  if (spec.dnsConfig !== undefined || spec.dnsPolicy === 'None') {
    validateDnsConfig(errors, spec, path.child('dnsConfig'))
  }
  if (readinessGates) validateReadinessGates(errors, readinessGates, path.child('readinessGates'))
  if (schedulingGates) {
    validateSchedulingGates(errors, schedulingGates, path.child('schedulingGates'))
  }
  if (spread) validateTopologySpread(errors, spread, path.child('topologySpreadConstraints'))
  validateHostProcesses(errors, spec, path)
  validateHostUsers(errors, spec, path)
  validateHostnameOverride(errors, spec, path.child('hostnameOverride'))
  validateNames(errors, spec, path)
  validateDeadline(errors, spec, path)
  if (tolerations) validateTolerations(errors, tolerations, path.child('tolerations'))
  if (hostAliases) validateHostAliases(errors, hostAliases, path.child('hostAliases'))
  validateRest(errors, spec, path)
  if (spec.schedulingGroup !== undefined) validateSchedulingGroup(errors, spec, path)
  validateFileKeyVolumes(errors, spec, path)
}

function validateReadinessGates(
  errors: FieldError[],
  gates: NonNullable<PodSpec['readinessGates']>,
  path: FieldPath,
): void {
  for (const [index, { conditionType }] of gates.entries()) {
    const typePath = path.index(index).child('conditionType')
    errors.push(...validateQualifiedName(conditionType, typePath))
  }
}

function validateNames(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  for (const name of NAMES) {
    const value = spec[name] ?? ''
    if (value === '') continue
    errors.push(...invalids(path.child(name), value, subdomainNameErrors(value, false)))
  }
  if (spec.hostname) errors.push(...validateDnsLabel(spec.hostname, path.child('hostname')))
  if (spec.subdomain) errors.push(...validateDnsLabel(spec.subdomain, path.child('subdomain')))
}

function validateDeadline(
  errors: FieldError[],
  { activeDeadlineSeconds: value }: PodSpec,
  path: FieldPath,
): void {
  if (value === undefined) return
  const reasons = rangeErrors(value, 1, MAX_INT32)
  errors.push(...invalids(path.child('activeDeadlineSeconds'), value, reasons))
}

/** A group has one name at present: others may follow. */
function validateSchedulingGroup(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  const namePath = path.child('schedulingGroup', 'podGroupName')
  const name = spec.schedulingGroup?.podGroupName
  if (name === undefined)
    errors.push(invalid(namePath, null, 'must specify one of: `podGroupName`'))
  else errors.push(...invalids(namePath, name, subdomainNameErrors(name, false)))
}

function validateRest(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  const { priorityClassName = '', runtimeClassName, preemptionPolicy, overhead, os } = spec
  if (priorityClassName !== '') {
    const reasons = subdomainNameErrors(priorityClassName, false)
    errors.push(...invalids(path.child('priorityClassName'), priorityClassName, reasons))
  }
  if (runtimeClassName !== undefined) {
    errors.push(...validateDnsSubdomain(runtimeClassName, path.child('runtimeClassName')))
  }
  if (preemptionPolicy !== undefined) {
    const policyPath = path.child('preemptionPolicy')
    errors.push(...validateOneOf(preemptionPolicy, PREEMPTION_POLICIES, policyPath))
  }
  for (const name in overhead) {
    const limitPath = path.child('overhead', 'limits').key(name)
    validateResourceName(errors, name, limitPath)
    validateQuantity(errors, name, overhead[name] as string, limitPath)
  }
  if (os?.name === 'linux' || os?.name === 'windows') {
    validateForSystem(errors, spec, os.name, path)
  } else if (os?.name) errors.push(...validateOneOf(os.name, SYSTEMS, path.child('os')))
  else if (os !== undefined) errors.push(required(path.child('os', 'name')))
}

function validateWholePodResources(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  const { resources, os } = spec
  if (resources === undefined) return
  if (os?.name === 'windows') {
    errors.push(forbidden(path, 'may not be set for a windows pod'))
    return
  }
  if (resources.claims !== undefined) {
    errors.push(forbidden(path.child('claims'), 'claims may not be set for Resources at pod-level'))
  }
  validatePodResources(errors, resources, path)
}

/** On the node's network a container's port is the node's. */
function validateHostNetworkPorts(
  errors: FieldError[],
  { hostNetwork, containers }: PodSpec,
  isPod: boolean,
  path: FieldPath,
): void {
  if (hostNetwork !== true) return
  for (const [index, { ports = [] }] of containers.entries()) {
    for (const [place, { hostPort = 0, containerPort }] of ports.entries()) {
      if (hostPort === containerPort || (!isPod && hostPort === 0)) continue
      const portPath = path.index(index).child('ports').index(place).child('hostPort')
      const why = 'must match `containerPort` when `hostNetwork` is true'
      errors.push(invalid(portPath, hostPort, why))
    }
  }
}

function validateDnsConfig(
  errors: FieldError[],
  { dnsPolicy, dnsConfig }: PodSpec,
  path: FieldPath,
): void {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {}
  if (dnsPolicy === 'None' && dnsConfig === undefined) {
    errors.push(required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'))
    return
  }
  if (dnsPolicy === 'None' && nameservers.length === 0) {
    const why = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
    errors.push(required(path.child('nameservers'), why))
    return
  }
  const serversPath = path.child('nameservers')
  if (nameservers.length > MOST_NAMESERVERS) {
    errors.push(
      invalid(serversPath, nameservers, `must not have more than ${MOST_NAMESERVERS} nameservers`),
    )
  }
  for (const [index, server] of nameservers.entries()) {
    errors.push(...validateIp(server, serversPath.index(index)))
  }
  const searchesPath = path.child('searches')
  if (searches.length > MOST_SEARCHES) {
    errors.push(
      invalid(searchesPath, searches, `must not have more than ${MOST_SEARCHES} search paths`),
    )
  }
  if (searches.join(' ').length > MOST_SEARCH_CHARACTERS) {
    const most = `must not have more than ${MOST_SEARCH_CHARACTERS} characters`
    errors.push(invalid(searchesPath, searches, `${most} (including spaces) in the search list`))
  }
  for (const [index, search] of searches.entries()) {
    if (search === '.') continue
    const domain = search.replace(/\.$/, '')
    const reasons = dns1123SubdomainWithUnderscoreErrors(domain)
    errors.push(...invalids(searchesPath.index(index), domain, reasons))
  }
  for (const [index, { name = '' }] of options.entries()) {
    if (name === '') errors.push(required(path.child('options').index(index), 'must not be empty'))
  }
}

function validateHostnameOverride(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  const { hostnameOverride, setHostnameAsFQDN, hostNetwork } = spec
  if (hostnameOverride === undefined) return
  if (setHostnameAsFQDN === true) {
    errors.push(forbidden(path, 'may not be specified when setHostnameAsFQDN is true'))
  }
  if (hostNetwork === true)
    errors.push(forbidden(path, 'may not be specified when hostNetwork is true'))
  if (hostnameOverride.length > MOST_HOSTNAME_CHARACTERS) {
    errors.push(tooLong(path, MOST_HOSTNAME_CHARACTERS))
  }
  errors.push(...validateDnsSubdomain(hostnameOverride, path))
}

function validateHostAliases(
  errors: FieldError[],
  aliases: NonNullable<PodSpec['hostAliases']>,
  path: FieldPath,
): void {
  for (const [index, { ip, hostnames = [] }] of aliases.entries()) {
    errors.push(...validateIp(ip, path.index(index).child('ip')))
    for (const [place, hostname] of hostnames.entries()) {
      errors.push(
        ...validateDnsSubdomain(hostname, path.index(index).child('hostnames').index(place)),
      )
    }
  }
}

function validateResourceClaims(
  errors: FieldError[],
  claims: readonly PodResourceClaim[],
  path: FieldPath,
): void {
  const names = new Set<string>()
  for (const [index, claim] of claims.entries()) {
    const { name, resourceClaimName, resourceClaimTemplateName } = claim
    const itemPath = path.index(index)
    if (name === '') errors.push(required(itemPath.child('name')))
    else if (names.has(name)) errors.push(duplicate(itemPath.child('name'), name))
    else errors.push(...validateDnsLabel(name, itemPath.child('name')))
    names.add(name)
    const fields = '`resourceClaimName` or `resourceClaimTemplateName`'
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      errors.push(invalid(itemPath, claim, `at most one of ${fields} may be specified`))
    }
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      const why = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'
      errors.push(invalid(itemPath, claim, why))
    }
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName'] as const) {
      const value = claim[field]
      if (value === undefined) continue
      errors.push(...invalids(itemPath.child(field), value, subdomainNameErrors(value, false)))
    }
  }
}

/** A file of variables must be in an empty directory, which an init container has filled. */
function validateFileKeyVolumes(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [index, { env = [] }] of (spec[list] ?? []).entries()) {
      for (const [place, { valueFrom }] of env.entries()) {
        const name = valueFrom?.fileKeyRef?.volumeName
        if (name === undefined) continue
        const envPath = path.child(list).index(index).child('env').index(place)
        const namePath = envPath.child('valueFrom', 'fileKeyRef', 'volumeName')
        const volume = spec.volumes?.find((one) => one.name === name)
        if (volume === undefined) errors.push(notFoundField(namePath, name))
        else if (volume.emptyDir === undefined) {
          errors.push(invalid(namePath, name, 'referenced volume must be of type emptyDir'))
        }
      }
    }
  }
}
