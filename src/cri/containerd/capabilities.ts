/** The bits of a capability set that decide what containers can be run. */
export const CAP_NET_ADMIN = 12
export const CAP_SYS_ADMIN = 21
export const CAP_SYS_RESOURCE = 24

/** Whether a process, whose /proc/PID/status is given, may do what a capability stands for. */
export function hasCapability(processStatus: string, bit: number): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(processStatus)?.[1]
  return effective !== undefined && ((BigInt(`0x${effective}`) >> BigInt(bit)) & 1n) === 1n
}
