import type { HttpAnswer, ProbeNetwork } from './probe-network.ts'

/**
 * The network of simulated pods, whose addresses nobody has: every probe succeeds, and nothing is
 * sent, since a machine with such an address would be somebody else's.
 */
export class SimulatedProbeNetwork implements ProbeNetwork {
  async http(): Promise<HttpAnswer> {
    return { status: 200, body: '' }
  }

  async tcp(): Promise<void> {}

  async grpc(): Promise<string> {
    return 'SERVING'
  }
}
