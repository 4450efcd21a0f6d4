import { qualifiedNameErrors } from '../../../machinery/names.ts'

const HUGE_PAGES = 'hugepages-'
const COUNTED = [
  ...['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps'],
  ...['persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers'],
]
const CONTAINER_RESOURCES = ['cpu', 'memory', 'ephemeral-storage']
const STANDARD = [
  ...COUNTED,
  ...CONTAINER_RESOURCES,
  ...CONTAINER_RESOURCES.map((name) => `requests.${name}`),
  ...CONTAINER_RESOURCES.map((name) => `limits.${name}`),
  ...['storage', 'requests.storage'],
]

export function isHugePages(name: string): boolean {
  return name.startsWith(HUGE_PAGES)
}

/** Resources that Kubernetes itself defines; all others are of a vendor. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/')
}

/** A vendor's resource, counted in whole units. */
export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false
  return qualifiedNameErrors(`requests.${name}`).length === 0
}

/** Whether more may be promised than there is. */
export function isOvercommitAllowed(name: string): boolean {
  return isNativeResource(name) && !isHugePages(name)
}

export function isStandardResource(name: string): boolean {
  return (
    STANDARD.includes(name) || isHugePages(name) || isHugePages(name.replace(/^requests\./, ''))
  )
}

export function isContainerResource(name: string): boolean {
  return CONTAINER_RESOURCES.includes(name) || isHugePages(name)
}

/** Resources that have no fractions. */
export function isIntegerResource(name: string): boolean {
  return COUNTED.includes(name) || isExtendedResource(name)
}

/** The size of the pages, as text: `hugepages-2Mi` has `2Mi`. */
export function hugePageSizeOf(name: string): string {
  return name.slice(HUGE_PAGES.length)
}
