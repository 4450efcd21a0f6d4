// To be imported when it is first needed; see base/grpc-library.ts for why not directly.
export { extract, pack } from 'tar-stream'
