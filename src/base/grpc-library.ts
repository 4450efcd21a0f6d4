// To be imported when it is first needed: the library takes long to load. By way of this module a
// bundler keeps its names, which it loses where CommonJS is imported late directly.
export { Client, connectivityState, credentials, Metadata } from '@grpc/grpc-js'
