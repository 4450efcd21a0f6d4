import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { type Clock, deadline } from '../base/clock.ts'
import type { Forward } from './dns-server.ts'

const TIMEOUT_MS = 2_000

/** The name servers of a resolv.conf, in its order. */
export function parseNameServers(resolvConf: string): string[] {
  return resolvConf
    .split('\n')
    .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1])
    .filter((address) => address !== undefined)
}

/**
 * Asks the name servers in turn until one answers. `isOwn` names the addresses of the cluster's own
 * name server: a machine that resolves through it would send the question round for ever.
 */
export function forwardTo(
  servers: () => Promise<readonly string[]>,
  isOwn: (address: string) => boolean,
  clock: Clock,
): Forward {
  return async (query, isTcp) => {
    let failure: unknown = new Error('no name server to ask')
    for (const server of (await servers()).filter((address) => !isOwn(address))) {
      try {
        const ask = isTcp ? askByTcp : askByUdp
        return await ask(query, server, clock)
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }
}

async function askByUdp(query: Uint8Array, server: string, clock: Clock): Promise<Uint8Array> {
  const socket = createSocket(server.includes(':') ? 'udp6' : 'udp4')
  const answer = new Promise<Uint8Array>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', (message) => {
      // Somebody who only guesses must at least guess the id.
      if (message[0] === query[0] && message[1] === query[1]) resolve(message)
    })
    socket.connect(53, server, () => socket.send(query))
  })
  try {
    return await deadline(clock, TIMEOUT_MS, `name server ${server} did not answer`, answer)
  } finally {
    socket.close()
  }
}

async function askByTcp(query: Uint8Array, server: string, clock: Clock): Promise<Uint8Array> {
  const socket = connect(53, server)
  const answer = new Promise<Uint8Array>((resolve, reject) => {
    let received = Buffer.alloc(0)
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      const message = takeMessage(received)
      if (message !== undefined) resolve(message)
    })
    socket.on('close', () => reject(new Error(`name server ${server} closed the connection`)))
    socket.write(frame(query))
  })
  try {
    return await deadline(clock, TIMEOUT_MS, `name server ${server} did not answer`, answer)
  } finally {
    socket.destroy()
  }
}

/** A message as it travels over TCP: its length in two bytes, then itself. */
export function frame(message: Uint8Array): Uint8Array {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

/** The first whole message of what has arrived over TCP; undefined while it is not complete. */
export function takeMessage(received: Buffer): Buffer | undefined {
  if (received.length < 2) return undefined
  const end = 2 + received.readUInt16BE(0)
  return received.length < end ? undefined : received.subarray(2, end)
}
