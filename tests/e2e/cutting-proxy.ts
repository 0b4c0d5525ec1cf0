/** A network that ends every connection after a random number of bytes sent up. */
import { connect, createServer, type Socket } from 'node:net'

export type CuttingProxy = {
  readonly url: string
  cuts: number
  /** Carried up while it cuts, questions and headers too. What lies behind a cut never left the tablet's side. */
  bytesUp: number
  isCutting: boolean
  close(): Promise<void>
}

/** `most`: no connection carries more than this upwards; most end sooner. */
export async function startCuttingProxy(target: string, { most }: { readonly most: number }): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => open.delete(socket))
    }
    // Not less than a question takes: values and questions must come through now and then.
    let left = 4_000 + Math.random() * most
    near.on('data', (bytes: Buffer) => {
      if (proxy.isCutting) {
        proxy.bytesUp += Math.min(bytes.length, Math.max(0, left))
        left -= bytes.length
      }
      if (left > 0) return void far.write(bytes)
      proxy.cuts += 1
      // What came before the cut goes through.
      far.end(bytes.subarray(0, Math.max(0, bytes.length + left)), () => near.destroy())
      setTimeout(() => far.destroy(), 50)
    })
    far.pipe(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const proxy: CuttingProxy = {
    url: `http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}`,
    cuts: 0,
    bytesUp: 0,
    isCutting: false,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy()
        server.close(() => resolve())
      }),
  }
  return proxy
}
