export const image = { image: 'busybox', imagePullPolicy: 'IfNotPresent' } as const
export const idle = { name: 'main', command: ['sleep', '1000'], ...image } as const
export const shell = (script: string) => ({ name: 'main', command: ['sh', '-c', script], ...image })
export const metadata = (name: string) => ({ name, namespace: 'default' })
