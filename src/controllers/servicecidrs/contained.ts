import { BlockList, isIP } from 'node:net'

/** Whether an address is of a range. */
export function containsAddress(cidr: string, address: string): boolean {
  const [base = '', bits = ''] = cidr.split('/')
  const version = isIP(base)
  if (version === 0 || isIP(address) !== version) return false
  const family = version === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(base, Number(bits), family)
  return list.check(address, family)
}

/** Whether all addresses of the second range are of the first one too. */
export function containsRange(cidr: string, inner: string): boolean {
  const [base = '', bits = ''] = inner.split('/')
  return Number(cidr.split('/')[1]) <= Number(bits) && containsAddress(cidr, base)
}
