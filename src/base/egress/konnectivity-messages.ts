import { bytes, exactInt64, message, one, oneOf, string } from '../protobuf/message.ts'

/*
 * The protocol of Kubernetes' network proxy (konnectivity-client, client.proto): packets of many
 * connections on one stream, which knows them by the id that the proxy gives them.
 */

const dialRequest = message('DialRequest', {
  protocol: string(1),
  address: string(2),
  random: exactInt64(3),
})

const dialResponse = message('DialResponse', {
  error: string(1),
  connectID: exactInt64(2),
  random: exactInt64(3),
})

const closeRequest = message('CloseRequest', { connectID: exactInt64(1) })
const closeResponse = message('CloseResponse', { error: string(1), connectID: exactInt64(2) })
const closeDial = message('CloseDial', { random: exactInt64(1) })
const data = message('Data', { connectID: exactInt64(1), error: string(2), data: bytes(3) })

export const packet = message('Packet', {
  type: oneOf(1, ['DIAL_REQ', 'DIAL_RSP', 'CLOSE_REQ', 'CLOSE_RSP', 'DATA', 'DIAL_CLS', 'DRAIN']),
  dialRequest: one(2, dialRequest),
  dialResponse: one(3, dialResponse),
  data: one(4, data),
  closeRequest: one(5, closeRequest),
  closeResponse: one(6, closeResponse),
  closeDial: one(7, closeDial),
})
